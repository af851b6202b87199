package py

import (
	"math"
	"math/big"
	"strconv"
)

// FloorDivFloat is a // b for floats.
func FloorDivFloat(a, b float64) (float64, error) {
	quotient, _, err := divModFloat(a, b, "float floor division by zero")
	return quotient, err
}

// ModFloat is a % b for floats: it has the sign of b.
func ModFloat(a, b float64) (float64, error) {
	if b == 0 {
		return 0, ZeroDivisionError("float modulo")
	}
	rest := math.Mod(a, b)
	switch {
	case rest == 0:
		return math.Copysign(0, b), nil
	case (b < 0) != (rest < 0):
		rest += b
	}
	return rest, nil
}

// DivModFloat is divmod(a, b) for floats.
func DivModFloat(a, b float64) (quotient, rest float64, err error) {
	return divModFloat(a, b, "float divmod()")
}

func divModFloat(a, b float64, zero string) (quotient, rest float64, err error) {
	if b == 0 {
		return 0, 0, ZeroDivisionError(zero)
	}
	rest = math.Mod(a, b)
	quotient = (a - rest) / b
	if rest != 0 {
		if (b < 0) != (rest < 0) {
			rest += b
			quotient--
		}
	} else {
		rest = math.Copysign(0, b)
	}
	if quotient == 0 {
		return math.Copysign(0, a/b), rest, nil
	}
	floor := math.Floor(quotient)
	if quotient-floor > 0.5 {
		floor++
	}
	return floor, rest, nil
}

// DivFloat is a / b for floats, with its ZeroDivisionError.
func DivFloat(a, b float64) (float64, error) {
	if b == 0 {
		return 0, ZeroDivisionError("float division by zero")
	}
	return a / b, nil
}

// Round is round(f): an int, half to even, with the errors of int(f); checked.
func Round(f float64) (int64, error) { return IntOfFloat(math.RoundToEven(f)) }

// RoundTo is round(f, digits): the exact value is rounded, half to even, so round(2.675, 2) is 2.67.
func RoundTo(f float64, digits int) (float64, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0) || f == 0 || digits > 323:
		return f, nil
	case digits < -308:
		return math.Copysign(0, f), nil
	case digits >= 0:
		result, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', digits, 64), 64)
		return result, nil
	}
	// strconv has no digits before the point: round the exact value by hand.
	exact := new(big.Rat).SetFloat64(f)
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-digits)), nil)
	denominator := new(big.Int).Mul(exact.Denom(), unit)
	quotient, rest := BigDivMod(exact.Num(), denominator)
	switch new(big.Int).Lsh(rest, 1).Cmp(denominator) {
	case 1:
		quotient.Add(quotient, big.NewInt(1))
	case 0:
		quotient.Add(quotient, new(big.Int).And(quotient, big.NewInt(1)))
	}
	result, _ := new(big.Float).SetInt(quotient.Mul(quotient, unit)).Float64()
	if math.IsInf(result, 0) {
		return 0, OverflowError("rounded value too large to represent")
	}
	if result == 0 {
		return math.Copysign(0, f), nil
	}
	return result, nil
}

// IsInteger is f.is_integer().
func IsInteger(f float64) bool { return f == math.Floor(f) && !math.IsInf(f, 0) }
