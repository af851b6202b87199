// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package version

import (
	"strings"
	"sync"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
	"py/dist.tables/django"
)

// complete checks a version, and gives Django's own where there is none.
func complete(version any) (py.Tuple, error) {
	if version == nil || version == pyrt.None {
		own, isTuple := django.VERSION().(py.Tuple)
		if !isTuple || len(own) != 5 {
			return nil, py.ErrUnsupported
		}
		return own, nil
	}
	given, isTuple := version.(py.Tuple)
	if !isTuple {
		return nil, py.ErrUnsupported
	}
	if len(given) != 5 {
		return nil, &py.Exception{Class: "AssertionError", Args: []any{}}
	}
	switch given[3] {
	case "alpha", "beta", "rc", "final":
		return given, nil
	}
	return nil, &py.Exception{Class: "AssertionError", Args: []any{}}
}

// main joins the first numbers: X.Y, or X.Y.Z where Z is not 0.
func main(version py.Tuple) (string, error) {
	parts := 3
	if py.Equal(version[2], int64(0)) {
		parts = 2
	}
	var numbers []string
	for _, number := range version[:parts] {
		switch number.(type) {
		case nil, bool, int64, float64, string:
		default:
			return "", py.ErrUnsupported
		}
		numbers = append(numbers, py.Str(number))
	}
	return strings.Join(numbers, "."), nil
}

func GetVersion(options ...GetVersionOptions) (any, error) {
	var o GetVersionOptions
	if len(options) > 0 {
		o = options[0]
	}
	version, err := complete(o.Version)
	if err != nil {
		return nil, err
	}
	text, err := main(version)
	if err != nil {
		return nil, err
	}
	serial, isInt := version[4].(int64)
	if !isInt {
		return nil, py.ErrUnsupported
	}
	switch version[3] {
	case "alpha":
		if serial == 0 { // it asks git
			return nil, py.ErrUnsupported
		}
		text += "a" + py.Str(serial)
	case "beta":
		text += "b" + py.Str(serial)
	case "rc":
		text += "rc" + py.Str(serial)
	}
	return text, nil
}

func GetMainVersion(options ...GetMainVersionOptions) (any, error) {
	var o GetMainVersionOptions
	if len(options) > 0 {
		o = options[0]
	}
	version, err := complete(o.Version)
	if err != nil {
		return nil, err
	}
	text, err := main(version)
	return text, err
}

func GetCompleteVersion(options ...GetCompleteVersionOptions) (any, error) {
	var o GetCompleteVersionOptions
	if len(options) > 0 {
		o = options[0]
	}
	version, err := complete(o.Version)
	return version, err
}

func GetDocsVersion(options ...GetDocsVersionOptions) (any, error) {
	var o GetDocsVersionOptions
	if len(options) > 0 {
		o = options[0]
	}
	version, err := complete(o.Version)
	if err != nil {
		return nil, err
	}
	if version[3] != "final" {
		return "dev", nil
	}
	text, err := py.Percent("%d.%d", version[:2])
	return text, err
}

var component = sync.OnceValue(func() *re.Pattern { return re.MustCompile(`(\d+|[a-z]+|\.)`, 0) })

func GetVersionTuple(version any) (any, error) {
	text, isText := version.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if py.IsASCII(text) {
		return leadingNumbers(text)
	}
	numbers := py.Tuple{}
	for _, item := range component().Split(text, 0) {
		if item == "" || item == "." {
			continue
		}
		number, err := py.ParseBigInt(item, 10)
		if err != nil {
			break
		}
		numbers = append(numbers, py.Int(number))
	}
	return numbers, nil
}

// leadingNumbers gives the numbers of ASCII text, with or without full stops between, up to the first thing that is none.
func leadingNumbers(text string) (any, error) {
	numbers := py.Tuple{}
	for text != "" {
		end := 0
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		switch {
		case end > 0:
			var number any
			number, err := py.ParseInt(text[:end], 10)
			if err == py.ErrOverflow {
				number, err = py.ParseBigInt(text[:end], 10)
			}
			if err != nil {
				return numbers, nil
			}
			numbers = append(numbers, number)
			text = text[end:]
		case text[0] == '.':
			text = text[1:]
		default:
			return numbers, nil
		}
	}
	return numbers, nil
}
