package py_test

import (
	"math/rand"
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
)

type (
	args = []any
	gen  = func(r *rand.Rand) []any
)

func str(a any) string  { return a.(string) }
func num(a any) int     { return int(a.(int64)) }
func i64(a any) int64   { return a.(int64) }
func flt(a any) float64 { return a.(float64) }
func raw(a any) []byte  { return a.([]byte) }

func pure(f func(args) any) func(args) (any, error) {
	return func(a args) (any, error) { return f(a), nil }
}

func oneString(r *rand.Rand) []any { return args{differ.String(r, 12)} }

// text gives a short string over few letters, so that searches find something.
func text(r *rand.Rand, most int) string { return differ.From(r, "aab é\t,💩\n", most) }

func bound(r *rand.Rand) *int {
	if r.Intn(4) == 0 {
		return nil
	}
	return py.P(r.Intn(25) - 12)
}

func boundValue(b any) *int {
	if b == nil {
		return nil
	}
	return py.P(num(b))
}

func orNone(b *int) any {
	if b == nil {
		return nil
	}
	return int64(*b)
}

// stringCase is a method of str without arguments.
func stringCase(name string, f func(string) any) differ.Case {
	return differ.Case{Name: name, Python: "lambda s: s." + name + "()", Go: pure(func(a args) any { return f(str(a[0])) }),
		Args: oneString}
}

