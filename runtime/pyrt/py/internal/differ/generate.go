package differ

import (
	"math"
	"math/big"
	"math/rand"

	"py/dist.pyrt/py"
)

var interesting = []rune("  \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2003\u2028\u2029\u3000\x00\x7f\xad" +
	"aAbBzZ019_-+.,:;!?'\"\\/()[]{}<>|^$*#@%&~`=" +
	"äÄßÿŸİıſKΣσςΐΰﬁﬀŉǅǆǄᾳᾼᾈ\u0345\u0307\u0301\u0300\u0327Åéèñ" +
	"٣५²½Ⅷⅷ一三億💩𐐀𐐨𝟘\u200d\ufeff\ufffd가각ᄀ\u1161\u11a8ªºʰⒶⓐ·\u00b7\u0e33ʼnǰ\U000e0001\u0378")

// Rune gives a character that is likely to make trouble.
func Rune(r *rand.Rand) rune {
	switch r.Intn(10) {
	case 0:
		for {
			if c := rune(r.Intn(0x110000)); c < 0xD800 || c >= 0xE000 {
				return c
			}
		}
	case 1:
		return rune(r.Intn(0x3000))
	case 2, 3, 4, 5:
		return rune(' ' + r.Intn(95))
	}
	return interesting[r.Intn(len(interesting))]
}

// String gives a string of up to so many characters; half of them are ASCII.
func String(r *rand.Rand, most int) string {
	runes := make([]rune, r.Intn(most+1))
	ascii := r.Intn(2) == 0
	for i := range runes {
		runes[i] = Rune(r)
		if ascii {
			runes[i] &= 0x7F
		}
	}
	return string(runes)
}

// From gives a string over an alphabet.
func From(r *rand.Rand, alphabet string, most int) string {
	letters := []rune(alphabet)
	runes := make([]rune, r.Intn(most+1))
	for i := range runes {
		runes[i] = letters[r.Intn(len(letters))]
	}
	return string(runes)
}

// Int64 gives an int, small ones and those at the borders most often.
func Int64(r *rand.Rand) int64 {
	switch r.Intn(6) {
	case 0:
		return int64(r.Uint64())
	case 1:
		return []int64{math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 1 << 53, 1<<53 + 1, 1 << 32, -1 << 31, 1 << 62}[r.Intn(8)]
	case 2:
		return int64(r.Uint64()) >> uint(r.Intn(64))
	}
	return int64(r.Intn(41) - 20)
}

// Small gives an index or a count.
func Small(r *rand.Rand) int64 { return int64(r.Intn(25) - 12) }

// Float64 gives a float of any size, and those that make trouble.
func Float64(r *rand.Rand) float64 {
	switch r.Intn(8) {
	case 0:
		return math.Float64frombits(r.Uint64())
	case 1:
		return []float64{0, math.Copysign(0, -1), 1, -1, 0.5, 1.5, 2.5, -0.5, math.Inf(1), math.Inf(-1), math.NaN(), 1e16, 1e-4,
			1e-5, 9999999999999998, 123456789012345680, 5e-324, math.MaxFloat64, 0.1, 2.675, 1e22, 1e23}[r.Intn(22)]
	case 2:
		return float64(Int64(r))
	case 3:
		return float64(r.Intn(20001)-10000) / 1000
	case 4:
		return (float64(r.Intn(2001)) - 1000) / 2
	}
	return (r.Float64() - 0.5) * math.Pow10(r.Intn(40)-20)
}

// Value gives a scalar of any type; depth allows for tuples, lists and dicts of them.
func Value(r *rand.Rand, depth int) any {
	kinds := 7
	if depth > 0 {
		kinds = 10
	}
	switch r.Intn(kinds) {
	case 0:
		return nil
	case 1:
		return r.Intn(2) == 0
	case 2:
		return Int64(r)
	case 3:
		return Float64(r)
	case 4:
		return String(r, 8)
	case 5:
		b := make([]byte, r.Intn(6))
		r.Read(b)
		return b
	case 6:
		return new(big.Int).Lsh(big.NewInt(Int64(r)|1), uint(64+r.Intn(80)))
	case 7:
		return py.Tuple(values(r, depth))
	case 8:
		return values(r, depth)
	}
	d := new(py.AnyDict)
	for i := r.Intn(4); i > 0; i-- {
		if err := d.Set(Value(r, 0), Value(r, depth-1)); err != nil {
			panic(err)
		}
	}
	return d
}

func values(r *rand.Rand, depth int) []any {
	items := make([]any, r.Intn(4))
	for i := range items {
		items[i] = Value(r, depth-1)
	}
	return items
}
