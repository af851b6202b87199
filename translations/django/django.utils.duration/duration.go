// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package duration

import (
	"fmt"
	"math/big"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// deltaOf is the timedelta whose days are asked for; what else is given has none.
func deltaOf(value any) (py.TimeDelta, error) {
	name := ""
	switch delta := value.(type) {
	case py.TimeDelta:
		return delta, nil
	case nil:
		name = "NoneType"
	case bool:
		name = "bool"
	case int64, *big.Int:
		name = "int"
	case float64:
		name = "float"
	case string:
		name = "str"
	case []byte:
		name = "bytes"
	case []any:
		name = "list"
	case py.Tuple:
		name = "tuple"
	case pyrt.Dict:
		name = "dict"
	default:
		return py.TimeDelta{}, py.ErrUnsupported
	}
	return py.TimeDelta{}, py.AttributeError("'%s' object has no attribute 'days'", name)
}

// clockOf gives hours, minutes and seconds of the day.
func clockOf(duration py.TimeDelta) (hours, minutes, seconds int64) {
	seconds = duration.Seconds()
	return seconds / 3600, seconds / 60 % 60, seconds % 60
}

func DurationString(duration any) (any, error) {
	delta, err := deltaOf(duration)
	if err != nil {
		return nil, err
	}
	hours, minutes, seconds := clockOf(delta)
	text := fmt.Sprintf("%02d:%02d:%02d", hours, minutes, seconds)
	if delta.Days() != 0 {
		text = fmt.Sprintf("%d %s", delta.Days(), text)
	}
	if delta.Microseconds() != 0 {
		text += fmt.Sprintf(".%06d", delta.Microseconds())
	}
	return text, nil
}

func DurationIsoString(duration any) (any, error) {
	if _, is := duration.(pyrt.Dict); is {
		return nil, py.ErrUnsupported
	}
	negative, err := py.Less(duration, py.TimeDelta{})
	if err != nil {
		return nil, err
	}
	delta, err := deltaOf(duration)
	if err != nil {
		return nil, err
	}
	sign := ""
	if negative {
		if delta, err = delta.Mul(-1); err != nil {
			return nil, err
		}
		sign = "-"
	}
	hours, minutes, seconds := clockOf(delta)
	fraction := ""
	if delta.Microseconds() != 0 {
		fraction = fmt.Sprintf(".%06d", delta.Microseconds())
	}
	return fmt.Sprintf("%sP%dDT%02dH%02dM%02d%sS", sign, delta.Days(), hours, minutes, seconds, fraction), nil
}

func DurationMicroseconds(delta any) (any, error) {
	duration, err := deltaOf(delta)
	if err != nil {
		return nil, err
	}
	return duration.TotalMicroseconds()
}
