package py_test

import (
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
)

// TestSpeed: go test -run Speed -speed .
func TestSpeed(t *testing.T) {
	var number int64 = 123456789
	differ.Speed(t, []differ.Timed{
		differ.Time("floor division", "a = -123456789", "a // 1000", func() { number, _ = py.FloorDiv(-number|1, 1000); number = 123456789 }),
		differ.Time("strip", "", `"  some text of an ordinary length \n".strip()`, func() { py.Strip("  some text of an ordinary length \n") }),
		differ.Time("lower", "", `"Some Text Of An Ordinary Length, Straße".lower()`, func() { py.Lower("Some Text Of An Ordinary Length, Straße") }),
		differ.Time("casefold", "", `"Some Text Of An Ordinary Length, Straße".casefold()`, func() { py.Casefold("Some Text Of An Ordinary Length, Straße") }),
		differ.Time("split", "", `"the quick brown fox jumps over the lazy dog".split()`, func() { py.SplitSpace("the quick brown fox jumps over the lazy dog", -1) }),
		differ.Time("splitlines", "", `"one line\nand two\r\nand three".splitlines()`, func() { py.SplitLines("one line\nand two\r\nand three", false) }),
		differ.Time("slice", "", `"the quick brown fox, äöü"[4:-5]`, func() { py.Slice("the quick brown fox, äöü", 4, -5) }),
		differ.Time("find", "", `"the quick brown fox, äöü".find("fox")`, func() { py.Find("the quick brown fox, äöü", "fox") }),
		differ.Time("float repr", "", `repr(3.14159)`, func() { py.FloatRepr(3.14159) }),
		differ.Time("format float", "", `format(3.14159, "10.2f")`, func() { py.Format(3.14159, "10.2f") }),
		differ.Time("format int", "", `format(1234567, ",")`, func() { py.Format(int64(1234567), ",") }),
		differ.Time("percent", "a = ('name', 42)", `"%s is %d" % a`, func() { py.Percent("%s is %d", py.Tuple{"name", int64(42)}) }),
		differ.Time("str.format", "", `"{} is {:>5}".format("name", 42)`, func() { py.FormatStr("{} is {:>5}", []any{"name", int64(42)}, nil) }),
		differ.Time("repr", "a = 'it\\'s a \"text\" of some length\\n'", `repr(a)`, func() { py.Repr("it's a \"text\" of some length\n") }),
		differ.Time("int()", "", `int("123456")`, func() { py.ParseInt("123456", 10) }),
		differ.Time("float()", "", `float("3.14159")`, func() { py.ParseFloat("3.14159") }),
		differ.Time("round", "", `round(2.675, 2)`, func() { py.RoundTo(2.675, 2) }),
		differ.Time("pow", "a = 1.7", `a ** 2.3`, func() { py.PowFloat(1.7, 2.3) }),
		differ.Time("dict", "k = [f'key{i}' for i in range(20)]", `d = {}`+"\nfor a in k: d[a] = 1", func() {
			var d py.Dict[string, int]
			for _, key := range twenty {
				d.Set(key, 1)
			}
		}),
	})
}

var twenty = func() []string {
	keys := make([]string, 20)
	for i := range keys {
		keys[i] = "key" + py.Repr(int64(i))
	}
	return keys
}()
