package py_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
)

// key gives keys that are often equal across types.
func key(r *rand.Rand) any {
	switch r.Intn(6) {
	case 0:
		return r.Intn(2) == 0
	case 1:
		return int64(r.Intn(3))
	case 2:
		return float64(r.Intn(5)) / 2
	case 3:
		return differ.From(r, "ab", 1)
	case 4:
		return py.Tuple{key(r)}
	}
	return differ.Value(r, 1)
}

// script gives operations on a dict: (operation, key, value).
func script(r *rand.Rand) []any {
	steps := []any{}
	for i := r.Intn(30); i > 0; i-- {
		steps = append(steps, py.Tuple{[]string{"set", "set", "pop", "del", "setdefault", "get", "popitem"}[r.Intn(7)], key(r), int64(i)})
	}
	return args{steps}
}

const dictPython = `lambda steps: (lambda d: ([(d.__setitem__(k, v) if o == "set" else d.pop(k, None) if o == "pop" else d.setdefault(k, v) if o == "setdefault" else d.get(k) if o == "get" else d.popitem() if o == "popitem" else d.__delitem__(k)) for o, k, v in steps], d))({})`

func runScript(a args) (any, error) {
	d := new(py.AnyDict)
	results := []any{}
	for _, step := range a[0].([]any) {
		operation, key, value := step.(py.Tuple)[0], step.(py.Tuple)[1], step.(py.Tuple)[2]
		var result any
		var err error
		switch operation {
		case "set":
			err = d.Set(key, value)
		case "pop":
			result, _, err = d.Pop(key)
		case "del":
			err = d.Delete(key)
		case "setdefault":
			result, err = d.SetDefault(key, value)
		case "get":
			result, _, err = d.Get(key)
		case "popitem":
			var k, v any
			k, v, err = d.PopItem()
			result = py.Tuple{k, v}
		}
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return py.Tuple{results, d.Copy()}, nil
}

func ints(r *rand.Rand, most int) []any {
	items := make([]any, r.Intn(most+1))
	for i := range items {
		items[i] = int64(r.Intn(10))
	}
	return items
}

func collectionCases() []differ.Case {
	two := func(r *rand.Rand) []any {
		a := differ.Value(r, 2)
		if r.Intn(4) == 0 {
			return args{a, a}
		}
		if r.Intn(2) == 0 {
			return args{key(r), key(r)}
		}
		return args{a, differ.Value(r, 2)}
	}
	// Python finds a NaN equal to itself in containers, by identity: see the package documentation.
	hasNaN := func(a []any) bool { return strings.Contains(py.Repr(a), "nan") }
	return []differ.Case{
		{Name: "dict", Python: dictPython, Go: runScript, Args: script, Known: hasNaN},
		{Name: "equal", Python: "lambda a, b: a == b", Go: pure(func(a args) any { return py.Equal(a[0], a[1]) }), Args: two, Known: hasNaN},
		{Name: "less", Python: "lambda a, b: a < b", Go: func(a args) (any, error) { return py.Less(a[0], a[1]) }, Args: two, Known: hasNaN},
		{Name: "compare", Python: "lambda a, b: (a <= b, a > b, a >= b)", Go: func(a args) (any, error) {
			out := py.Tuple{}
			for _, operator := range []string{"<=", ">", ">="} {
				result, err := py.Compare(a[0], operator, a[1])
				if err != nil {
					return nil, err
				}
				out = append(out, result)
			}
			return out, nil
		}, Args: two, Known: hasNaN},
		{Name: "sort", Python: "lambda a, r: sorted(a, key=lambda t: t[0], reverse=r)", Go: func(a args) (any, error) {
			items := slices.Clone(a[0].([]any))
			err := py.SortAny(items, func(item any) any { return item.(py.Tuple)[0] }, a[1].(bool))
			typed := slices.Clone(a[0].([]any))
			if err == nil {
				py.SortBy(typed, func(item any) int64 { return item.(py.Tuple)[0].(int64) }, a[1].(bool))
				if py.Repr(typed) != py.Repr(items) {
					return nil, fmt.Errorf("SortBy gives %s", py.Repr(typed))
				}
			}
			return items, err
		}, Args: func(r *rand.Rand) []any {
			items := ints(r, 30)
			for i := range items {
				items[i] = py.Tuple{items[i], int64(i)}
			}
			return args{items, r.Intn(2) == 0}
		}},
		{Name: "minmax", Python: "lambda a: (min(a, key=lambda x: x % 4), max(a, key=lambda x: x % 4))", Go: func(a args) (any, error) {
			mod := func(x any) int64 { return x.(int64) % 4 }
			least, err := py.MinBy(a[0].([]any), mod)
			if err != nil {
				return nil, err
			}
			most, err := py.MaxBy(a[0].([]any), mod)
			return py.Tuple{least, most}, err
		}, Args: func(r *rand.Rand) []any { return args{ints(r, 5)} }},
		{Name: "listslice", Python: "lambda l, a, b, c: l[a:b:c]", Go: func(a args) (any, error) {
			return py.ListSlice(a[0].([]any), boundValue(a[1]), boundValue(a[2]), num(a[3]))
		}, Args: func(r *rand.Rand) []any {
			return args{ints(r, 9), orNone(bound(r)), orNone(bound(r)), int64(r.Intn(9) - 4)}
		}},
		{Name: "listreplace", Python: "lambda l, a, b, v: (l.__setitem__(slice(a, b), v), l)[1]", Go: pure(func(a args) any {
			return py.ListReplace(a[0].([]any), num(a[1]), num(a[2]), a[3].([]any))
		}), Args: func(r *rand.Rand) []any { return args{ints(r, 6), differ.Small(r), differ.Small(r), ints(r, 4)} }},
		{Name: "listreplacestep", Python: "lambda l, a, b, c, v: (l.__setitem__(slice(a, b, c), v), l)[1]", Go: func(a args) (any, error) {
			items := slices.Clone(a[0].([]any))
			err := py.ListReplaceStep(items, boundValue(a[1]), boundValue(a[2]), num(a[3]), a[4].([]any))
			return items, err
		}, Args: func(r *rand.Rand) []any {
			return args{ints(r, 6), orNone(bound(r)), orNone(bound(r)), []int64{-3, -2, -1, 2, 3, 0}[r.Intn(6)], ints(r, 3)}
		}},
		{Name: "listmethods", Python: "lambda l, i, v: (l.insert(i, v), l[i], l.index(v), l.count(v), l.pop(i), l.remove(v), l, l * 2, l[::-1])[1:]", Go: func(a args) (any, error) {
			items := py.ListInsert(slices.Clone(a[0].([]any)), num(a[1]), a[2])
			at, err := py.ListAt(items, num(a[1]))
			if err != nil {
				return nil, err
			}
			index, err := py.ListIndex(items, a[2])
			if err != nil {
				return nil, err
			}
			count := py.ListCount(items, a[2])
			popped, items, err := py.ListPop(items, num(a[1]))
			if err != nil {
				return nil, err
			}
			items, err = py.ListRemove(items, a[2])
			return py.Tuple{at, index, count, popped, nil, items, py.ListRepeat(items, 2), py.Reversed(items)}, err
		}, Args: func(r *rand.Rand) []any { return args{ints(r, 5), int64(r.Intn(11) - 5), int64(r.Intn(10))} }},
		{Name: "join", Python: "lambda s, l: s.join(l)", Go: func(a args) (any, error) { return py.Join(str(a[0]), a[1].([]any)) },
			Args: func(r *rand.Rand) []any {
				items := []any{}
				for i := r.Intn(4); i > 0; i-- {
					items = append(items, []any{"a", "é", "", int64(1), "b", "c", "d"}[r.Intn(7)])
				}
				return args{text(r, 2), items}
			}},
		{Name: "islice", Python: "lambda l, a, b, c: list(itertools.islice(l, a, None if b < 0 else b, c))", Go: pure(func(a args) any {
			return collect(py.Islice(slices.Values(a[0].([]any)), num(a[1]), num(a[2]), num(a[3])))
		}), Args: func(r *rand.Rand) []any {
			return args{ints(r, 9), int64(r.Intn(5)), int64(r.Intn(8) - 1), int64(r.Intn(3) + 1)}
		}},
		{Name: "groupby", Python: "lambda l: [(k, list(g)) for k, g in itertools.groupby(l, lambda x: x // 4)]", Go: pure(func(a args) any {
			out := []any{}
			for k, group := range py.GroupBy(a[0].([]any), func(x any) int64 { return x.(int64) / 4 }) {
				out = append(out, py.Tuple{k, group})
			}
			return out
		}), Args: func(r *rand.Rand) []any { return args{ints(r, 9)} }},
		{Name: "range", Python: "lambda a, b, c: list(range(a, b, c))", Go: pure(func(a args) any {
			out := []any{}
			for i := range py.Range(num(a[0]), num(a[1]), num(a[2])) {
				out = append(out, int64(i))
			}
			return out
		}), Args: func(r *rand.Rand) []any { return args{differ.Small(r), differ.Small(r), int64(r.Intn(7) - 3)} }},
		{Name: "zip", Python: "lambda a, b: (list(zip(a, b)), list(itertools.zip_longest(a, b)), list(itertools.chain(a, b)), list(enumerate(a, 3)))", Go: pure(func(a args) any {
			x, y := a[0].([]any), a[1].([]any)
			short, long, counted := []any{}, []any{}, []any{}
			for p, q := range py.Zip(x, y) {
				short = append(short, py.Tuple{p, q})
			}
			for p, q := range py.ZipLongest(x, y) {
				long = append(long, py.Tuple{p, q})
			}
			for i, p := range py.Enumerate(slices.Values(x), 3) {
				counted = append(counted, py.Tuple{i, p})
			}
			return py.Tuple{short, long, collect(py.Chain(slices.Values(x), slices.Values(y))), counted}
		}), Args: func(r *rand.Rand) []any { return args{ints(r, 4), ints(r, 4)} }},
	}
}

func collect(items func(func(any) bool)) []any {
	out := []any{}
	for item := range items {
		out = append(out, item)
	}
	return out
}

func TestDifferCollections(t *testing.T) { differ.Run(t, collectionCases()) }

func someBytes(r *rand.Rand, most int) []byte {
	const alphabet = "aabAB1 \t\n\r,\x1c\x0b\xe9\xff+-'\""
	b := make([]byte, r.Intn(most+1))
	for i := range b {
		b[i] = alphabet[r.Intn(len(alphabet))]
	}
	return b
}

func joined(parts [][]byte) []any {
	out := []any{}
	for _, part := range parts {
		out = append(out, part)
	}
	return out
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

func bytesCases() []differ.Case {
	two := func(r *rand.Rand) []any { return args{someBytes(r, 9), someBytes(r, 2), int64(r.Intn(5) - 1)} }
	return []differ.Case{
		{Name: "bytesfind", Python: "lambda b, s, i, j: (b.find(s, i, j), b.rfind(s, i, j), b.count(s, i, j), b[i:j], b[i])", Go: func(a args) (any, error) {
			b, s, i, j := py.Bytes(raw(a[0])), raw(a[1]), num(a[2]), num(a[3])
			at, err := b.At(i)
			return py.Tuple{b.Find(s, i, j), b.RFind(s, i, j), b.Count(s, i, j), orEmpty(b.Slice(i, j)), int64(at)}, err
		}, Args: func(r *rand.Rand) []any {
			return args{someBytes(r, 9), someBytes(r, 2), differ.Small(r), differ.Small(r)}
		}},
		{Name: "bytesindex", Python: "lambda b, s, i: b.index(s, i)", Go: func(a args) (any, error) { return py.Bytes(raw(a[0])).Index(raw(a[1]), num(a[2]), py.To) }, Args: two},
		{Name: "bytessplit", Python: "lambda b, s, n: (b.split(s, n), b.rsplit(s, n))", Go: func(a args) (any, error) {
			left, err := py.Bytes(raw(a[0])).Split(raw(a[1]), num(a[2]))
			if err != nil {
				return nil, err
			}
			right, err := py.Bytes(raw(a[0])).RSplit(raw(a[1]), num(a[2]))
			return py.Tuple{joined(left), joined(right)}, err
		}, Args: two},
		{Name: "bytesreplace", Python: "lambda b, s, n: (b.replace(s, b'xy', n), b.split(None, n), b.splitlines(n > 0), b.strip(s), b.lstrip(s), b.rstrip(s), b.strip(), b.translate(None, s), b.rsplit(None, n), b.ljust(12, b'*'), b.rjust(12), b.center(12), b.center(11))", Go: pure(func(a args) any {
			b, s, n := py.Bytes(raw(a[0])), raw(a[1]), num(a[2])
			return py.Tuple{b.Replace(s, []byte("xy"), n), joined(b.SplitSpace(n)), joined(b.SplitLines(n > 0)), b.Strip(s), b.LStrip(s),
				b.RStrip(s), b.Strip(nil), b.Translate(nil, s), joined(b.RSplitSpace(n)), b.LJust(12, '*'), b.RJust(12, ' '), b.Center(12, ' '), b.Center(11, ' ')}
		}), Args: two},
		{Name: "bytescase", Python: "lambda b: (b.lower(), b.upper(), b.title(), b.capitalize(), b.swapcase(), b.isalpha(), b.isdigit(), b.isalnum(), b.isspace(), b.islower(), b.isupper(), b.istitle(), b.zfill(6), b.hex())", Go: pure(func(a args) any {
			b := py.Bytes(raw(a[0]))
			return py.Tuple{b.Lower(), b.Upper(), b.Title(), b.Capitalize(), b.SwapCase(), b.IsAlpha(), b.IsDigit(), b.IsAlnum(), b.IsSpace(),
				b.IsLower(), b.IsUpper(), b.IsTitle(), b.ZFill(6), b.Hex()}
		}), Args: func(r *rand.Rand) []any { return args{someBytes(r, 8)} }},
		{Name: "bytespartition", Python: "lambda b, s, n: b.partition(s) + b.rpartition(s)", Go: func(a args) (any, error) {
			x, y, z, err := py.Bytes(raw(a[0])).Partition(raw(a[1]))
			if err != nil {
				return nil, err
			}
			u, v, w, err := py.Bytes(raw(a[0])).RPartition(raw(a[1]))
			return py.Tuple{orEmpty(x), orEmpty(y), orEmpty(z), orEmpty(u), orEmpty(v), orEmpty(w)}, err
		}, Args: two},
		{Name: "fromhex", Python: "bytes.fromhex", Go: func(a args) (any, error) {
			b, err := py.FromHex(str(a[0]))
			return orEmpty(b), err
		}, Args: func(r *rand.Rand) []any { return args{differ.From(r, "0123abAF0 1é\tg", 8)} }},
	}
}

func TestDifferBytes(t *testing.T) { differ.Run(t, bytesCases()) }
