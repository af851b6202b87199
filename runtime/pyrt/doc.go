// Package pyrt runs the Python inside converted packages: one CPython in the process serves them all.
//
// A program imports converted packages and calls them as Go. It needs this package for what a call gives and takes:
//
//	query, err := pyrt.Str(sqlparse.Format("select 1", sqlparse.FormatOptions{
//		Kwargs: pyrt.Kwargs{"reindent": true, "keyword_case": "upper"},
//	}))
//
//	statements, err := sqlparse.Parse(query)
//	for token, err := range pyrt.Iter(pyrt.Item(statements, 0)) { … }
//
//	if errors.Is(err, exceptions.ValidationErrorClass) { … } // along Python's class hierarchy
//	var raised *pyrt.Error
//	if errors.As(err, &raised) { log.Printf("%+v", raised) } // with the Python traceback
//
// # Values
//
// Values of exactly these Python types are copied; everything else, their subclasses too, is a handle.
//
//	Python          to Go               from Go, also
//	None            nil                 None; nil pointers
//	bool            bool
//	int             int64, *big.Int     every integer type
//	float           float64             float32
//	str             string              every string type; it must be UTF-8
//	bytes           []byte
//	list            []any               every slice and array; nil slices are empty lists
//	tuple           Tuple
//	dict            Dict (in order)     every map, in the order of its keys
//	set             *py.AnySet          of such values alone, else a handle
//	frozenset       *py.AnyFrozenSet    of such values alone, else a handle
//	date            py.Date             exactly datetime.date; a datetime is none
//	datetime, time  py.DateTime, Time   naive or with a datetime.timezone; with another tzinfo a handle
//	timedelta       py.TimeDelta
//	Decimal         py.Decimal          by value: 1.0 is not 1.00
//	function        *Object             every Go function (see Callback)
//	exception       as anything else    every error
//	anything else   *Object, or the Go type of the nearest class on its MRO that is linked in
//
// A str with lone surrogates comes as a handle, and so does a list, tuple or dict that contains itself, from there on.
// Copies of lists, dicts and sets are copies: to change one in place, hold it as an [Object] (see [NewObject], [Object.GetObject]).
//
// [Str], [Int], [Float], [Bool], [Bytes], [List] and [To] wrap a call and give its result as a Go type; those convert
// subclasses as well. [Call], [CallMethod], [Get], [Set], [Item], [Iter], [With], [Await] and [Import] reach what has no Go name.
//
// In the options of a generated function nil means "not given"; [None] is None.
//
// # Goroutines and threads
//
// Any number of goroutines may call at once; Python code runs one at a time (the GIL), and goroutines that wait for it hold
// no processor. Goroutines move between threads, so two calls may see two Python threads: what depends on threading.local
// or context variables belongs into one [OnThread] or [With]. None of the program's threads is Python's main thread, so
// Python installs no signal handlers: Go's stay.
//
// Go functions that Python calls run without the GIL and may call Python, block, or wait for other goroutines.
//
// # The interpreter
//
// Importing packages runs no Python. The first call looks for a CPython 3.8 or later: GOPHERSNAKE_PYTHON (a path, or a name
// on PATH), else python3 on PATH. That program is run once to say where its libpython is; the answer is kept in the cache
// folder until the program, its libpython or (for a pyenv shim) pyenv's choice changes. If Python has loaded this Go code
// into its own process, its interpreter serves; the extension must release the GIL around its calls of Go.
//
// The interpreter is isolated: no PYTHON* variable is read, no site-packages folder of the host or the user is on sys.path,
// .pth files are not run, text is UTF-8. sys.path has the standard library, the releases that the program carries,
// and what [AddPath] adds. os.environ is the process's environment as it is when the interpreter starts.
//
// The releases are unpacked once per user to gophersnake/pysrc in the user's cache folder (GOPHERSNAKE_CACHE_DIR names
// another), under the digest of their archive. Where that cannot be written, a private folder among the temporary files
// serves, and a line on standard error says so.
//
// Python objects live as long as Go holds handles: a dropped one is released some time after Go's garbage collector finds it.
//
// Nothing of Python runs when the process ends: no atexit functions, no finalizers; daemon or not, its threads end. Python's
// standard output is flushed at the end of each line and each call, so nothing is lost there.
//
// # Native functions
//
// Some functions of a converted package are Go. They need no Python for arguments that they are proved for; with others (a handle, a
// callback, an instance of a subclass, another type) the original is called, and [GuardedCalls] counts it. Their exceptions are
// [Error] too. The values of package py that they work with go to Python as what they stand for.
//
// # Limits
//
// cgo is needed; without it every call gives an error that says so. Python's os.fork, and multiprocessing's way to start
// with it, don't go with Go's runtime; its spawn and subprocess do. A Go function that Python calls must return or panic:
// it must not end its goroutine with [runtime.Goexit].
package pyrt
