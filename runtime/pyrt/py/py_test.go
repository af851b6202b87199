package py_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"py/dist.pyrt/py"
)

func TestExcept(t *testing.T) {
	err := fmt.Errorf("reading: %w", py.KeyError("name"))
	for _, class := range []string{"KeyError", "LookupError", "Exception", "BaseException"} {
		if py.Except(err, "ValueError", class) == nil {
			t.Errorf("except %s does not catch a KeyError", class)
		}
	}
	if py.Except(err, "ValueError", "IndexError") != nil || py.Except(nil, "Exception") != nil {
		t.Error("except catches what it should not")
	}
	if py.Except(errors.New("Go's own"), "Exception") != nil || py.Except(py.ErrOverflow, "Exception") != nil {
		t.Error("an error that is no exception is caught")
	}
	for _, c := range []struct {
		err  *py.Exception
		want string
	}{
		{py.KeyError("a"), "KeyError: 'a'"},
		{py.ValueError("100% wrong"), "ValueError: 100% wrong"},
		{py.StopIteration(), "StopIteration"},
		{&py.Exception{Class: "ValueError", Args: []any{"a", int64(1)}}, "ValueError: ('a', 1)"},
		{py.UnicodeDecodeError("utf-8", []byte{0xff}, 0, 1, "invalid start byte"), "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"},
		{py.UnicodeEncodeError("ascii", "aé", 1, 2, "ordinal not in range(128)"), `UnicodeEncodeError: 'ascii' codec can't encode character '\xe9' in position 1: ordinal not in range(128)`},
	} {
		if c.err.Error() != c.want {
			t.Errorf("%q, want %q", c.err.Error(), c.want)
		}
	}
}