func stringCases() []differ.Case {
	window := func(r *rand.Rand) []any {
		end := differ.Small(r)
		if r.Intn(3) == 0 {
			end = int64(py.To)
		}
		return args{text(r, 8), text(r, 2), differ.Small(r), end}
	}
	split := func(r *rand.Rand) []any { return args{text(r, 10), text(r, 2), int64(r.Intn(6) - 1)} }
	space := func(r *rand.Rand) []any {
		return args{differ.From(r, "a b\t\u00a0\u2003\x1cé\n", 12), int64(r.Intn(5) - 1)}
	}
	chars := func(r *rand.Rand) []any { return args{text(r, 8), text(r, 3)} }
	width := func(r *rand.Rand) []any { return args{differ.String(r, 6), int64(r.Intn(14)), string(differ.Rune(r))} }
	fill := func(a any) rune { return []rune(str(a))[0] }
	return []differ.Case{
		stringCase("lower", func(s string) any { return py.Lower(s) }),
		stringCase("upper", func(s string) any { return py.Upper(s) }),
		stringCase("title", func(s string) any { return py.Title(s) }),
		stringCase("capitalize", func(s string) any { return py.Capitalize(s) }),
		stringCase("swapcase", func(s string) any { return py.SwapCase(s) }),
		stringCase("casefold", func(s string) any { return py.Casefold(s) }),
		stringCase("isalpha", func(s string) any { return py.IsAlpha(s) }),
		stringCase("isdecimal", func(s string) any { return py.IsDecimal(s) }),
		stringCase("isdigit", func(s string) any { return py.IsDigit(s) }),
		stringCase("isnumeric", func(s string) any { return py.IsNumeric(s) }),
		stringCase("isalnum", func(s string) any { return py.IsAlnum(s) }),
		stringCase("isspace", func(s string) any { return py.IsSpace(s) }),
		stringCase("isprintable", func(s string) any { return py.IsPrintable(s) }),
		stringCase("isidentifier", func(s string) any { return py.IsIdentifier(s) }),
		stringCase("islower", func(s string) any { return py.IsLower(s) }),
		stringCase("isupper", func(s string) any { return py.IsUpper(s) }),
		stringCase("istitle", func(s string) any { return py.IsTitle(s) }),
		stringCase("isascii", func(s string) any { return py.IsASCII(s) }),
		stringCase("strip", func(s string) any { return py.Strip(s) }),
		stringCase("lstrip", func(s string) any { return py.LStrip(s) }),
		stringCase("rstrip", func(s string) any { return py.RStrip(s) }),
		stringCase("split", func(s string) any { return py.SplitSpace(s, -1) }),
		{Name: "charclass", Python: "lambda s: (s.isalpha(), s.isspace(), s.isalnum(), s.isidentifier(), s.isprintable(), s.istitle(), s.upper(), s.lower(), s.casefold(), s.title())",
			Go: pure(func(a args) any {
				s := str(a[0])
				return py.Tuple{py.IsAlpha(s), py.IsSpace(s), py.IsAlnum(s), py.IsIdentifier(s), py.IsPrintable(s), py.IsTitle(s),
					py.Upper(s), py.Lower(s), py.Casefold(s), py.Title(s)}
			}), Args: func(r *rand.Rand) []any { return args{string(differ.Rune(r))} }},
		{Name: "splitlines", Python: "lambda s, k: s.splitlines(k)",
			Go: pure(func(a args) any { return py.SplitLines(str(a[0]), a[1].(bool)) }),
			Args: func(r *rand.Rand) []any {
				return args{differ.From(r, "a\r\n\v\f\x1c\x1d\x1e\x1f\u0085\u2028\u2029é", 12), r.Intn(2) == 0}
			}},
		{Name: "splitspace", Python: "lambda s, n: s.split(None, n)", Go: pure(func(a args) any { return py.SplitSpace(str(a[0]), num(a[1])) }), Args: space},
		{Name: "rsplitspace", Python: "lambda s, n: s.rsplit(None, n)", Go: pure(func(a args) any { return py.RSplitSpace(str(a[0]), num(a[1])) }), Args: space},
		{Name: "splitsep", Python: "lambda s, x, n: s.split(x, n)", Go: func(a args) (any, error) { return py.Split(str(a[0]), str(a[1]), num(a[2])) }, Args: split},
		{Name: "rsplitsep", Python: "lambda s, x, n: s.rsplit(x, n)", Go: func(a args) (any, error) { return py.RSplit(str(a[0]), str(a[1]), num(a[2])) }, Args: split},
		{Name: "replace", Python: "lambda s, a, b, n: s.replace(a, b, n)",
			Go:   pure(func(a args) any { return py.Replace(str(a[0]), str(a[1]), str(a[2]), num(a[3])) }),
			Args: func(r *rand.Rand) []any { return args{text(r, 8), text(r, 2), text(r, 2), int64(r.Intn(5) - 1)} }},
		{Name: "find", Python: "lambda s, t, a, b: (s.find(t, a, b), s.rfind(t, a, b), s.count(t, a, b), s.startswith(t, a, b), s.endswith(t, a, b), s.find(t), s.rfind(t))",
			Go: pure(func(a args) any {
				s, t, from, to := str(a[0]), str(a[1]), num(a[2]), num(a[3])
				return py.Tuple{py.FindIn(s, t, from, to), py.RFindIn(s, t, from, to), py.CountIn(s, t, from, to),
					py.StartsWithIn(s, from, to, t), py.EndsWithIn(s, from, to, t), py.Find(s, t), py.RFind(s, t)}
			}), Args: window},
		{Name: "index", Python: "lambda s, t, a, b: s.index(t, a, b)", Go: func(a args) (any, error) { return py.IndexOf(str(a[0]), str(a[1]), num(a[2]), num(a[3])) }, Args: window},
		{Name: "rindex", Python: "lambda s, t, a, b: s.rindex(t, a, b)", Go: func(a args) (any, error) { return py.RIndexOf(str(a[0]), str(a[1]), num(a[2]), num(a[3])) }, Args: window},
		{Name: "at", Python: "lambda s, i: s[i]", Go: func(a args) (any, error) { return py.Index(str(a[0]), num(a[1])) },
			Args: func(r *rand.Rand) []any { return args{text(r, 8), differ.Small(r)} }},
		{Name: "slice", Python: "lambda s, a, b: s[a:b]", Go: pure(func(a args) any { return py.Slice(str(a[0]), num(a[1]), num(a[2])) }),
			Args: func(r *rand.Rand) []any { w := window(r); return args{w[0], w[2], w[3]} }},
		{Name: "slicestep", Python: "lambda s, a, b, c: s[a:b:c]", Go: func(a args) (any, error) {
			return py.SliceStep(str(a[0]), boundValue(a[1]), boundValue(a[2]), num(a[3]))
		}, Args: func(r *rand.Rand) []any {
			return args{text(r, 10), orNone(bound(r)), orNone(bound(r)), int64(r.Intn(9) - 4)}
		}},
		{Name: "stripchars", Python: "lambda s, c: (s.strip(c), s.lstrip(c), s.rstrip(c), s.removeprefix(c), s.removesuffix(c))", Go: pure(func(a args) any {
			s, c := str(a[0]), str(a[1])
			return py.Tuple{py.StripChars(s, c), py.LStripChars(s, c), py.RStripChars(s, c), py.RemovePrefix(s, c), py.RemoveSuffix(s, c)}
		}), Args: chars},
		{Name: "partition", Python: "lambda s, c: s.partition(c) + s.rpartition(c)", Go: func(a args) (any, error) {
			x, y, z, err := py.Partition(str(a[0]), str(a[1]))
			if err != nil {
				return nil, err
			}
			u, v, w, err := py.RPartition(str(a[0]), str(a[1]))
			return py.Tuple{x, y, z, u, v, w}, err
		}, Args: chars},
		{Name: "pad", Python: "lambda s, w, c: (s.zfill(w), s.center(w, c), s.ljust(w, c), s.rjust(w, c))", Go: pure(func(a args) any {
			s, w, c := str(a[0]), num(a[1]), fill(a[2])
			return py.Tuple{py.ZFill(s, w), py.Center(s, w, c), py.LJust(s, w, c), py.RJust(s, w, c)}
		}), Args: width},
		{Name: "zfill", Python: "lambda s, w: s.zfill(w)", Go: pure(func(a args) any { return py.ZFill(str(a[0]), num(a[1])) }),
			Args: func(r *rand.Rand) []any { return args{differ.From(r, "+-01", 5), int64(r.Intn(9))} }},
		{Name: "expandtabs", Python: "lambda s, n: s.expandtabs(n)", Go: pure(func(a args) any { return py.ExpandTabs(str(a[0]), num(a[1])) }),
			Args: func(r *rand.Rand) []any { return args{differ.From(r, "ab\t\t\n\ré", 14), int64(r.Intn(11) - 1)} }},
		{Name: "translate", Python: "lambda s, a, b, d: s.translate(str.maketrans(a, b, d))", Go: func(a args) (any, error) {
			table, err := py.MakeTrans(str(a[1]), str(a[2]), str(a[3]))
			return py.Translate(str(a[0]), table), err
		}, Args: func(r *rand.Rand) []any { return args{text(r, 10), text(r, 2), text(r, 2), text(r, 1)} }},
		{Name: "repr", Python: "lambda s: (repr(s), ascii(s))", Go: pure(func(a args) any { return py.Tuple{py.Repr(a[0]), py.ASCII(a[0])} }), Args: oneString},
		{Name: "chr", Python: "lambda n: (chr(n), ord(chr(n)))", Go: func(a args) (any, error) {
			s, err := py.Chr(i64(a[0]))
			if err != nil {
				return nil, err
			}
			c, err := py.Ord(s)
			return py.Tuple{s, int64(c)}, err
		}, Args: func(r *rand.Rand) []any { return args{int64(r.Intn(0x112000) - 0x1000)} }},
	}
}

