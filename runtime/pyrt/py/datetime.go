package py

import (
	"fmt"
	"math"
)

// Date is a datetime.date. The zero value is none: make it with [NewDate] or [DateFromISO]. Two are equal where Go's == says so.
type Date struct {
	year       int16
	month, day uint8
}

// Zone is a datetime.timezone: a fixed offset from UTC with a name. The zero value is timezone.utc. Other kinds of tzinfo have
// no Go value: a call that is given one goes to the original.
type Zone struct {
	offset int64 // microseconds
	name   string
	named  bool // not by the offset
}

// UTC is timezone.utc.
var UTC Zone

// Time is a datetime.time: without a zone or with a fixed one. The zero value is time(0). Compare with [Equal] and [Compare].
type Time struct {
	hour, minute, second, fold uint8
	microsecond                int32
	zone                       Zone
	aware                      bool
}

// DateTime is a datetime.datetime: naive, or with a fixed zone. The zero value is none: make it with [NewDateTime] or
// [DateTimeFromISO]. Compare with [Equal] and [Compare]: two are equal in Python when they are the same moment.
type DateTime struct {
	date Date
	time Time
}

var daysOfMonth = [...]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func leapYear(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func lastDay(year, month int) int {
	if month == 2 && leapYear(year) {
		return 29
	}
	return daysOfMonth[month]
}

// cInts refuses what C's int cannot hold, as the constructors' "i" does.
func cInts(numbers ...int64) error {
	for _, number := range numbers {
		if number > math.MaxInt32 {
			return OverflowError("signed integer is greater than maximum")
		}
		if number < math.MinInt32 {
			return OverflowError("signed integer is less than minimum")
		}
	}
	return nil
}

// NewDate is date(year, month, day), with its ValueError.
func NewDate(year, month, day int64) (Date, error) {
	if err := cInts(year, month, day); err != nil {
		return Date{}, err
	}
	switch {
	case year < 1 || year > 9999:
		return Date{}, ValueError("year %d is out of range", year)
	case month < 1 || month > 12:
		return Date{}, ValueError("month must be in 1..12")
	case day < 1 || day > int64(lastDay(int(year), int(month))):
		return Date{}, ValueError("day is out of range for month")
	}
	return Date{int16(year), uint8(month), uint8(day)}, nil
}

// Year is d.year.
func (d Date) Year() int64 { return int64(d.year) }

// Month is d.month, from 1 on.
func (d Date) Month() int64 { return int64(d.month) }

// Day is d.day, from 1 on.
func (d Date) Day() int64 { return int64(d.day) }

// Ordinal is d.toordinal(): 1 for January 1 of year 1.
func (d Date) Ordinal() int64 {
	before := int64(d.year) - 1
	days := before*365 + before/4 - before/100 + before/400
	for month := 1; month < int(d.month); month++ {
		days += int64(lastDay(int(d.year), month))
	}
	return days + int64(d.day)
}

// Weekday is d.weekday(): 0 for Monday.
func (d Date) Weekday() int64 { return (d.Ordinal() + 6) % 7 }

// ISOFormat is d.isoformat().
func (d Date) ISOFormat() string { return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day) }

// String is str(d).
func (d Date) String() string { return d.ISOFormat() }

// Repr is repr(d).
func (d Date) Repr() string { return fmt.Sprintf("datetime.date(%d, %d, %d)", d.year, d.month, d.day) }

// NewZone is timezone(offset), with its ValueError.
func NewZone(offset TimeDelta) (Zone, error) {
	micros, err := offset.TotalMicroseconds()
	if err != nil || micros <= -microsOfDay || micros >= microsOfDay {
		return Zone{}, ValueError("offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not %s.",
			offset.Repr())
	}
	return Zone{offset: micros}, nil
}

// NewNamedZone is timezone(offset, name). One whose name is what its offset gives anyway is the same as one without.
func NewNamedZone(offset TimeDelta, name string) (Zone, error) {
	zone, err := NewZone(offset)
	if err == nil && name != zone.Name() {
		zone.name, zone.named = name, true
	}
	return zone, err
}

