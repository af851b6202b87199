package py_test

import (
	"math/big"
	"math/rand"
	"strings"
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
)

func twoInts(r *rand.Rand) []any   { return args{differ.Int64(r), differ.Int64(r)} }
func twoFloats(r *rand.Rand) []any { return args{differ.Float64(r), differ.Float64(r)} }

// intCase is a binary operator on ints; results beyond int64 are declined by Go.
func intCase(name, operator string, f func(a, b int64) (int64, error)) differ.Case {
	return differ.Case{Name: name, Python: "lambda a, b: a " + operator + " b",
		Go: func(a args) (any, error) { return f(i64(a[0]), i64(a[1])) }, Args: twoInts}
}

func floatCase(name, operator string, f func(a, b float64) (float64, error)) differ.Case {
	return differ.Case{Name: name, Python: "lambda a, b: a " + operator + " b",
		Go: func(a args) (any, error) { return f(flt(a[0]), flt(a[1])) }, Args: twoFloats}
}

func numberText(r *rand.Rand) string {
	alphabet := []string{"0123456789", "0123456789_", "01_-+ .eExXoObBaf", "٣0１_ \u2003", "infatyINFTY-+", "0.1e-+_5 "}[r.Intn(6)]
	s := differ.From(r, alphabet, 12)
	if r.Intn(4) == 0 {
		s = []string{"0x", "0o", "0b", "-0X", "+", " ", "\n", "1_", "1e", "-"}[r.Intn(10)] + s
	}
	return s
}