func TestDifferStrings(t *testing.T) { differ.Run(t, stringCases()) }

func codecCases() []differ.Case {
	encodings := []string{"utf-8", "utf8", "UTF_8", "ascii", "latin-1", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"}
	handlers := []string{"strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace"}
	return []differ.Case{
		{Name: "encode", Python: "lambda s, e, h: s.encode(e, h)", Go: func(a args) (any, error) { return py.Encode(str(a[0]), str(a[1]), str(a[2])) },
			Args: func(r *rand.Rand) []any {
				return args{differ.String(r, 8), encodings[r.Intn(len(encodings))], handlers[r.Intn(len(handlers))]}
			}},
		{Name: "decode", Python: "lambda s, e, h: s.decode(e, h)", Go: func(a args) (any, error) { return py.Decode(raw(a[0]), str(a[1]), str(a[2])) },
			Args: func(r *rand.Rand) []any {
				b := []byte(differ.String(r, 5))
				for i := range b {
					switch r.Intn(6) {
					case 0:
						b[i] = byte(r.Intn(256))
					case 1:
						b[i] = []byte{0xED, 0xA0, 0xF0, 0xF4, 0x90, 0xE0, 0x80, 0xC0, 0xC2, 0xF5, 0xD8, 0xDC, 0xFF, 0xFE, 0xEF, 0xBB, 0xBF}[r.Intn(17)]
					}
				}
				return args{b[:r.Intn(len(b)+1)], encodings[r.Intn(len(encodings))], handlers[r.Intn(len(handlers))]}
			}},
		{Name: "decodeerror", Python: "lambda s: str(s)", Go: pure(func(a args) any { return py.Str(a[0]) }),
			Args: func(r *rand.Rand) []any { return args{differ.Value(r, 2)} }},
	}
}

func TestDifferCodecs(t *testing.T) { differ.Run(t, codecCases()) }
