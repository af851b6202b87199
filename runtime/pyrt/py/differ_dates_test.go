package py_test

import (
	"math"
	"math/rand"
	"strings"
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func randomDelta(r *rand.Rand) py.TimeDelta {
	days := []int64{0, 0, 1, -1, 2, 400, -999999999, 999999999, int64(r.Intn(4000) - 2000)}[r.Intn(9)]
	micros := []int64{0, 1, 999999, int64(r.Intn(1000000))}[r.Intn(4)]
	return must(py.NewTimeDelta(days, int64(r.Intn(86399)*r.Intn(2)), micros))
}

func randomZone(r *rand.Rand) py.Zone {
	seconds := []int64{0, 3600, -3600, 19800, int64(r.Intn(172799) - 86399)}[r.Intn(5)]
	offset := must(py.NewTimeDelta(0, seconds, int64(r.Intn(1000000)*(r.Intn(8)/7))))
	if offset.Days() == 1 {
		offset = py.TimeDelta{}
	}
	if r.Intn(3) == 0 {
		return must(py.NewNamedZone(offset, []string{"UTC", "UTC+01:00", "+0530", "", "é'"}[r.Intn(5)]))
	}
	return must(py.NewZone(offset))
}

func randomTime(r *rand.Rand) py.Time {
	time := must(py.NewTime(int64(r.Intn(24)), int64(r.Intn(60)*r.Intn(2)), int64(r.Intn(60)*r.Intn(2)), int64(r.Intn(1000000)*r.Intn(2))))
	if r.Intn(2) == 0 {
		time = time.WithZone(randomZone(r))
	}
	return time.WithFold(int64(r.Intn(4) / 3))
}

func randomDate(r *rand.Rand) py.Date {
	year := []int64{1, 4, 1900, 2000, 2023, 2024, 9999, int64(r.Intn(9999) + 1)}[r.Intn(8)]
	return must(py.NewDate(year, int64(r.Intn(12)+1), int64(r.Intn(28)+1)))
}

func randomDecimal(r *rand.Rand) py.Decimal { return must(py.ParseDecimal(decimalText(r))) }

func decimalText(r *rand.Rand) string {
	text := []string{"", "-", "+"}[r.Intn(3)]
	switch r.Intn(8) {
	case 0:
		return text + []string{"Infinity", "NaN", "sNaN", "nan012", "SNAN7", "inf"}[r.Intn(6)]
	case 1:
		return text + []string{"0", "0.0", "-0E+3"[1:], "0E-9", "1.0", "1.00", "10", "1E+1", "0.5", "0.50", "1e400", "1E-7", "0.000001"}[r.Intn(13)]
	}
	text += differ.From(r, "0123456789", 1+r.Intn(30)) + "1"
	if r.Intn(2) == 0 {
		text += "." + differ.From(r, "0123456789", r.Intn(12))
	}
	if r.Intn(3) == 0 {
		text += "E" + []string{"", "+", "-"}[r.Intn(3)] + []string{"0", "1", "7", "25", "310"}[r.Intn(5)]
	}
	return text
}

// like gives a value of one of the kinds, and others that may be equal to it.
func like(r *rand.Rand) any {
	switch r.Intn(9) {
	case 0:
		return randomDate(r)
	case 1, 2:
		return randomTime(r)
	case 3:
		return py.NewDateTime(randomDate(r), randomTime(r))
	case 4:
		return randomDelta(r)
	case 5, 6:
		return randomDecimal(r)
	case 7:
		return []any{int64(r.Intn(3)), 0.5, 1.0, math.Inf(1), true, nil, "x"}[r.Intn(7)]
	}
	set := must(py.NewAnyFrozenSet(int64(r.Intn(2)), "a"))
	if r.Intn(2) == 0 {
		return set
	}
	return must(py.NewAnySet(set.Values()...))
}

// near gives another moment that may be the same one.
func near(r *rand.Rand, value any) any {
	if r.Intn(2) == 0 {
		return value
	}
	switch v := value.(type) {
	case py.Time:
		zone, aware := v.Zone()
		later, err := py.NewZone(must(zone.Offset().Add(must(py.NewTimeDelta(0, int64(3600+r.Intn(2)*60), 0)))))
		if aware && err == nil {
			return must(py.NewTime((v.Hour()+1)%24, v.Minute(), v.Second(), v.Microsecond())).WithZone(later)
		}
	case py.DateTime:
		if _, aware := v.Zone(); aware {
			return v.WithZone(randomZone(r))
		}
		return v.WithZone(py.UTC)
	case py.Decimal:
		if text, err := v.Fixed(); err == nil && v.IsFinite() && v.Exponent() < 0 {
			return must(py.ParseDecimal(text + "0"))
		}
	}
	return like(r)
}

func isoText(r *rand.Rand) string {
	var text string
	switch r.Intn(6) {
	case 0:
		text = randomDate(r).ISOFormat()
	case 1:
		text = randomTime(r).ISOFormat()
	case 2, 3:
		text = py.NewDateTime(randomDate(r), randomTime(r)).String()
	case 4:
		text = []string{"2020W01", "2020-W53-7", "2021-W53", "2021W017", "9999-W53-1", "20200102", "2020-W01-0102", "2020W0171205", "2021-W05-3T10"}[r.Intn(9)]
	default:
		text = differ.From(r, "0012345-:TWZ+. é9", 22)
	}
	if r.Intn(3) == 0 {
		text = strings.Replace(text, "-", "", 2)
	}
	if r.Intn(3) == 0 {
		text = strings.ReplaceAll(text, ":", "")
	}
	for r.Intn(2) == 0 && text != "" {
		at := r.Intn(len(text) + 1)
		text = strings.ToValidUTF8(text[:at]+differ.From(r, "0129-:.,TWZ+ é🐍", 2)+text[min(len(text), at+r.Intn(2)):], "?")
	}
	return text
}

func dateCases() []differ.Case {
	one := func(r *rand.Rand) []any { // a set of two has no order
		value := like(r)
		for strings.Contains(py.Repr(value), "{") {
			value = like(r)
		}
		return args{value}
	}
	two := func(r *rand.Rand) []any {
		a := like(r)
		return args{a, near(r, a)}
	}
	iso := func(r *rand.Rand) []any { return args{isoText(r)} }
	number := func(r *rand.Rand) any {
		switch r.Intn(4) {
		case 0:
			return nil
		case 1:
			return differ.Float64(r)
		case 2:
			return float64(r.Intn(100000)) / 1000
		}
		return int64(r.Intn(2000000) - 1000000)
	}
	// Which operators raise InvalidOperation is a matter of the context: those are left to the original.
	compare := "lambda a, b, o: eval('a %s b' % o, {'a': a, 'b': b})"
	return []differ.Case{
		{Name: "datetext", Python: "lambda a: (str(a), repr(a), bool(a), '%s|%r' % (a, a), f'{a}')", Go: func(a args) (any, error) {
			percent, err := py.Percent("%s|%r", py.Tuple{a[0], a[0]})
			if err != nil {
				return nil, err
			}
			text, err := py.Format(a[0], "")
			return py.Tuple{py.Str(a[0]), py.Repr(a[0]), py.Truth(a[0]), percent, text}, err
		}, Args: one, Known: func(a args) bool {
			_, set := a[0].(*py.AnyFrozenSet)
			_, plain := a[0].(*py.AnySet)
			return set || plain
		}},
		{Name: "dateequal", Python: "lambda a, b: None if 'sNaN' in repr((a, b)) else (a == b, a == b or a != a or b != b or len({(a,), (b,)}) if 'set' not in str(type(a)) + str(type(b)) or 'frozen' in str(type(a)) and 'frozen' in str(type(b)) else 0)",
			Go: func(a args) (any, error) {
				if text := py.Repr(py.Tuple(a)); strings.Contains(text, "sNaN") {
					return nil, nil
				}
				equal := py.Equal(a[0], a[1])
				_, left := a[0].(*py.AnySet)
				_, right := a[1].(*py.AnySet)
				_, frozen := a[0].(*py.AnyFrozenSet)
				_, also := a[1].(*py.AnyFrozenSet)
				if (left || right || frozen || also) && !(frozen && also) {
					return py.Tuple{equal, int64(0)}, nil
				}
				if equal || !py.Equal(a[0], a[0]) || !py.Equal(a[1], a[1]) {
					return py.Tuple{equal, true}, nil
				}
				keys, err := py.NewAnySet(py.Tuple{a[0]}, py.Tuple{a[1]})
				if err != nil {
					return nil, err
				}
				return py.Tuple{equal, int64(keys.Len())}, nil
			}, Args: two},
		{Name: "datehash", Python: "lambda a, b: len({a, b}) if 'NaN' not in repr((a, b)) else None", Go: func(a args) (any, error) {
			if strings.Contains(py.Repr(py.Tuple(a)), "NaN") {
				return nil, nil
			}
			keys, err := py.NewAnySet(a...)
			if err != nil {
				return nil, err
			}
			return int64(keys.Len()), nil
		}, Args: two},
		{Name: "datecompare", Python: compare, Go: func(a args) (any, error) { return py.Compare(a[0], str(a[2]), a[1]) },
			Args: func(r *rand.Rand) []any { return append(two(r), []string{"<", "<=", ">", ">="}[r.Intn(4)]) }},
		{Name: "dateiso", Python: "datetime.date.fromisoformat", Go: func(a args) (any, error) { return py.DateFromISO(str(a[0])) }, Args: iso},
		{Name: "timeiso", Python: "datetime.time.fromisoformat", Go: func(a args) (any, error) { return py.TimeFromISO(str(a[0])) }, Args: iso},
		{Name: "datetimeiso", Python: "datetime.datetime.fromisoformat", Go: func(a args) (any, error) { return py.DateTimeFromISO(str(a[0])) }, Args: iso},
		{Name: "newdate", Python: "datetime.date", Go: func(a args) (any, error) { return py.NewDate(i64(a[0]), i64(a[1]), i64(a[2])) },
			Args: func(r *rand.Rand) []any {
				if r.Intn(9) == 0 {
					return args{differ.Int64(r), differ.Int64(r), differ.Int64(r)}
				}
				return args{int64(r.Intn(10002)), int64(r.Intn(14)), int64(r.Intn(33))}
			}},
		{Name: "newtime", Python: "datetime.time", Go: func(a args) (any, error) { return py.NewTime(i64(a[0]), i64(a[1]), i64(a[2]), i64(a[3])) },
			Args: func(r *rand.Rand) []any {
				return args{int64(r.Intn(26) - 1), int64(r.Intn(62) - 1), int64(r.Intn(62) - 1), int64(r.Intn(1000003) - 1)}
			}},
		{Name: "newdelta", Python: "lambda d, s, u, m, n, h, w: datetime.timedelta(**{k: v for k, v in dict(days=d, seconds=s, microseconds=u, milliseconds=m, minutes=n, hours=h, weeks=w).items() if v is not None})",
			Go: func(a args) (any, error) {
				return py.TimeDeltaArgs{Days: a[0], Seconds: a[1], Microseconds: a[2], Milliseconds: a[3], Minutes: a[4], Hours: a[5], Weeks: a[6]}.Make()
			}, Args: func(r *rand.Rand) []any {
				return args{number(r), number(r), number(r), number(r), number(r), number(r), number(r)}
			}},
		{Name: "deltaints", Python: "datetime.timedelta", Go: func(a args) (any, error) { return py.NewTimeDelta(i64(a[0]), i64(a[1]), i64(a[2])) },
			Args: func(r *rand.Rand) []any {
				if r.Intn(3) == 0 {
					return args{differ.Int64(r), differ.Int64(r), differ.Int64(r)}
				}
				return args{int64(r.Intn(4000) - 2000), differ.Int64(r) >> 24, differ.Int64(r) >> 8}
			}},
		{Name: "delta", Python: "lambda a, b, n: (a + b, a - b, a * n, -a, a.total_seconds(), a // datetime.timedelta(microseconds=1))", Go: func(a args) (any, error) {
			x, y := a[0].(py.TimeDelta), a[1].(py.TimeDelta)
			var out py.Tuple
			for _, f := range []func() (py.TimeDelta, error){
				func() (py.TimeDelta, error) { return x.Add(y) }, func() (py.TimeDelta, error) { return x.Sub(y) },
				func() (py.TimeDelta, error) { return x.Mul(i64(a[2])) }, x.Neg,
			} {
				made, err := f()
				if err != nil {
					return nil, err
				}
				out = append(out, made)
			}
			micros, err := x.TotalMicroseconds()
			return append(out, x.TotalSeconds(), micros), err
		}, Args: func(r *rand.Rand) []any { return args{randomDelta(r), randomDelta(r), differ.Int64(r)} }},
		{Name: "dateparts", Python: "lambda d: (d.year, d.month, d.day, d.toordinal(), d.weekday())", Go: func(a args) (any, error) {
			d := a[0].(py.Date)
			return py.Tuple{d.Year(), d.Month(), d.Day(), d.Ordinal(), d.Weekday()}, nil
		}, Args: func(r *rand.Rand) []any { return args{randomDate(r)} }},
		{Name: "decimal", Python: "lambda s: (Decimal(s), Decimal(s).is_zero(), Decimal(s).is_finite(), Decimal(s).is_snan(), Decimal(s).copy_abs(), ''.join(map(str, Decimal(s).as_tuple().digits)) or '')",
			Go: func(a args) (any, error) {
				d, err := py.ParseDecimal(str(a[0]))
				return py.Tuple{d, d.IsZero(), d.IsFinite(), d.IsSignalling(), d.Abs(), d.Digits()}, err
			}, Args: func(r *rand.Rand) []any { return args{decimalText(r)} }},
		{Name: "decimalfixed", Python: "lambda d: format(d, 'f')", Go: func(a args) (any, error) { return a[0].(py.Decimal).Fixed() },
			Args: func(r *rand.Rand) []any { return args{randomDecimal(r)} }},
	}
}

func TestDifferDates(t *testing.T) { differ.Run(t, dateCases()) }