func numberCases() []differ.Case {
	shift := func(r *rand.Rand) []any { return args{differ.Int64(r), int64(r.Intn(140) - 4)} }
	return []differ.Case{
		intCase("add", "+", py.Add), intCase("sub", "-", py.Sub), intCase("mul", "*", py.Mul),
		intCase("floordiv", "//", py.FloorDiv), intCase("mod", "%", py.Mod),
		{Name: "truediv", Python: "lambda a, b: a / b", Go: func(a args) (any, error) { return py.TrueDiv(i64(a[0]), i64(a[1])) }, Args: twoInts},
		{Name: "divmod", Python: "divmod", Go: func(a args) (any, error) {
			q, r, err := py.DivMod(i64(a[0]), i64(a[1]))
			return py.Tuple{q, r}, err
		}, Args: twoInts},
		{Name: "bigdivmod", Python: "divmod", Go: func(a args) (any, error) {
			q, r := py.BigDivMod(a[0].(*big.Int), a[1].(*big.Int))
			return py.Tuple{q, r}, nil
		}, Args: func(r *rand.Rand) []any {
			big1 := new(big.Int).Lsh(big.NewInt(differ.Int64(r)|1), uint(r.Intn(90)))
			return args{big1, new(big.Int).Lsh(big.NewInt(differ.Int64(r)|1), uint(r.Intn(50)))}
		}},
		{Name: "pow", Python: "lambda a, b: a ** b", Go: func(a args) (any, error) { return py.Pow(i64(a[0]), i64(a[1])) },
			Args: func(r *rand.Rand) []any { return args{differ.Int64(r), int64(r.Intn(70))} }},
		{Name: "powmod", Python: "pow", Go: func(a args) (any, error) { return py.PowMod(i64(a[0]), i64(a[1]), i64(a[2])) },
			Args: func(r *rand.Rand) []any { return args{differ.Int64(r), differ.Int64(r), differ.Int64(r)} }},
		{Name: "lshift", Python: "lambda a, b: a << b", Go: func(a args) (any, error) { return py.LeftShift(i64(a[0]), i64(a[1])) }, Args: shift},
		{Name: "rshift", Python: "lambda a, b: a >> b", Go: func(a args) (any, error) { return py.RightShift(i64(a[0]), i64(a[1])) }, Args: shift},
		{Name: "intmisc", Python: "lambda a: (a.bit_length(), abs(a), -a)", Go: func(a args) (any, error) {
			absolute, err := py.Abs(i64(a[0]))
			if err != nil {
				return nil, err
			}
			negative, err := py.Neg(i64(a[0]))
			return py.Tuple{py.BitLength(i64(a[0])), absolute, negative}, err
		}, Args: func(r *rand.Rand) []any { return args{differ.Int64(r)} }},
		{Name: "roundint", Python: "round", Go: func(a args) (any, error) { return py.RoundInt(i64(a[0]), num(a[1])) },
			Args: func(r *rand.Rand) []any { return args{differ.Int64(r), int64(r.Intn(26) - 22)} }},
		floatCase("floordivfloat", "//", py.FloorDivFloat), floatCase("modfloat", "%", py.ModFloat), floatCase("divfloat", "/", py.DivFloat),
		{Name: "divmodfloat", Python: "divmod", Go: func(a args) (any, error) {
			q, r, err := py.DivModFloat(flt(a[0]), flt(a[1]))
			return py.Tuple{q, r}, err
		}, Args: twoFloats},
		{Name: "powfloat", Python: "lambda a, b: a ** b", Go: func(a args) (any, error) { return py.PowFloat(flt(a[0]), flt(a[1])) },
			Args: func(r *rand.Rand) []any {
				if r.Intn(2) == 0 {
					return args{differ.Float64(r), differ.Float64(r)}
				}
				if r.Intn(2) == 0 {
					return args{r.Float64() * 100, []float64{2, 3, 0.5, -1, -0.5, 1.5, 0.1, 10}[r.Intn(8)]}
				}
				specials := []float64{0, 1, -1, 2, 0.5, -2, 4, 1e300, -0.5, 3}
				return args{specials[r.Intn(len(specials))], specials[r.Intn(len(specials))]}
			}},
		{Name: "round", Python: "round", Go: func(a args) (any, error) { return py.Round(flt(a[0])) },
			Args: func(r *rand.Rand) []any { return args{differ.Float64(r)} }},
		{Name: "roundto", Python: "round", Go: func(a args) (any, error) { return py.RoundTo(flt(a[0]), num(a[1])) },
			Args: func(r *rand.Rand) []any {
				digits := int64(r.Intn(12) - 4)
				if r.Intn(5) == 0 {
					digits = int64(r.Intn(700) - 350)
				}
				return args{differ.Float64(r), digits}
			}},
		{Name: "intoffloat", Python: "int", Go: func(a args) (any, error) { return py.BigIntOfFloat(flt(a[0])) },
			Args: func(r *rand.Rand) []any { return args{differ.Float64(r)} }},
		{Name: "floatrepr", Python: "lambda f: (repr(f), f.is_integer())", Go: pure(func(a args) any {
			return py.Tuple{py.FloatRepr(flt(a[0])), py.IsInteger(flt(a[0]))}
		}), Args: func(r *rand.Rand) []any { return args{differ.Float64(r)} }},
		{Name: "parseint", Python: "int", Go: func(a args) (any, error) { return py.ParseBigInt(str(a[0]), num(a[1])) },
			Args: func(r *rand.Rand) []any {
				return args{numberText(r), []int64{10, 10, 10, 0, 2, 8, 16, 36, 1, 37, -1}[r.Intn(11)]}
			}},
		{Name: "parseint64", Python: "int", Go: func(a args) (any, error) { return py.ParseInt(str(a[0]), num(a[1])) },
			Args: func(r *rand.Rand) []any {
				if r.Intn(2) == 0 {
					return args{differ.From(r, "0123456789-", 21), int64(10)}
				}
				return args{differ.From(r, "0123456789-abfzAFZ:<@[`{_", 14), []int64{2, 8, 10, 16, 36}[r.Intn(5)]}
			}},
		{Name: "parsefloat", Python: "float", Go: func(a args) (any, error) { return py.ParseFloat(str(a[0])) },
			Args: func(r *rand.Rand) []any { return args{numberText(r)} }},
	}
}

func TestDifferNumbers(t *testing.T) { differ.Run(t, numberCases()) }

func pick(r *rand.Rand, parts ...string) string { return parts[r.Intn(len(parts))] }

func spec(r *rand.Rand) string {
	if r.Intn(6) == 0 {
		return differ.From(r, "<>=^+- #z0123,_.bcdeEfFgGnosxX%é", 6)
	}
	return pick(r, "", "", "<", ">", "^", "=", "*<", "0^", "é=", "💩>") + pick(r, "", "", "+", "-", " ") + pick(r, "", "", "", "z") +
		pick(r, "", "", "#") + pick(r, "", "", "0") + pick(r, "", "5", "12", "30") + pick(r, "", "", "", ",", "_") +
		pick(r, "", "", ".0", ".3", ".17") + pick(r, "", "b", "c", "d", "e", "E", "f", "F", "g", "G", "n", "o", "s", "x", "X", "%")
}

