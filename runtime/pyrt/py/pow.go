package py

import "math"

// double is an unevaluated sum of two floats: about 105 bits.
type double struct{ high, low float64 }

func quickSum(a, b float64) double {
	sum := a + b
	return double{sum, b - (sum - a)}
}

func exactSum(a, b float64) double {
	sum := a + b
	part := sum - a
	return double{sum, (a - (sum - part)) + (b - part)}
}

func (a double) add(b double) double {
	high, low := exactSum(a.high, b.high), exactSum(a.low, b.low)
	first := quickSum(high.high, high.low+low.high)
	return quickSum(first.high, first.low+low.low)
}

func (a double) times(b double) double {
	product := a.high * b.high
	rest := math.FMA(a.high, b.high, -product)
	return quickSum(product, rest+(a.high*b.low+a.low*b.high))
}

var ln2 = double{0.6931471805599453, 2.3190468138462996e-17}

// inverseFactorials are 1/2!, 1/3!, …
var inverseFactorials = [...]double{
	{0.5, 0.0}, {0.16666666666666666, 9.25185853854297e-18}, {0.041666666666666664, 2.3129646346357427e-18},
	{0.008333333333333333, 1.1564823173178714e-19}, {0.001388888888888889, -5.300543954373577e-20},
	{0.0001984126984126984, 1.7209558293420705e-22}, {2.48015873015873e-05, 2.1511947866775882e-23},
	{2.7557319223985893e-06, -1.858393274046472e-22}, {2.755731922398589e-07, 2.3767714622250297e-23},
}

// exp gives e**z as a number near 1 and a power of two.
func (z double) exp() (double, int) {
	power := math.Round(z.high / ln2.high)
	rest := z.add(ln2.times(double{-power, 0}))
	const halvings = 9
	rest.high = math.Ldexp(rest.high, -halvings)
	rest.low = math.Ldexp(rest.low, -halvings)
	// e**rest - 1, which squaring keeps exact where 1 would swallow its end
	sum := double{}
	for i := len(inverseFactorials) - 1; i >= 0; i-- {
		sum = inverseFactorials[i].add(sum.times(rest))
	}
	sum = rest.add(rest.times(rest).times(sum))
	for i := 0; i < halvings; i++ {
		sum = double{2 * sum.high, 2 * sum.low}.add(sum.times(sum))
	}
	return double{1, 0}.add(sum), int(power)
}

// log gives the logarithm of a positive finite number.
func log(x float64) double {
	fraction, power := math.Frexp(x)
	if fraction < math.Sqrt2/2 {
		fraction *= 2
		power--
	}
	guess := math.Log(fraction)
	inverse, shift := double{-guess, 0}.exp()
	inverse = double{math.Ldexp(inverse.high, shift), math.Ldexp(inverse.low, shift)}
	off := double{fraction, 0}.times(inverse).add(double{-1, 0}) // so small that off - off²/2 is its logarithm
	off = off.add(off.times(off).times(double{-0.5, 0}))
	return double{guess, 0}.add(off).add(ln2.times(double{float64(power), 0}))
}

// PowFloat is a ** b for floats, with Python's errors. CPython asks C's pow, whose results are not always the nearest float:
// where they may not be (2 % of the calls with a result that is not exact), and for a negative a with a fraction as exponent,
// whose result is complex, it is [ErrUnsupported]. a*a, math.Sqrt(a) and such are always the nearest.
func PowFloat(a, b float64) (float64, error) {
	switch {
	case a == 0 && b < 0 && !math.IsInf(b, 0):
		return 0, ZeroDivisionError("0.0 cannot be raised to a negative power")
	case a == 0 || a == 1 || b == 0 || b == 1 || math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0):
		return math.Pow(a, b), nil
	case a < 0 && b != math.Floor(b):
		return 0, ErrUnsupported
	}
	sign := 1.0
	if a < 0 && math.Mod(b, 2) != 0 {
		sign = -1
	}
	switch about := math.Log(math.Abs(a)) * b; {
	case about > 709.79:
		return 0, &Exception{"OverflowError", []any{int64(34), "Numerical result out of range"}}
	case about < -745.2:
		return math.Copysign(0, sign), nil
	case about > 709.78 || about < -708:
		return 0, ErrUnsupported
	}
	if value, ok := shortPow(a, b); ok {
		return value, nil
	}
	exponent := log(math.Abs(a)).times(double{b, 0})
	result, power := exponent.exp()
	if !certain(result, math.Abs(exponent.high)) {
		return 0, ErrUnsupported
	}
	return sign * math.Ldexp(result.high, power), nil
}

// shortPow is for the exponents that need no logarithm: small whole ones and 0.5.
func shortPow(a, b float64) (float64, bool) {
	size := math.Abs(a)
	if size > 1e150 || size < 1e-150 {
		return 0, false
	}
	var result double
	switch {
	case b == 0.5:
		result.high = math.Sqrt(a)
		result.low = math.FMA(-result.high, result.high, a) / (2 * result.high)
	case b == 2:
		result.high = a * a
		result.low = math.FMA(a, a, -result.high)
	case b > 2 && b <= 16 && b == math.Floor(b) && size > 1e-15 && size < 1e15:
		result = double{a, 0}
		for i := 1; i < int(b); i++ {
			result = result.times(double{a, 0})
		}
	default:
		return 0, false
	}
	return result.high, certain(result, 50)
}

// certain tells whether any pow with the error bound of the C library (0.511 units in the last place and 5e-5 more for each unit
// of the exponent of e) gives result.high.
func certain(result double, exponent float64) bool {
	_, size := math.Frexp(result.high)
	off := math.Abs(math.Ldexp(result.low, 53-size)) // in units of the last place
	if math.Abs(result.high) == math.Ldexp(1, size-1) && result.low < 0 {
		off *= 2 // below a power of two they are half as large
	}
	return off <= 1e-20 || off <= 0.5-0.0125-exponent*5e-5
}