func TestDict(t *testing.T) {
	var d py.Dict[string, int]
	for i := 0; i < 100; i++ {
		d.Set(fmt.Sprint(i%40), i)
	}
	for i := 0; i < 40; i += 2 {
		if err := d.Delete(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	d.Set("0", -1)
	want := []string{}
	for i := 1; i < 40; i += 2 {
		want = append(want, fmt.Sprint(i))
	}
	want = append(want, "0")
	if fmt.Sprint(d.Keys()) != fmt.Sprint(want) || d.Len() != 21 {
		t.Errorf("keys %v, want %v", d.Keys(), want)
	}
	if v, err := d.Item("3"); v != 83 || err != nil {
		t.Error(v, err)
	}
	if _, err := d.Item("2"); py.Except(err, "KeyError") == nil {
		t.Errorf("%v is no KeyError", err)
	}
	copied := d.Copy()
	if key, value, err := copied.PopItem(); key != "0" || value != -1 || err != nil {
		t.Error(key, value, err)
	}
	copied.Update(&d)
	if copied.Len() != 21 || d.GetOr("none", 7) != 7 || d.SetDefault("1", 5) != 81 {
		t.Error("update, get or setdefault are wrong")
	}
	last := ""
	for key := range d.Reversed() {
		last = key
	}
	if last != "1" {
		t.Errorf("reversed ends with %q", last)
	}
}

func TestSet(t *testing.T) {
	a, b := py.NewSet(1, 2, 3), py.NewSet(3, 4)
	if got := fmt.Sprint(a.Union(b).Values(), a.Intersection(b).Values(), a.Difference(b).Values(), a.SymmetricDifference(b).Values()); got != "[1 2 3 4] [3] [1 2] [1 2 4]" {
		t.Error(got)
	}
	if !py.NewSet(1).IsSubset(a) || a.IsSubset(b) || a.IsDisjoint(b) || !a.Discard(1) || a.Discard(1) || a.Remove(1) == nil {
		t.Error("subset, disjoint, discard or remove are wrong")
	}
	s, err := py.NewAnySet(int64(1), 1.0, true, "1")
	if err != nil || s.Len() != 2 {
		t.Error(py.Repr(s), err)
	}
	if _, err := py.NewAnySet([]any{}); py.Except(err, "TypeError") == nil {
		t.Error("a list is hashed")
	}
}

func ExamplePercent() {
	text, _ := py.Percent("%s has %05.1f%%", py.Tuple{"x", 2.25})
	fmt.Println(text)
	// Output: x has 002.2%
}

func ExampleFormatStr() {
	text, _ := py.FormatStr("{0!r:>{width}}|{1:,}", []any{"a", int64(1234567)}, func() *py.Dict[string, any] {
		var kwargs py.Dict[string, any]
		kwargs.Set("width", int64(6))
		return &kwargs
	}())
	fmt.Println(text)
	// Output:    'a'|1,234,567
}

// Every ASCII character in every base, alone and behind a digit: the short way for small ints reads what the long one reads.
func TestParseIntBases(t *testing.T) {
	for base := 2; base <= 36; base++ {
		for c := rune(0); c < 128; c++ {
			for _, text := range []string{string(c), "1" + string(c), "-1" + string(c)} {
				number, err := py.ParseInt(text, base)
				want, wantErr := py.ParseBigInt(text, base)
				if (err == nil) != (wantErr == nil) || err == nil && want.Cmp(big.NewInt(number)) != 0 {
					t.Errorf("%q in base %d: %d, %v; %v, %v", text, base, number, err, want, wantErr)
				}
			}
		}
	}
}

func ExampleExcept() {
	_, err := py.ParseInt("12a", 10)
	if e := py.Except(err, "ValueError"); e != nil {
		fmt.Println(e.Message())
	}
	// Output: invalid literal for int() with base 10: '12a'
}

// int and float strip less than str.strip: not the separators 0x1c to 0x1f.
func TestSeparatorsAroundNumbers(t *testing.T) {
	if _, err := py.ParseInt("\x1f14", 10); py.Except(err, "ValueError") == nil {
		t.Error("int took a separator for white space:", err)
	}
	if _, err := py.ParseFloat("1.5\x1c"); py.Except(err, "ValueError") == nil {
		t.Error("float took a separator for white space:", err)
	}
	if n, err := py.ParseInt("\u0085\u0661\v", 10); n != 1 || err != nil {
		t.Error(n, err)
	}
}

func BenchmarkFloorDiv(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.FloorDiv(int64(i)-1000, 7)
	}
}

func BenchmarkMul(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.Mul(int64(i), 12345)
	}
}

func BenchmarkStrip(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.Strip("  some text of an ordinary length \n")
	}
}

func BenchmarkLower(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.Lower("Some Text Of An Ordinary Length, Straße")
	}
}

func BenchmarkSplitSpace(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.SplitSpace("the quick brown fox jumps over the lazy dog", -1)
	}
}

func BenchmarkFloatRepr(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.FloatRepr(3.14159)
	}
}

func BenchmarkFormatFloat(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.Format(3.14159, "10.2f")
	}
}

func BenchmarkFormatInt(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.Format(int64(1234567), ",")
	}
}

func BenchmarkPercent(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.Percent("%s is %d", py.Tuple{"name", int64(42)})
	}
}

func BenchmarkRepr(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.Repr("it's a \"text\" of some length\n")
	}
}

func BenchmarkDictSet(b *testing.B) {
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = fmt.Sprint("key", i)
	}
	for i := 0; i < b.N; i++ {
		var d py.Dict[string, int]
		for j, key := range keys {
			d.Set(key, j)
		}
	}
}

func BenchmarkPowFloat(b *testing.B) {
	for i := 0; i < b.N; i++ {
		py.PowFloat(1.7, 2.3)
	}
}

func TestJustSmallestWidth(t *testing.T) {
	for _, got := range []string{py.Center("ä", math.MinInt, ' '), py.LJust("ä", math.MinInt, ' '), py.RJust("ä", math.MinInt, ' '), py.ZFill("ä", math.MinInt)} {
		if got != "ä" {
			t.Errorf("%q", got)
		}
	}
}