func scalar(r *rand.Rand) any {
	switch r.Intn(6) {
	case 0:
		return differ.String(r, 6)
	case 1, 2:
		return differ.Int64(r)
	case 3, 4:
		return differ.Float64(r)
	}
	return differ.Value(r, 1)
}

func template(r *rand.Rand) string {
	var out strings.Builder
	for i := r.Intn(4); i >= 0; i-- {
		switch r.Intn(8) {
		case 0:
			out.WriteString(differ.From(r, "{}[]!:.0ax<5r", 8))
		case 1:
			out.WriteString(pick(r, "{{", "}}", "a", "é", " "))
		default:
			out.WriteString("{" + pick(r, "", "", "0", "1", "2", "a", "3") + pick(r, "", "", "", "[0]", "[a]", "[1][0]", ".x") +
				pick(r, "", "", "!r", "!s", "!a", "!x") + pick(r, "", "", ":", ":"+spec(r), ":{}", ":{1}") + "}")
		}
	}
	return out.String()
}

func percentTemplate(r *rand.Rand) string {
	var out strings.Builder
	for i := r.Intn(3); i >= 0; i-- {
		switch r.Intn(6) {
		case 0:
			out.WriteString(differ.From(r, "%()a*.0-+ #5dsrxfé", 5))
		default:
			out.WriteString("%" + pick(r, "", "", "", "(a)", "(é)", "((b))") + pick(r, "", "", "-", "+", " ", "#", "0", "-0", "+0", "#0") +
				pick(r, "", "", "5", "12", "*") + pick(r, "", "", ".", ".0", ".3", ".*") + pick(r, "", "", "", "l") +
				pick(r, "d", "i", "u", "o", "x", "X", "e", "E", "f", "F", "g", "G", "c", "s", "r", "a", "%", "z"))
		}
	}
	return out.String()
}

func formatCases() []differ.Case {
	return []differ.Case{
		{Name: "format", Python: "format", Go: func(a args) (any, error) { return py.Format(a[0], str(a[1])) },
			Args: func(r *rand.Rand) []any { return args{scalar(r), spec(r)} }},
		{Name: "strformat", Python: "lambda t, a, k: t.format(*a, **k)", Go: func(a args) (any, error) {
			var kwargs py.Dict[string, any]
			for key, value := range a[2].(*py.AnyDict).Items() {
				kwargs.Set(key.(string), value)
			}
			return py.FormatStr(str(a[0]), a[1].([]any), &kwargs)
		}, Args: func(r *rand.Rand) []any {
			values := []any{}
			for i := r.Intn(4); i > 0; i-- {
				values = append(values, differ.Value(r, 2))
			}
			kwargs, _ := py.NewAnyDict()
			if r.Intn(2) == 0 {
				kwargs, _ = py.NewAnyDict("a", scalar(r))
			}
			return args{template(r), values, kwargs}
		}},
		{Name: "percent", Python: "lambda t, a: t % a", Go: func(a args) (any, error) { return py.Percent(str(a[0]), a[1]) },
			Args: func(r *rand.Rand) []any {
				switch r.Intn(4) {
				case 0:
					return args{percentTemplate(r), scalar(r)}
				case 1:
					d, _ := py.NewAnyDict("a", scalar(r), "é", scalar(r), "(b)", int64(r.Intn(20)))
					return args{percentTemplate(r), d}
				}
				values := py.Tuple{}
				for i := r.Intn(4); i > 0; i-- {
					values = append(values, scalar(r))
				}
				return args{percentTemplate(r), values}
			}},
		{Name: "value", Python: "lambda v: (repr(v), ascii(v), bool(v))", Go: pure(func(a args) any {
			return py.Tuple{py.Repr(a[0]), py.ASCII(a[0]), py.Truth(a[0])}
		}), Args: func(r *rand.Rand) []any { return args{differ.Value(r, 3)} }},
	}
}

func TestDifferFormat(t *testing.T) { differ.Run(t, formatCases()) }
