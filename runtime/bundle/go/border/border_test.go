package border

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"math/rand"
	"reflect"
	"strings"
	"testing"

	"py/dist.pyrt"
	"py/dist.pyrt/py"
)

func random(r *rand.Rand, depth int) any {
	kind := r.Intn(18)
	if depth > 4 {
		kind = r.Intn(9)
	}
	count := r.Intn(4)
	items := func() []any {
		list := make([]any, count)
		for i := range list {
			list[i] = random(r, depth+1)
		}
		return list
	}
	switch kind {
	case 0:
		return nil
	case 1:
		return r.Intn(2) == 0
	case 2, 3:
		return int64(r.Uint64())
	case 4:
		return new(big.Int).Lsh(big.NewInt(r.Int63()+1), uint(64+r.Intn(300)))
	case 5:
		return math.Float64frombits(r.Uint64() &^ (1 << 52))
	case 6, 7:
		return strings.Repeat("é\x00x", r.Intn(5))
	case 8:
		return bytes.Repeat([]byte{0, 0xff}, r.Intn(5))
	case 9, 10:
		return items()
	case 11:
		return pyrt.Tuple(items())
	case 12:
		return randomTime(r)
	case 13:
		date, _ := py.NewDate(int64(1+r.Intn(9999)), int64(1+r.Intn(12)), int64(1+r.Intn(28)))
		if r.Intn(2) == 0 {
			return date
		}
		return py.NewDateTime(date, randomTime(r))
	case 14:
		delta, _ := py.NewTimeDelta(r.Int63n(1999999998)-999999999, r.Int63n(86400), r.Int63n(1000000))
		return delta
	case 15:
		text := []string{"-0", "1.00", "-sNaN12", "Infinity", "1E+400", "0.1"}[r.Intn(6)]
		decimal, _ := py.ParseDecimal(text)
		return decimal
	case 16:
		set, _ := py.NewAnyFrozenSet(int64(r.Intn(9)), "x")
		if r.Intn(2) == 0 {
			return set
		}
		mutable, _ := py.NewAnySet(set, true)
		return mutable
	default:
		dict := make(pyrt.Dict, count)
		for i := range dict {
			dict[i] = pyrt.Entry{Key: int64(i), Value: random(r, depth+1)}
		}
		return dict
	}
}

func randomTime(r *rand.Rand) py.Time {
	time, _ := py.NewTime(r.Int63n(24), r.Int63n(60), r.Int63n(60), r.Int63n(1000000))
	offset, _ := py.NewTimeDelta(0, r.Int63n(172799)-86399, r.Int63n(1000000)*r.Int63n(2))
	zone, err := py.NewZone(offset)
	switch r.Intn(3) {
	case 0:
		zone, err = py.NewNamedZone(offset, []string{"é", "", "+0100"}[r.Intn(3)])
		fallthrough
	case 1:
		if err == nil {
			time = time.WithZone(zone)
		}
	}
	return time.WithFold(r.Int63n(2))
}

func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 20000 {
		value := random(r, 0)
		data, ok := Append(nil, value)
		if !ok {
			t.Fatalf("%#v cannot cross", value)
		}
		a := NewArguments(data)
		if got := a.Any(); !reflect.DeepEqual(got, value) || a.Err() != nil {
			t.Fatalf("%#v became %#v (%v)", value, got, a.Err())
		}
		for cut := range data { // whatever is cut off is an error, never a panic
			a := NewArguments(data[:cut])
			if a.Any(); a.Err() == nil {
				t.Fatalf("%#v cut at %d is no error", value, cut)
			}
		}
	}
}

