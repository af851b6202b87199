// Derived from sqlparse 0.6.1 (sqlparse/formatter.py). Copyright (c) 2016, Andi Albrecht
// <albrecht.andi@gmail.com>; the BSD 3-Clause License: see LICENSE.

package scc0

import (
	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// options are the options of format, validated.
type options struct {
	keywordCase     func(string) string // nil: as it is
	identifierCase  func(string) string
	truncate        int // longest string; 0: any
	truncateMark    string
	spaces          bool
	stripComments   bool
	stripWhitespace bool
	reindent        bool
	aligned         bool
	rightMargin     bool
	output          string
	layout          layout
}

// grouped tells whether a filter needs the tree.
func (o *options) grouped() bool {
	return o.spaces || o.stripComments || o.stripWhitespace || o.reindent || o.aligned || o.rightMargin
}

// parseError is SQLParseError.
func parseError(message string) error {
	return &py.Exception{Class: "sqlparse.exceptions.SQLParseError", Args: []any{message}}
}

// optionReader reads options. After its first error it reads nothing more.
type optionReader struct {
	given pyrt.Kwargs
	err   error
}

func readOptions(given pyrt.Kwargs) (*options, error) {
	r := &optionReader{given: given}
	o := &options{}
	o.keywordCase = r.caseOf("keyword_case", "Invalid value for keyword_case: ")
	o.identifierCase = r.caseOf("identifier_case", "Invalid value for identifier_case: ")
	o.output = r.word("output_format", "Unknown output format: ", "sql", "python", "php")
	o.stripComments = r.flag("strip_comments")
	o.spaces = r.flag("use_space_around_operators")
	o.stripWhitespace = r.flag("strip_whitespace")
	r.readTruncate(o)
	o.layout.indentColumns = r.flag("indent_columns")
	o.reindent = o.layout.indentColumns || r.flag("reindent")
	o.aligned = r.aligned(o.layout.indentColumns)
	o.layout.indentAfterFirst = r.flag("indent_after_first")
	o.layout.char = " "
	if r.flag("indent_tabs") {
		o.layout.char = "\t"
	}
	o.layout.width = r.number("indent_width", 2, 1, "indent_width requires an integer", "indent_width requires a positive integer")
	o.layout.wrapAfter = r.number("wrap_after", 0, 0, "wrap_after requires an integer", "wrap_after requires a positive integer")
	o.layout.commaFirst = r.plainFlag("comma_first")
	o.layout.compact = r.plainFlag("compact")
	if r.value("right_margin") != nil {
		r.number("right_margin", 0, 10, "right_margin requires an integer", "right_margin requires an integer > 10")
		o.rightMargin = true
	}
	o.stripWhitespace = o.stripWhitespace || o.reindent || o.aligned
	return o, r.err
}

// value gives an option: nil is None, or that it is not given.
func (r *optionReader) value(name string) any {
	switch value := r.given[name].(type) {
	case nil, pyrt.NoneType:
		return nil
	case int:
		return int64(value)
	case bool, int64, float64, string:
		return value
	}
	r.fail(py.ErrUnsupported)
	return nil
}

func (r *optionReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// word reads one of several words; "" is None.
func (r *optionReader) word(name, message string, words ...string) string {
	value := r.value(name)
	for _, word := range words {
		if value == word {
			return word
		}
	}
	if value != nil {
		r.fail(parseError(message + py.Repr(value)))
	}
	return ""
}

func (r *optionReader) caseOf(name, message string) func(string) string {
	switch r.word(name, message, "upper", "lower", "capitalize") {
	case "upper":
		return py.Upper
	case "lower":
		return py.Lower
	case "capitalize":
		return py.Capitalize
	}
	return nil
}

// truth reads True or False, or what equals one of them; ok is false for another value.
func (r *optionReader) truth(name string) (truth, ok bool) {
	if _, given := r.given[name]; !given {
		return false, true
	}
	value := r.value(name)
	truth = py.Equal(value, true)
	return truth, truth || py.Equal(value, false)
}

func (r *optionReader) flag(name string) bool {
	truth, ok := r.truth(name)
	if !ok {
		r.fail(parseError("Invalid value for " + name + ": " + py.Repr(r.value(name))))
	}
	return truth
}

// aligned reads reindent_aligned. The message of its error shows the value of reindent.
func (r *optionReader) aligned(reindentSet bool) bool {
	truth, ok := r.truth("reindent_aligned")
	if !ok {
		var reindent any = reindentSet
		if _, given := r.given["reindent"]; given && !reindentSet {
			reindent = r.value("reindent")
		}
		r.fail(parseError("Invalid value for reindent_aligned: " + py.Repr(reindent)))
	}
	return truth
}

func (r *optionReader) plainFlag(name string) bool {
	truth, ok := r.truth(name)
	if !ok {
		r.fail(parseError(name + " requires a boolean value"))
	}
	return truth
}

// integer is int(value) of an option that is given; ok is false where that is a TypeError or ValueError.
func (r *optionReader) integer(name string) (number int, ok bool) {
	var converted int64
	var err error
	switch value := r.value(name).(type) {
	case nil:
		return 0, false
	case bool:
		if value {
			converted = 1
		}
	case int64:
		converted = value
	case float64:
		converted, err = py.IntOfFloat(value)
	case string:
		converted, err = py.ParseInt(value, 10)
	}
	if py.Except(err, "ValueError") != nil {
		return 0, false
	}
	const most = 1 << 30 // beyond it sums might overflow
	if err != nil || converted > most || converted < -most {
		r.fail(py.ErrUnsupported)
	}
	return int(converted), true
}

func (r *optionReader) number(name string, otherwise, least int, noInteger, tooSmall string) int {
	if _, given := r.given[name]; !given {
		return otherwise
	}
	number, ok := r.integer(name)
	switch {
	case !ok:
		r.fail(parseError(noInteger))
	case number < least:
		r.fail(parseError(tooSmall))
	}
	return number
}

func (r *optionReader) readTruncate(o *options) {
	value := r.value("truncate_strings")
	if value == nil {
		return
	}
	number, ok := r.integer("truncate_strings")
	switch {
	case !ok:
		r.fail(parseError("Invalid value for truncate_strings: " + py.Repr(value)))
	case number <= 1:
		r.fail(parseError("Invalid value for truncate_strings: " + py.Repr(int64(number))))
	}
	o.truncate, o.truncateMark = number, "[...]"
	if _, given := r.given["truncate_char"]; given {
		if o.truncateMark, ok = r.value("truncate_char").(string); !ok {
			r.fail(py.ErrUnsupported)
		}
	}
}
