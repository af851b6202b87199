package py

import (
	"math"
	"math/big"
	"math/bits"
)

// Add is a + b, checked: [ErrOverflow] beyond int64.
func Add(a, b int64) (int64, error) {
	sum := a + b
	if (sum^a)&(sum^b) < 0 {
		return 0, ErrOverflow
	}
	return sum, nil
}

// Sub is a - b, checked.
func Sub(a, b int64) (int64, error) {
	difference := a - b
	if (a^b)&(difference^a) < 0 {
		return 0, ErrOverflow
	}
	return difference, nil
}

// Mul is a * b, checked.
func Mul(a, b int64) (int64, error) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	if high != 0 || low > 1<<63 || low == 1<<63 && !negative {
		return 0, ErrOverflow
	}
	if negative {
		return -int64(low), nil
	}
	return int64(low), nil
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// Neg is -a, checked.
func Neg(a int64) (int64, error) { return Sub(0, a) }

// Abs is abs(a), checked.
func Abs(a int64) (int64, error) {
	if a < 0 {
		return Neg(a)
	}
	return a, nil
}

// FloorDiv is a // b, with its ZeroDivisionError. With a divisor that is known to be positive, [FloorDivPositive] is enough.
func FloorDiv(a, b int64) (int64, error) {
	if b == 0 {
		return 0, ZeroDivisionError("integer division or modulo by zero")
	}
	if b == -1 {
		return Neg(a)
	}
	quotient := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		quotient--
	}
	return quotient, nil
}

// Mod is a % b: it has the sign of b.
func Mod(a, b int64) (int64, error) {
	if b == 0 {
		return 0, ZeroDivisionError("integer modulo by zero")
	}
	if b == -1 {
		return 0, nil
	}
	rest := a % b
	if rest != 0 && (rest < 0) != (b < 0) {
		rest += b
	}
	return rest, nil
}

// DivMod is divmod(a, b).
func DivMod(a, b int64) (quotient, rest int64, err error) {
	if quotient, err = FloorDiv(a, b); err != nil {
		return 0, 0, err
	}
	rest, err = Mod(a, b)
	return quotient, rest, err
}

// FloorDivPositive is a // b for b > 0.
func FloorDivPositive(a, b int64) int64 {
	quotient := a / b
	if a%b < 0 {
		quotient--
	}
	return quotient
}

// ModPositive is a % b for b > 0: 0 ≤ result < b.
func ModPositive(a, b int64) int64 {
	rest := a % b
	if rest < 0 {
		rest += b
	}
	return rest
}

// Pow is base ** exponent for exponent ≥ 0, checked. A negative exponent makes a float in Python: see [PowFloat].
func Pow(base, exponent int64) (int64, error) {
	if exponent < 0 {
		return 0, ErrOverflow
	}
	result := int64(1)
	for {
		var err error
		if exponent&1 != 0 {
			if result, err = Mul(result, base); err != nil {
				return 0, err
			}
		}
		if exponent >>= 1; exponent == 0 {
			return result, nil
		}
		if base, err = Mul(base, base); err != nil {
			return 0, err
		}
	}
}

// PowMod is pow(base, exponent, modulus), also for negative exponents (the inverse), with its ValueErrors.
func PowMod(base, exponent, modulus int64) (int64, error) {
	if modulus == 0 {
		return 0, ValueError("pow() 3rd argument cannot be 0")
	}
	size := new(big.Int).Abs(big.NewInt(modulus))
	number, power := big.NewInt(base), big.NewInt(exponent)
	if exponent < 0 {
		if number.ModInverse(number.Mod(number, size), size) == nil {
			return 0, ValueError("base is not invertible for the given modulus")
		}
		power.Neg(power)
	}
	result := new(big.Int).Exp(number, power, size)
	if modulus < 0 && result.Sign() != 0 {
		result.Sub(result, size)
	}
	return result.Int64(), nil
}

// LeftShift is a << n, checked, with its ValueError for a negative n.
func LeftShift(a, n int64) (int64, error) {
	switch {
	case n < 0:
		return 0, ValueError("negative shift count")
	case a == 0:
		return 0, nil
	case n > 63 || a<<uint(n)>>uint(n) != a:
		return 0, ErrOverflow
	}
	return a << uint(n), nil
}

// RightShift is a >> n, with its ValueError for a negative n.
func RightShift(a, n int64) (int64, error) {
	if n < 0 {
		return 0, ValueError("negative shift count")
	}
	return a >> uint(min(n, 63)), nil
}

// BitLength is a.bit_length().
func BitLength(a int64) int { return bits.Len64(magnitude(a)) }

// TrueDiv is a / b: the float next to the exact quotient.
func TrueDiv(a, b int64) (float64, error) {
	if b == 0 {
		return 0, ZeroDivisionError("division by zero")
	}
	const exact = 1 << 53
	if a <= exact && a >= -exact && b <= exact && b >= -exact {
		return float64(a) / float64(b), nil
	}
	if a == 0 {
		return 0 / float64(b), nil // 0 / -1 is -0.0
	}
	quotient, _ := new(big.Rat).SetFrac(big.NewInt(a), big.NewInt(b)).Float64()
	return quotient, nil
}

// RoundInt is round(a, digits): to tens for -1, half to even; checked.
func RoundInt(a int64, digits int) (int64, error) {
	if digits >= 0 {
		return a, nil
	}
	if digits < -19 {
		return 0, nil
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-digits)), nil)
	quotient, rest := BigDivMod(big.NewInt(a), unit)
	switch new(big.Int).Lsh(rest, 1).Cmp(unit) {
	case 1:
		quotient.Add(quotient, big.NewInt(1))
	case 0:
		quotient.Add(quotient, new(big.Int).And(quotient, big.NewInt(1)))
	}
	if quotient.Mul(quotient, unit); !quotient.IsInt64() {
		return 0, ErrOverflow
	}
	return quotient.Int64(), nil
}

// BigDivMod is divmod(a, b) for big ints, b ≠ 0: Go's Quo and Div round otherwise.
func BigDivMod(a, b *big.Int) (quotient, rest *big.Int) {
	quotient, rest = new(big.Int).QuoRem(a, b, new(big.Int))
	if rest.Sign() != 0 && rest.Sign() != b.Sign() {
		quotient.Sub(quotient, big.NewInt(1))
		rest.Add(rest, b)
	}
	return quotient, rest
}

// Int gives a big int as values of type any hold ints: an int64 if it fits.
func Int(a *big.Int) any {
	if a.IsInt64() {
		return a.Int64()
	}
	return a
}

// IntOfFloat is int(f), with its ValueError and OverflowError; checked.
func IntOfFloat(f float64) (int64, error) {
	whole, err := BigIntOfFloat(f)
	if err != nil {
		return 0, err
	}
	if !whole.IsInt64() {
		return 0, ErrOverflow
	}
	return whole.Int64(), nil
}

// BigIntOfFloat is int(f) of any size.
func BigIntOfFloat(f float64) (*big.Int, error) {
	if math.IsNaN(f) {
		return nil, ValueError("cannot convert float NaN to integer")
	}
	if math.IsInf(f, 0) {
		return nil, OverflowError("cannot convert float infinity to integer")
	}
	whole, _ := big.NewFloat(f).Int(nil)
	return whole, nil
}
