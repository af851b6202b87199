package pyrt

import (
	"py/dist.pyrt/py"
)

// Dates and their like, Decimals and sets cross as values of package py, through two functions of the bootstrap: they are too
// seldom for tags of their own.

// typeValue is the number of a Python class whose instances are values.
const typeValue = -3

var valueClasses = map[[2]string]bool{
	{"datetime", "date"}: true, {"datetime", "time"}: true, {"datetime", "datetime"}: true, {"datetime", "timedelta"}: true,
	{"decimal", "Decimal"}: true, {"builtins", "set"}: true, {"builtins", "frozenset"}: true,
}

// isValueClass tells of the names on an MRO.
func isValueClass(names []any) bool {
	if len(names) == 0 {
		return false
	}
	pair, _ := names[0].(Tuple)
	if len(pair) != 2 {
		return false
	}
	module, _ := pair[0].(string)
	name, _ := pair[1].(string)
	return valueClasses[[2]string{module, name}]
}

// valueOf gives the value that a handle stands for. What has none stays a handle: a time zone that is more than an offset, a set
// with other things in it than values.
func valueOf(object *Object) (any, bool) {
	result, err := partsOf.Call([]any{object}, nil, nil, nil)
	parts, _ := result.(Tuple)
	if err != nil || len(parts) < 2 {
		return nil, false
	}
	word, _ := parts[0].(string)
	value, err := valueFrom(word, parts[1:])
	if err != nil {
		return nil, false
	}
	object.releaseNow()
	return value, true
}

func valueFrom(word string, parts []any) (any, error) {
	numbers := make([]int64, 0, len(parts))
	for _, part := range parts {
		number, is := part.(int64)
		if !is {
			break
		}
		numbers = append(numbers, number)
	}
	switch {
	case word == "set" || word == "frozenset":
		items, _ := parts[0].([]any)
		if holdsHandle(items, 0) {
			return nil, py.ErrUnsupported
		}
		if word == "set" {
			return py.NewAnySet(items...)
		}
		return py.NewAnyFrozenSet(items...)
	case word == "Decimal":
		text, _ := parts[0].(string)
		return py.ParseDecimal(text)
	case word == "timedelta" && len(numbers) == 3:
		return py.NewTimeDelta(numbers[0], numbers[1], numbers[2])
	case word == "date" && len(numbers) == 3:
		return py.NewDate(numbers[0], numbers[1], numbers[2])
	case word == "time" && len(numbers) >= 5:
		return timeFrom(numbers, parts[5:])
	case word == "datetime" && len(numbers) >= 8:
		date, err := py.NewDate(numbers[0], numbers[1], numbers[2])
		if err != nil {
			return nil, err
		}
		time, err := timeFrom(numbers[3:], parts[8:])
		return py.NewDateTime(date, time), err
	}
	return nil, py.ErrUnsupported
}

// timeFrom takes hour, minute, second, microsecond and fold; zone: nothing, or days, seconds and microseconds of the offset and a name.
func timeFrom(numbers []int64, zone []any) (py.Time, error) {
	time, err := py.NewTime(numbers[0], numbers[1], numbers[2], numbers[3])
	if err != nil || len(zone) == 0 {
		return time.WithFold(numbers[4]), err
	}
	if len(zone) != 4 || len(numbers) != 8 {
		return time, py.ErrUnsupported
	}
	offset, err := py.NewTimeDelta(numbers[5], numbers[6], numbers[7])
	if err != nil {
		return time, err
	}
	name, is := zone[3].(string)
	if !is {
		return time, py.ErrUnsupported
	}
	fixed, err := py.NewNamedZone(offset, name)
	return time.WithFold(numbers[4]).WithZone(fixed), err
}

// holdsHandle tells of what only Python can compare.
func holdsHandle(items []any, depth int) bool {
	if depth > depthLimit {
		return true
	}
	for _, item := range items {
		if tuple, is := item.(Tuple); is && holdsHandle(tuple, depth+1) || isHolder(item) {
			return true
		}
	}
	return false
}

// partsOfValue is the other way: what the bootstrap makes the Python value of. nil: it is none of these.
func partsOfValue(value any) []any {
	switch v := value.(type) {
	case py.Date:
		return []any{"date", v.Year(), v.Month(), v.Day()}
	case py.Time:
		return append([]any{"time"}, partsOfTime(v)...)
	case py.DateTime:
		date := v.Date()
		return append([]any{"datetime", date.Year(), date.Month(), date.Day()}, partsOfTime(v.Time())...)
	case py.TimeDelta:
		return []any{"timedelta", v.Days(), v.Seconds(), v.Microseconds()}
	case py.Decimal:
		return []any{"Decimal", v.String()}
	case *py.AnySet:
		if v != nil {
			return []any{"set", v.Values()}
		}
	case *py.AnyFrozenSet:
		if v != nil {
			return []any{"frozenset", v.Values()}
		}
	}
	return nil
}

func partsOfTime(time py.Time) []any {
	parts := []any{time.Hour(), time.Minute(), time.Second(), time.Microsecond(), time.Fold()}
	if zone, aware := time.Zone(); aware {
		offset := zone.Offset()
		name := any(nil)
		if zone.Named() {
			name = zone.Name()
		}
		parts = append(parts, offset.Days(), offset.Seconds(), offset.Microseconds(), name)
	}
	return parts
}
