package py

import (
	"fmt"
	"math"
	"math/big"
)

// TimeDelta is a datetime.timedelta: days, seconds and microseconds, normalised as Python does (only days can be negative).
// The zero value is timedelta(0). Two are equal where Go's == says so.
type TimeDelta struct{ days, seconds, microseconds int32 }

const (
	secondsOfDay    = 24 * 60 * 60
	microsOfDay     = secondsOfDay * 1000000
	largestDays     = 999999999
	largestMicros53 = 1 << 53
)

// TimeDeltaArgs are the keyword arguments of timedelta(…): each nil, an int (int64, int, bool, *big.Int) or a float64.
type TimeDeltaArgs struct{ Days, Seconds, Microseconds, Milliseconds, Minutes, Hours, Weeks any }

// NewTimeDelta is timedelta(days, seconds, microseconds) of any three ints, with its OverflowError.
func NewTimeDelta(days, seconds, microseconds int64) (TimeDelta, error) {
	const plain = 1 << 52 // no sum of these leaves int64
	if days > -plain && days < plain && seconds > -plain && seconds < plain {
		seconds += floorDiv(microseconds, 1000000)
		microseconds -= floorDiv(microseconds, 1000000) * 1000000
		days += floorDiv(seconds, secondsOfDay)
		return deltaOfDays(days, (seconds-floorDiv(seconds, secondsOfDay)*secondsOfDay)*1000000+microseconds)
	}
	total := new(big.Int).Mul(big.NewInt(days), big.NewInt(microsOfDay))
	total.Add(total, new(big.Int).Mul(big.NewInt(seconds), big.NewInt(1000000)))
	return deltaOf(total.Add(total, big.NewInt(microseconds)))
}

// floorDiv is a // b of a positive b.
func floorDiv(a, b int64) int64 {
	if a%b < 0 {
		return a/b - 1
	}
	return a / b
}

// Make is timedelta(…) of ints and floats, rounded half to even to a microsecond as CPython does it.
func (args TimeDeltaArgs) Make() (TimeDelta, error) {
	total, rest := new(big.Int), 0.0
	for _, row := range []struct {
		value  any
		factor int64
	}{
		{args.Microseconds, 1}, {args.Milliseconds, 1000}, {args.Seconds, 1000000}, {args.Minutes, 60000000},
		{args.Hours, 3600000000}, {args.Days, microsOfDay}, {args.Weeks, 7 * microsOfDay},
	} {
		if row.value == nil {
			continue
		}
		if whole, is := intOf(row.value); is {
			total.Add(total, new(big.Int).Mul(whole, big.NewInt(row.factor)))
			continue
		}
		number, is := row.value.(float64)
		if !is {
			return TimeDelta{}, ErrUnsupported
		}
		whole, fraction := math.Modf(number)
		part, err := wholeOf(whole)
		if err != nil {
			return TimeDelta{}, err
		}
		total.Add(total, part.Mul(part, big.NewInt(row.factor)))
		if fraction != 0 { // from here on floats, which may lose a little
			whole, fraction = math.Modf(float64(row.factor) * fraction)
			total.Add(total, big.NewInt(int64(whole)))
			rest += fraction
		}
	}
	if rest != 0 {
		rounded := math.Round(rest)
		if math.Abs(rounded-rest) == 0.5 {
			odd := float64(total.Bit(0))
			rounded = 2*math.Round((rest+odd)*0.5) - odd
		}
		total.Add(total, big.NewInt(int64(rounded)))
	}
	return deltaOf(total)
}

func wholeOf(number float64) (*big.Int, error) {
	switch {
	case math.IsNaN(number):
		return nil, ValueError("cannot convert float NaN to integer")
	case math.IsInf(number, 0):
		return nil, OverflowError("cannot convert float infinity to integer")
	}
	whole, _ := big.NewFloat(number).Int(nil)
	return whole, nil
}

// deltaOf takes microseconds.
func deltaOf(total *big.Int) (TimeDelta, error) {
	rest := new(big.Int)
	days, rest := new(big.Int).DivMod(total, big.NewInt(microsOfDay), rest)
	if !days.IsInt64() {
		return TimeDelta{}, OverflowError("Python int too large to convert to C int")
	}
	return deltaOfDays(days.Int64(), rest.Int64())
}

