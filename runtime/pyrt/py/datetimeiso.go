package py

import "strings"

// isoReader reads digits of a text; what is behind its end is 0, as in C.
type isoReader struct {
	text string
	at   int
}

func (r *isoReader) peek(at int) byte {
	if at < len(r.text) {
		return r.text[at]
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func (r *isoReader) digits(count int) (number int, ok bool) {
	for range count {
		c := r.peek(r.at)
		if !isDigit(c) {
			return 0, false
		}
		number = number*10 + int(c-'0')
		r.at++
	}
	return number, true
}

func invalidISO(text string) error { return ValueError("Invalid isoformat string: %s", Repr(text)) }

// DateFromISO is date.fromisoformat(text), with its ValueError.
func DateFromISO(text string) (Date, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return Date{}, ErrUnsupported
	}
	if len(text) != 7 && len(text) != 8 && len(text) != 10 {
		return Date{}, invalidISO(text)
	}
	year, month, day, ok := isoDate(text, len(text))
	if !ok {
		return Date{}, invalidISO(text)
	}
	return dateOfISO(year, month, day)
}

func dateOfISO(year, month, day int) (Date, error) {
	if month < 0 { // of a week of year 0, which CPython does not compute either
		return Date{}, ErrUnsupported
	}
	return NewDate(int64(year), int64(month), int64(day))
}

// isoDate reads the date that ends at length: YYYY-MM-DD, YYYYMMDD, YYYY-Www-D, YYYYWwwD or without the day.
func isoDate(text string, length int) (year, month, day int, ok bool) {
	r := &isoReader{text: text}
	if year, ok = r.digits(4); !ok {
		return
	}
	separated := r.peek(r.at) == '-'
	if separated {
		r.at++
	}
	if r.peek(r.at) == 'W' {
		r.at++
		week, weekday := 0, 1
		if week, ok = r.digits(2); !ok {
			return
		}
		if r.at < length {
			if separated {
				if r.peek(r.at) != '-' {
					return 0, 0, 0, false
				}
				r.at++
			}
			if weekday, ok = r.digits(1); !ok {
				return
			}
		}
		return weekDate(year, week, weekday)
	}
	if month, ok = r.digits(2); !ok {
		return
	}
	if separated {
		if r.peek(r.at) != '-' {
			return 0, 0, 0, false
		}
		r.at++
	}
	day, ok = r.digits(2)
	return
}

// weekDate gives the day of an ISO week. Year 0 gives month -1.
func weekDate(year, week, weekday int) (y, m, d int, ok bool) {
	if year == 0 {
		return 0, -1, 0, true
	}
	first := Date{int16(year), 1, 1}
	firstWeekday := int(first.Weekday())
	long := firstWeekday == 3 || firstWeekday == 2 && leapYear(year)
	if week < 1 || week > 53 || week == 53 && !long || weekday < 1 || weekday > 7 {
		return 0, 0, 0, false
	}
	monday := int(first.Ordinal()) - firstWeekday
	if firstWeekday > 3 {
		monday += 7
	}
	day := monday + (week-1)*7 + weekday - 1 - int(first.Ordinal()) // from January 1
	if day < 0 {
		return year - 1, 12, 32 + day, true
	}
	for m = 1; m <= 12; m++ {
		if last := lastDay(year, m); day >= last {
			day -= last
		} else {
			return year, m, day + 1, true
		}
	}
	return year + 1, 1, day + 1, true
}

// isoClock reads HH[:MM[:SS[.ffffff]]], or without the colons, before end. more: something stands behind it.
func isoClock(r *isoReader, end int) (values [4]int, more, ok bool) {
	separated := true
	part := 0
	for ; part < 3; part++ {
		if values[part], ok = r.digits(2); !ok {
			return
		}
		c := r.peek(r.at)
		r.at++
		if part == 0 {
			separated = c == ':'
		}
		if r.at >= end {
			return values, c != 0, true
		}
		if separated && c == ':' {
			continue
		}
		if c == '.' || c == ',' {
			break
		}
		if separated {
			return values, false, false
		}
		r.at--
	}
	count := min(end-r.at, 6)
	if values[3], ok = r.digits(count); !ok {
		return
	}
	for ; count < 6; count++ {
		values[3] *= 10
	}
	for isDigit(r.peek(r.at)) {
		r.at++
	}
	return values, r.peek(r.at) != 0, true
}

// isoTime reads a time with or without an offset.
func isoTime(text string) (clock [4]int, offset [4]int, negative, aware, ok bool) {
	zone := 0
	for zone < len(text) && text[zone] != 'Z' && text[zone] != '+' && text[zone] != '-' {
		zone++
	}
	r := &isoReader{text: text}
	clock, more, ok := isoClock(r, zone)
	switch {
	case !ok:
		return
	case zone == len(text):
		return clock, offset, false, false, !more
	case text[zone] == 'Z':
		return clock, offset, false, true, zone+1 == len(text)
	}
	r.at = zone + 1
	offset, more, ok = isoClock(r, len(text))
	return clock, offset, text[zone] == '-', true, ok && !more
}

// timeOfISO reads a time, or says what is wrong with the whole text.
func timeOfISO(text, whole string) (make func() (Time, error), err error) {
	clock, offset, negative, aware, ok := isoTime(text)
	if !ok {
		return nil, invalidISO(whole)
	}
	var zone Zone
	if seconds := int64(offset[0]*3600 + offset[1]*60 + offset[2]); aware && seconds != 0 {
		micros := int64(offset[3])
		if negative {
			seconds, micros = -seconds, -micros
		}
		delta, err := NewTimeDelta(0, seconds, micros)
		if err != nil {
			return nil, err
		}
		if zone, err = NewZone(delta); err != nil {
			return nil, err
		}
	}
	return func() (Time, error) {
		time, err := NewTime(int64(clock[0]), int64(clock[1]), int64(clock[2]), int64(clock[3]))
		if err == nil && aware {
			time = time.WithZone(zone)
		}
		return time, err
	}, nil
}

// TimeFromISO is time.fromisoformat(text), with its ValueError.
func TimeFromISO(text string) (Time, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return Time{}, ErrUnsupported
	}
	make, err := timeOfISO(strings.TrimPrefix(text, "T"), text)
	if err != nil {
		return Time{}, err
	}
	return make()
}