func TestResults(t *testing.T) {
	dict, _ := py.NewAnyDict("a", []any{int64(1)})
	set, _ := py.NewAnySet(int64(1))
	text := "x"
	deep := []any{}
	for range 150 {
		deep = []any{deep}
	}
	for _, row := range []struct {
		value any
		want  string // "" cannot cross
	}{
		{dict, "m\x01\x00\x00\x00s\x01\x00\x00\x00al\x01\x00\x00\x00i\x01\x00\x00\x00\x00\x00\x00\x00"},
		{set, "S\x01\x00\x00\x00i\x01\x00\x00\x00\x00\x00\x00\x00"},
		{[]string{"a"}, "l\x01\x00\x00\x00s\x01\x00\x00\x00a"},
		{[]int64{1}, "l\x01\x00\x00\x00i\x01\x00\x00\x00\x00\x00\x00\x00"},
		{[]bool{true}, "l\x01\x00\x00\x00T"},
		{&text, "s\x01\x00\x00\x00x"},
		{(*string)(nil), "N"},
		{pyrt.None, "N"},
		{big.NewInt(5), "i\x05\x00\x00\x00\x00\x00\x00\x00"},
		{new(big.Int).Lsh(big.NewInt(-1), 64), "I\x12\x00\x00\x00-10000000000000000"},
		{uint8(3), "i\x03\x00\x00\x00\x00\x00\x00\x00"},
		{py.Date{}, ""}, {py.DateTime{}, ""}, {py.UTC, ""}, {(*py.AnyFrozenSet)(nil), ""}, {(*py.AnySet)(nil), ""}, {py.Time{}, "h" + strings.Repeat("\x00", 9)},
		{"\xff", ""}, {deep, ""}, {struct{}{}, ""}, {func() {}, ""}, {(*py.AnyDict)(nil), ""}, {(*big.Int)(nil), ""},
	} {
		out, ok := Append([]byte("before"), row.value)
		if ok != (row.want != "") || ok && string(out) != "before"+row.want {
			t.Errorf("%#v: %q %v, want %q", row.value, out, ok, row.want)
		}
	}
}

func TestArguments(t *testing.T) {
	a := NewArguments([]byte("-NTs\x01\x00\x00\x00xt\x00\x00\x00\x00m\x01\x00\x00\x00s\x01\x00\x00\x00kF"))
	if a.Option() != nil || a.Option() != any(pyrt.None) || a.Option() != any(true) || To[string](a) != "x" || a.Args() != nil {
		t.Error("arguments differ")
	}
	if kwargs := a.Kwargs(); len(kwargs) != 1 || kwargs["k"] != any(false) || a.Err() != nil {
		t.Error(kwargs, a.Err())
	}
	if a := NewArguments([]byte("s\x01\x00\x00\x00x")); To[int](a) != 0 || a.Err() != py.ErrUnsupported {
		t.Error("a str is no int")
	}
	for _, data := range []string{"", "NN", "x", "l\xff\xff\xff\xff", "s\xff\xff\xff\x7f", "I\x01\x00\x00\x00z", "S\x01\x00\x00\x00l\x00\x00\x00\x00",
		"D\xe4\x07\x02\x1e", "h\x18" + strings.Repeat("\x00", 8), "h" + strings.Repeat("\x00", 8) + "\x01\xff\xff\xff\xff\xff\xff\xff\x7f", "c\x01\x00\x00\x00x", "eaaaaaa",
		"e\xff\xff\xff\x7f" + strings.Repeat("\x00", 8), "Z\x01\x00\x00\x00l\x00\x00\x00\x00"} {
		if a := NewArguments([]byte(data)); a.Any() == nil && a.Err() == nil {
			t.Errorf("%q is no error", data)
		}
	}
}

func TestCall(t *testing.T) {
	for what, row := range map[string]struct {
		function Function
		status   int
	}{
		"value":       {func(*Arguments) (any, error) { return "x", nil }, Value},
		"unsupported": {func(*Arguments) (any, error) { return nil, py.ErrUnsupported }, Unsupported},
		"overflow":    {func(*Arguments) (any, error) { return nil, py.ErrOverflow }, Unsupported},
		"wire":        {func(a *Arguments) (any, error) { a.Any(); a.Any(); return nil, a.Err() }, Unsupported},
		"result":      {func(*Arguments) (any, error) { return struct{}{}, nil }, Unsupported},
		"exception":   {func(*Arguments) (any, error) { return nil, py.ValueError("x") }, Exception},
		"error":       {func(*Arguments) (any, error) { return nil, errors.New("x") }, Exception},
		"panic":       {func(*Arguments) (any, error) { panic("x") }, Panic},
	} {
		out, status := Call(row.function, []byte("N"), nil)
		if status != row.status || status == Value != (len(out) > 0) {
			t.Errorf("%s: %d", what, status)
		}
	}
}

// FuzzArguments: bytes of any kind are an error or a value that crosses back; never a panic, never much memory for few bytes.
func FuzzArguments(f *testing.F) {
	r := rand.New(rand.NewSource(2))
	for range 200 {
		data, _ := Append(nil, random(r, 0))
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a := NewArguments(data)
		value := a.Any()
		if a.Err() != nil {
			return
		}
		if back, ok := Append(nil, value); ok {
			b := NewArguments(back)
			if b.Any(); b.Err() != nil {
				t.Fatalf("%q becomes %q: %v", data, back, b.Err())
			}
		}
	})
}
