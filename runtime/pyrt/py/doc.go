// Package py is Python's semantics (3.11) in Go, for functions that were Python: what Go does otherwise, with CPython's results
// and CPython's error messages. Its packages re and unicodedata are Python's modules of these names.
//
// # Values
//
// A str is a Go string (UTF-8, no lone surrogates), an int an int64, a float a float64, bytes []byte, a list a Go slice; where
// the type is only known at run time, it is any:
//
//	None nil · bool bool · int int64, or *big.Int beyond it · float float64 · str string · bytes []byte
//	tuple py.Tuple · list []any · dict *py.AnyDict · set *py.AnySet · frozenset *py.AnyFrozenSet · exception *py.Exception
//	date py.Date · time py.Time · datetime py.DateTime · timedelta py.TimeDelta · Decimal py.Decimal
//
// A datetime or time is naive or has a datetime.timezone, a fixed offset ([Zone]); with another tzinfo it is no value.
//
// # Errors
//
// What raises in Python returns an error here: an [*Exception] with class and args. [Except] is the except clause.
// Two errors are none of Python's: [ErrOverflow] for an int beyond int64 and [ErrUnsupported]. A native function returns them as
// they are; its guard then calls the original.
//
//	def share(total, parts):                     func share(total, parts int64) (int64, error) {
//	    return total // parts + 1                    n, err := py.FloorDiv(total, parts)
//	                                                 if err != nil {
//	                                                     return 0, err // ZeroDivisionError
//	                                                 }
//	                                                 return py.Add(n, 1)
//	                                             }
//
// An int is not made big here: the checked operations ([Add], [Mul], [Pow] …) report what leaves int64, at about a
// nanosecond each, and the guard lets Python go on. Where big ints are the point of a function, use math/big with
// [ParseBigInt], [BigDivMod] and [Int]. Counters and indices that cannot leave int64 need no checked operation: write i + 1.
//
// # Strings
//
// Indices count code points in Python and bytes in Go. Where Python only moves pieces around, use Go's package strings on bytes;
// where an index is a result or an argument, use [Find], [At], [Slice], [Len]. [Strip], [SplitSpace], [SplitLines], [Lower],
// [Upper], [Title] and the Is… functions differ from Go's; equality and order of strings are the same in both.
//
//	s[1:-1]                  py.Slice(s, 1, -1)
//	s[:n]                    py.Slice(s, py.From, n)
//	s.split()                py.SplitSpace(s, -1)
//	s.split(",", 1)          strings.SplitN(s, ",", 2)
//	"%5.1f%%" % x            text, err := py.Percent("%5.1f%%", x)
//	f"{x!r:>10}"             text, err := py.Format(py.Repr(x), ">10")
//
// # Differences from CPython that remain
//
// Sets iterate in the order of insertion. Lone surrogates, complex numbers and codecs other than those of [Encode] are
// ErrUnsupported, as are attributes in str.format ({0.real}). A float has no identity: a NaN within a list, tuple or dict is
// never equal to another, and always the same as a key within a tuple. Writing an int of more than 4300 digits is no error
// (reading one is). What does not fit into memory is no MemoryError. See package re for its own.
package py