// isoSeparator gives where the date of an ISO datetime ends.
func isoSeparator(text string) int {
	if len(text) == 7 {
		return 7
	}
	r := &isoReader{text: text}
	switch {
	case text[4] == '-' && text[5] == 'W':
		if r.peek(8) == '-' && !(len(text) > 10 && isDigit(text[10])) {
			return 10 // YYYY-Www-D; the other one is YYYY-Www-HH
		}
		return 8
	case text[4] == '-':
		return 10
	case text[4] != 'W':
		return 8
	}
	end := 7
	for isDigit(r.peek(end)) {
		end++
	}
	if end < 9 {
		return end
	}
	return 7 + end%2 // the digits of a time come in pairs
}

// DateTimeFromISO is datetime.fromisoformat(text), with its ValueError.
func DateTimeFromISO(text string) (DateTime, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return DateTime{}, ErrUnsupported
	}
	if Len(text) < 7 {
		return DateTime{}, invalidISO(text)
	}
	end := isoSeparator(text)
	year, month, day, ok := isoDate(text, end)
	if !ok {
		return DateTime{}, invalidISO(text)
	}
	clock := func() (Time, error) { return Time{}, nil }
	if len(text) > end {
		size := 1
		if c := text[end]; c >= 0x80 { // whatever one character stands between
			if size = 2; c&0xf0 == 0xe0 {
				size = 3
			} else if c&0xf0 == 0xf0 {
				size = 4
			}
		}
		if end+size > len(text) {
			return DateTime{}, ErrUnsupported
		}
		made, err := timeOfISO(text[end+size:], text)
		if err != nil {
			return DateTime{}, err
		}
		clock = made
	}
	date, err := dateOfISO(year, month, day)
	if err != nil {
		return DateTime{}, err
	}
	time, err := clock()
	return DateTime{date, time}, err
}