// deltaOfDays takes microseconds from 0 on below those of a day.
func deltaOfDays(days, micros int64) (TimeDelta, error) {
	switch {
	case days != int64(int32(days)):
		return TimeDelta{}, OverflowError("Python int too large to convert to C int")
	case days < -largestDays || days > largestDays:
		return TimeDelta{}, OverflowError("days=%d; must have magnitude <= %d", days, largestDays)
	}
	return TimeDelta{int32(days), int32(micros / 1000000), int32(micros % 1000000)}, nil
}

// Days is d.days, which is negative where d is.
func (d TimeDelta) Days() int64 { return int64(d.days) }

// Seconds is d.seconds, from 0 to 86399.
func (d TimeDelta) Seconds() int64 { return int64(d.seconds) }

// Microseconds is d.microseconds, from 0 to 999999.
func (d TimeDelta) Microseconds() int64 { return int64(d.microseconds) }

func (d TimeDelta) ofDay() int64 { return int64(d.seconds)*1000000 + int64(d.microseconds) }

func (d TimeDelta) big() *big.Int {
	total := new(big.Int).Mul(big.NewInt(int64(d.days)), big.NewInt(microsOfDay))
	return total.Add(total, big.NewInt(d.ofDay()))
}

// TotalMicroseconds is d // timedelta(microseconds=1); beyond int64 (292,000 years) ErrOverflow.
func (d TimeDelta) TotalMicroseconds() (int64, error) {
	total := d.big()
	if !total.IsInt64() {
		return 0, ErrOverflow
	}
	return total.Int64(), nil
}

// TotalSeconds is d.total_seconds().
func (d TimeDelta) TotalSeconds() float64 {
	total := d.big()
	if total.IsInt64() && total.Int64() > -largestMicros53 && total.Int64() < largestMicros53 {
		return float64(total.Int64()) / 1e6
	}
	seconds, _ := new(big.Rat).SetFrac(total, big.NewInt(1000000)).Float64()
	return seconds
}

// Add is d + other.
func (d TimeDelta) Add(other TimeDelta) (TimeDelta, error) {
	days, micros := int64(d.days)+int64(other.days), d.ofDay()+other.ofDay()
	if micros >= microsOfDay {
		days, micros = days+1, micros-microsOfDay
	}
	return deltaOfDays(days, micros)
}

// Sub is d - other.
func (d TimeDelta) Sub(other TimeDelta) (TimeDelta, error) {
	days, micros := int64(d.days)-int64(other.days), d.ofDay()-other.ofDay()
	if micros < 0 {
		days, micros = days-1, micros+microsOfDay
	}
	return deltaOfDays(days, micros)
}

// Neg is -d.
func (d TimeDelta) Neg() (TimeDelta, error) { return TimeDelta{}.Sub(d) }

// Mul is d * n.
func (d TimeDelta) Mul(n int64) (TimeDelta, error) {
	total := d.big()
	return deltaOf(total.Mul(total, big.NewInt(n)))
}

// Compare gives -1, 0 or 1.
func (d TimeDelta) Compare(other TimeDelta) int {
	if d.days != other.days {
		return sign(int64(d.days) - int64(other.days))
	}
	return sign(d.ofDay() - other.ofDay())
}

func sign(n int64) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// String is str(d): "-1 day, 23:59:59.000001".
func (d TimeDelta) String() string {
	text := fmt.Sprintf("%d:%02d:%02d", d.seconds/3600, d.seconds/60%60, d.seconds%60)
	if d.microseconds != 0 {
		text += fmt.Sprintf(".%06d", d.microseconds)
	}
	switch {
	case d.days == 1 || d.days == -1:
		text = fmt.Sprintf("%d day, %s", d.days, text)
	case d.days != 0:
		text = fmt.Sprintf("%d days, %s", d.days, text)
	}
	return text
}

// Repr is repr(d): "datetime.timedelta(days=1, seconds=2)".
func (d TimeDelta) Repr() string {
	text := ""
	for _, row := range []struct {
		name  string
		value int32
	}{{"days", d.days}, {"seconds", d.seconds}, {"microseconds", d.microseconds}} {
		if row.value != 0 {
			if text != "" {
				text += ", "
			}
			text += fmt.Sprintf("%s=%d", row.name, row.value)
		}
	}
	if text == "" {
		text = "0"
	}
	return "datetime.timedelta(" + text + ")"
}
