// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package duration

import (
	"fmt"

	"py/dist.pyrt/py"
)

// clockOf gives hours, minutes and seconds of the day.
func clockOf(duration py.TimeDelta) (hours, minutes, seconds int64) {
	seconds = duration.Seconds()
	return seconds / 3600, seconds / 60 % 60, seconds % 60
}

func DurationString(duration any) (any, error) {
	delta, is := duration.(py.TimeDelta)
	if !is {
		return nil, py.ErrUnsupported
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
	delta, is := duration.(py.TimeDelta)
	if !is {
		return nil, py.ErrUnsupported
	}
	sign := ""
	if delta.Days() < 0 {
		var err error
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
	duration, is := delta.(py.TimeDelta)
	if !is {
		return nil, py.ErrUnsupported
	}
	return duration.TotalMicroseconds()
}
