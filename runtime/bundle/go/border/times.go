package border

import (
	"encoding/binary"
	"unicode/utf8"

	"py/dist.pyrt/py"
)

// Dates and their like, and Decimals. A date is a year of 16 bits, a month and a day; a clock hour, minute, second and fold, then 32
// bits of microseconds; a zone a byte of what follows.
const (
	tagDate      = 'D' // date
	tagTime      = 'h' // clock, zone
	tagDateTime  = 'M' // date, clock, zone
	tagTimeDelta = 'e' // days, seconds, microseconds, each 32 bits
	tagDecimal   = 'c' // length, text
)

const (
	zoneNone   = 0
	zoneOffset = 1 // microseconds, 64 bits
	zoneNamed  = 2 // and a name: length, UTF-8
)

func (a *Arguments) half() int64 {
	if part := a.take(4); part != nil {
		return int64(int32(binary.LittleEndian.Uint32(part)))
	}
	return 0
}

// time reads what has a tag of the above.
func (a *Arguments) time(tag byte) (any, bool) {
	var value any
	var err error
	switch tag {
	case tagDate:
		value, err = a.date()
	case tagTime:
		value, err = a.clock()
	case tagDateTime:
		date, wrong := a.date()
		clock, also := a.clock()
		if err = wrong; err == nil {
			err = also
		}
		value = py.NewDateTime(date, clock)
	case tagTimeDelta:
		days, seconds, micros := a.half(), a.half(), a.half()
		value, err = py.NewTimeDelta(days, seconds, micros)
	case tagDecimal:
		value, err = py.ParseDecimal(string(a.sized()))
	default:
		return nil, false
	}
	if err != nil {
		a.fail(errWire)
	}
	return value, true
}

func (a *Arguments) date() (py.Date, error) {
	part := a.take(4)
	if part == nil {
		return py.Date{}, errWire
	}
	return py.NewDate(int64(binary.LittleEndian.Uint16(part)), int64(part[2]), int64(part[3]))
}

func (a *Arguments) clock() (py.Time, error) {
	part := a.take(4)
	micros, zone := a.half(), a.take(1)
	if part == nil || zone == nil {
		return py.Time{}, errWire
	}
	time, err := py.NewTime(int64(part[0]), int64(part[1]), int64(part[2]), micros)
	time = time.WithFold(int64(part[3]))
	if err != nil || zone[0] == zoneNone {
		return time, err
	}
	offset, err := py.NewTimeDelta(0, 0, int64(a.word()))
	if err != nil {
		return time, err
	}
	fixed, err := py.NewZone(offset)
	if zone[0] == zoneNamed && err == nil {
		name := string(a.sized())
		fixed, err = py.NewNamedZone(offset, name)
	}
	return time.WithZone(fixed), err
}

func appendDate(buffer []byte, date py.Date) []byte {
	buffer = binary.LittleEndian.AppendUint16(buffer, uint16(date.Year()))
	return append(buffer, byte(date.Month()), byte(date.Day()))
}

func appendClock(buffer []byte, time py.Time) ([]byte, bool) {
	buffer = append(buffer, byte(time.Hour()), byte(time.Minute()), byte(time.Second()), byte(time.Fold()))
	buffer = binary.LittleEndian.AppendUint32(buffer, uint32(time.Microsecond()))
	zone, aware := time.Zone()
	if !aware {
		return append(buffer, zoneNone), true
	}
	offset, err := zone.Offset().TotalMicroseconds()
	if err != nil {
		return buffer, false
	}
	if !zone.Named() {
		return appendWord(buffer, zoneOffset, uint64(offset))
	}
	buffer, _ = appendWord(buffer, zoneNamed, uint64(offset))
	name := zone.Name()
	buffer = binary.LittleEndian.AppendUint32(buffer, uint32(len(name)))
	return append(buffer, name...), utf8.ValidString(name)
}

// appendTime writes what it is for; is: it is that.
func appendTime(buffer []byte, value any) (out []byte, ok, is bool) {
	switch v := value.(type) {
	case py.Date:
		return appendDate(append(buffer, tagDate), v), v != py.Date{}, true
	case py.Time:
		out, ok = appendClock(append(buffer, tagTime), v)
		return out, ok, true
	case py.DateTime:
		out, ok = appendClock(appendDate(append(buffer, tagDateTime), v.Date()), v.Time())
		return out, ok && v.Date() != py.Date{}, true
	case py.TimeDelta:
		buffer = binary.LittleEndian.AppendUint32(append(buffer, tagTimeDelta), uint32(int32(v.Days())))
		buffer = binary.LittleEndian.AppendUint32(buffer, uint32(v.Seconds()))
		return binary.LittleEndian.AppendUint32(buffer, uint32(v.Microseconds())), true, true
	case py.Decimal:
		out, ok = appendSized(buffer, tagDecimal, v.String())
		return out, ok, true
	}
	return buffer, false, false
}