// Offset is zone.utcoffset(None).
func (z Zone) Offset() TimeDelta {
	days := z.offset / microsOfDay
	micros := z.offset % microsOfDay
	if micros < 0 {
		days, micros = days-1, micros+microsOfDay
	}
	return TimeDelta{int32(days), int32(micros / 1000000), int32(micros % 1000000)}
}

// Name is zone.tzname(None): its name, else "UTC", "UTC+05:30"…
func (z Zone) Name() string {
	if z.named {
		return z.name
	}
	if z.offset == 0 {
		return "UTC"
	}
	return "UTC" + z.suffix()
}

// Named tells whether the zone has a name of its own.
func (z Zone) Named() bool { return z.named }

// suffix is "+05:30", with seconds and microseconds where there are some.
func (z Zone) suffix() string {
	mark, rest := '+', z.offset
	if rest < 0 {
		mark, rest = '-', -rest
	}
	seconds, micros := rest/1000000, rest%1000000
	text := fmt.Sprintf("%c%02d:%02d", mark, seconds/3600, seconds/60%60)
	if seconds%60 != 0 || micros != 0 {
		text += fmt.Sprintf(":%02d", seconds%60)
	}
	if micros != 0 {
		text += fmt.Sprintf(".%06d", micros)
	}
	return text
}

// Repr is repr(zone).
func (z Zone) Repr() string {
	switch {
	case z.named:
		return "datetime.timezone(" + z.Offset().Repr() + ", " + Repr(z.name) + ")"
	case z.offset == 0:
		return "datetime.timezone.utc"
	}
	return "datetime.timezone(" + z.Offset().Repr() + ")"
}

// String is str(zone).
func (z Zone) String() string { return z.Name() }

// NewTime is time(hour, minute, second, microsecond), with its ValueError.
func NewTime(hour, minute, second, microsecond int64) (Time, error) {
	if err := cInts(hour, minute, second, microsecond); err != nil {
		return Time{}, err
	}
	switch {
	case hour < 0 || hour > 23:
		return Time{}, ValueError("hour must be in 0..23")
	case minute < 0 || minute > 59:
		return Time{}, ValueError("minute must be in 0..59")
	case second < 0 || second > 59:
		return Time{}, ValueError("second must be in 0..59")
	case microsecond < 0 || microsecond > 999999:
		return Time{}, ValueError("microsecond must be in 0..999999")
	}
	return Time{hour: uint8(hour), minute: uint8(minute), second: uint8(second), microsecond: int32(microsecond)}, nil
}

// Hour is t.hour.
func (t Time) Hour() int64 { return int64(t.hour) }

// Minute is t.minute.
func (t Time) Minute() int64 { return int64(t.minute) }

// Second is t.second.
func (t Time) Second() int64 { return int64(t.second) }

// Microsecond is t.microsecond.
func (t Time) Microsecond() int64 { return int64(t.microsecond) }

// Fold is t.fold, 0 or 1.
func (t Time) Fold() int64 { return int64(t.fold) }

// Zone is t.tzinfo; aware is false where that is None.
func (t Time) Zone() (zone Zone, aware bool) { return t.zone, t.aware }

// WithZone is t.replace(tzinfo=zone).
func (t Time) WithZone(zone Zone) Time {
	t.zone, t.aware = zone, true
	return t
}

// Naive is t.replace(tzinfo=None).
func (t Time) Naive() Time {
	t.zone, t.aware = Zone{}, false
	return t
}

// WithFold is t.replace(fold=fold) of 0 or 1.
func (t Time) WithFold(fold int64) Time {
	t.fold = uint8(fold & 1)
	return t
}

// micros counts from midnight.
func (t Time) micros() int64 {
	return ((int64(t.hour)*60+int64(t.minute))*60+int64(t.second))*1000000 + int64(t.microsecond)
}

// ISOFormat is t.isoformat(): "12:30:00", "12:30:00.000001+05:30".
func (t Time) ISOFormat() string {
	text := fmt.Sprintf("%02d:%02d:%02d", t.hour, t.minute, t.second)
	if t.microsecond != 0 {
		text += fmt.Sprintf(".%06d", t.microsecond)
	}
	if t.aware {
		text += t.zone.suffix()
	}
	return text
}

// String is str(t).
func (t Time) String() string { return t.ISOFormat() }

