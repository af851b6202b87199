// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package trans_real

import (
	"cmp"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

const maxLength = 500

// languageForm is one language of an Accept-Language header, with its quality, up to the next one.
var languageForm = sync.OnceValue(func() *re.Pattern {
	return re.MustCompile(`([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)(?:\s*;\s*q=(0(?:\.[0-9]{,3})?|1(?:\.0{,3})?))?(?:\s*,\s*|$)`, 0)
})

type accepted struct {
	language string
	quality  float64
}

func ParseAcceptLangHeader(lang_string any) (any, error) {
	header, isText := lang_string.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if py.Len(header) > maxLength {
		comma := py.RFindIn(header, ",", 0, maxLength)
		if comma <= 0 {
			return py.Tuple{}, nil
		}
		header = py.Slice(header, py.From, comma)
	}
	pieces := languageForm().Split(py.Lower(header), 0)
	var list []accepted
	for len(pieces) >= 3 {
		if pieces[0] != "" {
			return py.Tuple{}, nil
		}
		quality := 1.0
		if pieces[2] != "" {
			var err error
			if quality, err = py.ParseFloat(pieces[2]); err != nil {
				return nil, err
			}
		}
		list = append(list, accepted{pieces[1], quality})
		pieces = pieces[3:]
	}
	if pieces[0] != "" {
		return py.Tuple{}, nil
	}
	py.SortFunc(list, func(a, b accepted) int { return cmp.Compare(a.quality, b.quality) }, true)
	result := py.Tuple{}
	for _, row := range list {
		result = append(result, py.Tuple{row.language, row.quality})
	}
	return result, nil
}

func GettextNoop(message any) (any, error) {
	return message, nil
}
