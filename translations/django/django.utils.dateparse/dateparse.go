// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package dateparse

import (
	"fmt"
	"strings"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

func pattern(text string) func() *re.Pattern {
	return sync.OnceValue(func() *re.Pattern { return re.MustCompile(text, 0) })
}

const (
	dayPattern   = `(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})`
	clockPattern = `(?P<hour>\d{1,2}):(?P<minute>\d{1,2})` +
		`(?::(?P<second>\d{1,2})(?:[.,](?P<microsecond>\d{1,6})\d{0,6})?)?`
)

var (
	dateRe     = pattern(dayPattern + `$`)
	timeRe     = pattern(clockPattern + `$`)
	datetimeRe = pattern(dayPattern + `[T ]` + clockPattern + `\s*(?P<tzinfo>Z|[+-]\d{2}(?::?\d{2})?)?$`)
	standardRe = pattern(`^(?:(?P<days>-?\d+) (days?, )?)?(?P<sign>-?)((?:(?P<hours>\d+):)(?=\d+:\d+))?` +
		`(?:(?P<minutes>\d+):)?(?P<seconds>\d+)(?:[.,](?P<microseconds>\d{1,6})\d{0,6})?$`)
	iso8601Re = pattern(`^(?P<sign>[-+]?)P(?:(?P<days>\d+([.,]\d+)?)D)?(?:T(?:(?P<hours>\d+([.,]\d+)?)H)?` +
		`(?:(?P<minutes>\d+([.,]\d+)?)M)?(?:(?P<seconds>\d+([.,]\d+)?)S)?)?$`)
	postgresRe = pattern(`^(?:(?P<days>-?\d+) (days? ?))?(?:(?P<sign>[-+])?(?P<hours>\d+):(?P<minutes>\d\d):` +
		`(?P<seconds>\d\d)(?:\.(?P<microseconds>\d{1,6}))?)?$`)
)

// textOf is the str that fromisoformat asks for.
func textOf(value any) (string, error) {
	if text, is := value.(string); is {
		return text, nil
	}
	return "", py.TypeError("fromisoformat: argument must be str")
}

// number is int(group), 0 where the group took no part.
func number(match *re.Match, name string) (int64, error) {
	if !match.HasNamed(name) {
		return 0, nil
	}
	return py.ParseInt(match.Named(name), 10)
}

func numbers(match *re.Match, names ...string) ([]int64, error) {
	out := make([]int64, len(names))
	for i, name := range names {
		var err error
		if out[i], err = number(match, name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func dateOf(match *re.Match) (py.Date, error) {
	parts, err := numbers(match, "year", "month", "day")
	if err != nil {
		return py.Date{}, err
	}
	return py.NewDate(parts[0], parts[1], parts[2])
}

func timeOf(match *re.Match) (py.Time, error) {
	parts, err := numbers(match, "hour", "minute", "second")
	if err != nil {
		return py.Time{}, err
	}
	micros := int64(0)
	if match.HasNamed("microsecond") {
		if micros, err = py.ParseInt(py.LJust(match.Named("microsecond"), 6, '0'), 10); err != nil {
			return py.Time{}, err
		}
	}
	return py.NewTime(parts[0], parts[1], parts[2], micros)
}

func ParseDate(value any) (any, error) {
	text, err := textOf(value)
	if err != nil {
		return nil, err
	}
	date, err := py.DateFromISO(text)
	if py.Except(err, "ValueError") == nil {
		return date, err
	}
	if match := dateRe().Match(text); match != nil {
		return dateOf(match)
	}
	return nil, nil
}

func ParseTime(value any) (any, error) {
	text, err := textOf(value)
	if err != nil {
		return nil, err
	}
	time, err := py.TimeFromISO(text)
	if py.Except(err, "ValueError") == nil {
		return time.Naive(), err
	}
	if match := timeRe().Match(text); match != nil {
		return timeOf(match)
	}
	return nil, nil
}

// fixedZone is get_fixed_timezone of minutes.
func fixedZone(offset int64) (py.Zone, error) {
	sign, size := "+", offset
	if offset < 0 {
		sign, size = "-", -offset
	}
	delta, err := py.NewTimeDelta(0, offset*60, 0)
	if err != nil {
		return py.UTC, err
	}
	return py.NewNamedZone(delta, fmt.Sprintf("%s%02d%02d", sign, size/60, size%60))
}

func zoneOf(text string) (py.Zone, error) {
	if text == "Z" {
		return py.UTC, nil
	}
	minutes := int64(0)
	if py.Len(text) > 3 {
		var err error
		if minutes, err = py.ParseInt(py.Slice(text, -2, py.To), 10); err != nil {
			return py.UTC, err
		}
	}
	hours, err := py.ParseInt(py.Slice(text, 1, 3), 10)
	if err != nil {
		return py.UTC, err
	}
	offset := 60*hours + minutes
	if strings.HasPrefix(text, "-") {
		offset = -offset
	}
	return fixedZone(offset)
}

func ParseDatetime(value any) (any, error) {
	text, err := textOf(value)
	if err != nil {
		return nil, err
	}
	moment, err := py.DateTimeFromISO(text)
	if py.Except(err, "ValueError") == nil {
		return moment, err
	}
	match := datetimeRe().Match(text)
	if match == nil {
		return nil, nil
	}
	var zone py.Zone
	if match.HasNamed("tzinfo") {
		if zone, err = zoneOf(match.Named("tzinfo")); err != nil {
			return nil, err
		}
	}
	date, err := dateOf(match)
	if err != nil {
		return nil, err
	}
	time, err := timeOf(match)
	if err != nil {
		return nil, err
	}
	if match.HasNamed("tzinfo") {
		time = time.WithZone(zone)
	}
	return py.NewDateTime(date, time), nil
}

// float is float(group), nil where the group took no part.
func float(match *re.Match, name string) (any, error) {
	if match.Pattern().GroupIndex(name) == 0 || !match.HasNamed(name) {
		return nil, nil
	}
	text := match.Named(name)
	if name == "microseconds" {
		text = py.LJust(text, 6, '0')
	}
	return py.ParseFloat(strings.ReplaceAll(text, ",", "."))
}

func ParseDuration(value any) (any, error) {
	text, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	match, iso := standardRe().Match(text), false
	if match == nil {
		match = iso8601Re().Match(text)
		iso = match != nil
	}
	if match == nil {
		if match = postgresRe().Match(text); match == nil {
			return nil, nil
		}
	}
	sign := int64(1)
	if match.HasNamed("sign") && match.Named("sign") == "-" {
		sign = -1
	}
	var parts [5]any
	for i, name := range []string{"days", "hours", "minutes", "seconds", "microseconds"} {
		var err error
		if parts[i], err = float(match, name); err != nil {
			return nil, err
		}
	}
	days, err := py.TimeDeltaArgs{Days: parts[0]}.Make()
	if err != nil {
		return nil, err
	}
	if iso {
		if days, err = days.Mul(sign); err != nil {
			return nil, err
		}
	}
	rest, err := py.TimeDeltaArgs{Hours: parts[1], Minutes: parts[2], Seconds: parts[3], Microseconds: parts[4]}.Make()
	if err != nil {
		return nil, err
	}
	if rest, err = rest.Mul(sign); err != nil {
		return nil, err
	}
	return days.Add(rest)
}
