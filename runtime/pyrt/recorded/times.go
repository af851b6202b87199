package recorded

import (
	"encoding/json"
	"errors"

	"py/dist.pyrt/py"
)

// Dates and their like, and Decimals: ["date", iso], ["time", iso, fold, zone], ["datetime", iso, fold, zone], ["timedelta", [days,
// seconds, microseconds]], ["Decimal", text]; zone: null or [seconds, microseconds, name].

func numbersOf(tree any, count int) ([]int64, error) {
	rows, _ := tree.([]any)
	if len(rows) < count {
		return nil, errors.New("too few numbers")
	}
	numbers := make([]int64, count)
	for i := range numbers {
		number, _ := rows[i].(json.Number)
		var err error
		if numbers[i], err = number.Int64(); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

func zoneOf(tree any) (py.Zone, error) {
	numbers, err := numbersOf(tree, 2)
	if err != nil {
		return py.UTC, err
	}
	name, is := tree.([]any)[len(tree.([]any))-1].(string)
	if !is {
		return py.UTC, errors.New("a time zone whose name a Go string cannot hold")
	}
	offset, err := py.NewTimeDelta(0, numbers[0], numbers[1])
	if err != nil {
		return py.UTC, err
	}
	return py.NewNamedZone(offset, name)
}

// timeOf reads a tree of these words; is: it is one.
func timeOf(word string, rest []any) (value any, is bool, err error) {
	text, _ := rest[0].(string)
	switch word {
	case "date":
		value, err = py.DateFromISO(text)
		return value, true, err
	case "Decimal":
		value, err = py.ParseDecimal(text)
		return value, true, err
	case "timedelta":
		numbers, err := numbersOf(rest[0], 3)
		if err != nil {
			return nil, true, err
		}
		value, err = py.NewTimeDelta(numbers[0], numbers[1], numbers[2])
		return value, true, err
	case "time", "datetime":
		value, err = momentOf(word, text, rest)
		return value, true, err
	}
	return nil, false, nil
}

func momentOf(word, text string, rest []any) (any, error) {
	if len(rest) != 3 {
		return nil, errors.New("a time without fold and zone")
	}
	fold, err := numbersOf(rest[1:], 1)
	if err != nil {
		return nil, err
	}
	finish := func(time py.Time) (py.Time, error) {
		if rest[2] == nil {
			return time.WithFold(fold[0]), nil
		}
		zone, err := zoneOf(rest[2])
		return time.WithFold(fold[0]).WithZone(zone), err
	}
	if word == "time" {
		time, err := py.TimeFromISO(text)
		if err != nil {
			return nil, err
		}
		return finish(time)
	}
	moment, err := py.DateTimeFromISO(text)
	if err != nil {
		return nil, err
	}
	time, err := finish(moment.Time())
	return py.NewDateTime(moment.Date(), time), err
}

func zoneTree(time py.Time) any {
	zone, aware := time.Zone()
	if !aware {
		return nil
	}
	offset := zone.Offset()
	return []any{offset.Days()*86400 + offset.Seconds(), offset.Microseconds(), encodeString(zone.Name())}
}

// timeTree is the other way; nil: it is no such value.
func timeTree(value any) any {
	switch v := value.(type) {
	case py.Date:
		return []any{"date", v.ISOFormat()}
	case py.Time:
		return []any{"time", v.Naive().ISOFormat(), v.Fold(), zoneTree(v)}
	case py.DateTime:
		return []any{"datetime", v.Naive().ISOFormat(), v.Time().Fold(), zoneTree(v.Time())}
	case py.TimeDelta:
		return []any{"timedelta", []any{v.Days(), v.Seconds(), v.Microseconds()}}
	case py.Decimal:
		return []any{"Decimal", v.String()}
	}
	return nil
}
