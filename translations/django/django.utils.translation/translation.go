// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package translation

import (
	"math"
	"strings"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

func ToLanguage(locale any) (any, error) {
	text, isText := locale.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	language, country, found := strings.Cut(text, "_")
	if !found {
		return py.Lower(text), nil
	}
	return py.Lower(language) + "-" + py.Lower(country), nil
}

func ToLocale(language any) (any, error) {
	text, isText := language.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	name, country, _ := strings.Cut(py.Lower(text), "-")
	if country == "" {
		return py.Lower(py.Slice(text, py.From, 3)) + py.Slice(text, 3, py.To), nil
	}
	country, tail, _ := strings.Cut(country, "-")
	if py.Len(country) > 2 { // a script: sr_Latn
		country = py.Title(country)
	} else {
		country = py.Upper(country)
	}
	if tail != "" {
		country += "-" + tail
	}
	return name + "_" + country, nil
}

var lineBreaks = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`\s*\n\s*`, 0) })

func TrimWhitespace(s any) (any, error) {
	text, isText := s.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	trimmed, err := lineBreaks().Sub(" ", py.Strip(text), 0)
	return trimmed, err
}

func RoundAwayFromOne(value any) (any, error) {
	switch number := value.(type) {
	case int64:
		return number, nil
	case float64:
		less := number - 1
		if !(math.Abs(less) < 1<<53) { // Decimal has more digits, or no number at all
			return nil, py.ErrUnsupported
		}
		return int64(math.Copysign(math.Ceil(math.Abs(less)), less)) + 1, nil
	}
	return nil, py.ErrUnsupported
}
