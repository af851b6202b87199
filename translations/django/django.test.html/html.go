// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package html

import (
	"slices"
	"strings"

	"py/dist.pyrt/py"
)

const whitespace = "\t\n\f\r "

// words splits at the white space of HTML.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(whitespace, c) })
}

func NormalizeWhitespace(string_ any) (any, error) {
	text, isText := string_.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	normal := strings.Join(words(text), " ")
	if text != "" && strings.IndexByte(whitespace, text[0]) >= 0 {
		normal = " " + normal
	}
	if normal != " " && text != "" && strings.IndexByte(whitespace, text[len(text)-1]) >= 0 {
		normal += " "
	}
	return normal, nil
}

// booleans are attributes that have no value, or their own name.
var booleans = strings.Fields(`allowfullscreen async autofocus autoplay checked controls default defer disabled formnovalidate hidden
	ismap itemscope loop multiple muted nomodule novalidate open playsinline readonly required reversed selected truespeed`)

func NormalizeAttributes(attributes any) (any, error) {
	list, isList := attributes.([]any)
	if !isList {
		return nil, py.ErrUnsupported
	}
	normalized := make([]any, len(list))
	for i, item := range list {
		pair, isPair := item.(py.Tuple)
		if !isPair || len(pair) != 2 {
			return nil, py.ErrUnsupported
		}
		name, isName := pair[0].(string)
		value, isText := pair[1].(string)
		if !isName || !isText && pair[1] != nil {
			return nil, py.ErrUnsupported
		}
		if name == "class" {
			classes := words(value)
			slices.Sort(classes)
			value = strings.Join(classes, " ")
		}
		if slices.Contains(booleans, name) && (value == "" || value == name) {
			normalized[i] = py.Tuple{name, nil}
		} else {
			normalized[i] = py.Tuple{name, value}
		}
	}
	return normalized, nil
}