// clock is the time in a repr: seconds where there are some.
func (t Time) clock() string {
	text := fmt.Sprintf("%d, %d", t.hour, t.minute)
	if t.microsecond != 0 {
		text += fmt.Sprintf(", %d, %d", t.second, t.microsecond)
	} else if t.second != 0 {
		text += fmt.Sprintf(", %d", t.second)
	}
	return text
}

// rest gives the fold and the zone in a repr, where they are not the usual ones.
func (t Time) rest() (fold, zone string) {
	if t.fold != 0 {
		fold = ", fold=1"
	}
	if t.aware {
		zone = ", tzinfo=" + t.zone.Repr()
	}
	return fold, zone
}

// Repr is repr(t).
func (t Time) Repr() string {
	fold, zone := t.rest()
	return "datetime.time(" + t.clock() + zone + fold + ")"
}

// NewDateTime is datetime.combine(date, time): the time's zone and fold go along.
func NewDateTime(date Date, time Time) DateTime { return DateTime{date, time} }

// Date is d.date().
func (d DateTime) Date() Date { return d.date }

// Time is d.timetz(): with the zone; d.time() is its Naive.
func (d DateTime) Time() Time { return d.time }

// Zone is d.tzinfo; aware is false where that is None.
func (d DateTime) Zone() (zone Zone, aware bool) { return d.time.Zone() }

// WithZone is d.replace(tzinfo=zone).
func (d DateTime) WithZone(zone Zone) DateTime { return DateTime{d.date, d.time.WithZone(zone)} }

// Naive is d.replace(tzinfo=None).
func (d DateTime) Naive() DateTime { return DateTime{d.date, d.time.Naive()} }

// ISOFormat is d.isoformat(): "2020-01-02T12:30:00+05:30".
func (d DateTime) ISOFormat() string { return d.date.ISOFormat() + "T" + d.time.ISOFormat() }

// String is str(d).
func (d DateTime) String() string { return d.date.ISOFormat() + " " + d.time.ISOFormat() }

// Repr is repr(d).
func (d DateTime) Repr() string {
	fold, zone := d.time.rest()
	return fmt.Sprintf("datetime.datetime(%d, %d, %d, %s%s%s)", d.date.year, d.date.month, d.date.day, d.time.clock(), fold, zone)
}

// moment is what equal datetimes, or times, have in common: microseconds, less the offset, and whether there is one.
type moment struct {
	kind  byte
	value int64
	aware bool
}

func (t Time) moment() moment { // of the offset only whole seconds count
	return moment{'t', t.micros() - (int64(t.zone.Offset().days)*secondsOfDay+t.zone.Offset().Seconds())*1000000, t.aware}
}

func (d DateTime) moment() moment {
	return moment{'d', d.date.Ordinal()*microsOfDay + d.time.micros() - d.time.zone.offset, d.time.aware}
}

// momentOf is of a Time, a DateTime; ok: it is one.
func momentOf(value any) (at moment, ok bool) {
	switch v := value.(type) {
	case Time:
		return v.moment(), true
	case DateTime:
		return v.moment(), true
	}
	return moment{}, false
}

// compareTimes compares dates, times, datetimes and timedeltas with their like.
func compareTimes(a, b any, operator string) (result, ok bool, err error) {
	switch x := a.(type) {
	case TimeDelta:
		if y, is := b.(TimeDelta); is {
			return holds(x.Compare(y), operator), true, nil
		}
	case Date:
		if y, is := b.(Date); is {
			return holds(sign(x.Ordinal()-y.Ordinal()), operator), true, nil
		}
		if _, is := b.(DateTime); is {
			return false, true, TypeError("can't compare datetime.datetime to datetime.date")
		}
	case DateTime:
		if _, is := b.(Date); is {
			return false, true, TypeError("can't compare datetime.datetime to datetime.date")
		}
	}
	x, isMoment := momentOf(a)
	y, also := momentOf(b)
	if !isMoment || !also || x.kind != y.kind {
		return false, false, nil
	}
	if x.aware != y.aware {
		what := "datetimes"
		if x.kind == 't' {
			what = "times"
		}
		return false, true, TypeError("can't compare offset-naive and offset-aware %s", what)
	}
	return holds(sign(x.value-y.value), operator), true, nil
}
