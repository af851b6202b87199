// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package numberformat

import (
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

// layout is what the options of format() say.
type layout struct {
	decimals       int // -1: all
	intervals      []int64
	group          bool
	thousands      string
	useL10n, force bool
}

func read(o FormatOptions) (layout, error) {
	r := layout{decimals: -1, useL10n: true}
	ok := true
	switch value := o.DecimalPos.(type) {
	case nil, pyrt.NoneType:
	case int64:
		r.decimals, ok = int(value), value >= 0 && value < 1<<16
	default:
		ok = false
	}
	switch value := o.Grouping.(type) {
	case nil:
	case int64:
		r.group, r.intervals = value != 0, []int64{value, 0}
	case py.Tuple:
		r.group = true
		for _, item := range value {
			number, isInt := item.(int64)
			ok = ok && isInt
			r.intervals = append(r.intervals, number)
		}
		ok = ok && len(value) > 0
	default:
		ok = false
	}
	if o.ThousandSep != nil && ok {
		r.thousands, ok = o.ThousandSep.(string)
	}
	if o.ForceGrouping != nil && ok {
		r.force, ok = o.ForceGrouping.(bool)
	}
	if o.UseL10n != nil && o.UseL10n != pyrt.None && ok {
		r.useL10n, ok = o.UseL10n.(bool)
	}
	if !ok {
		return r, py.ErrUnsupported
	}
	return r, nil
}

func Format(number any, decimal_sep any, options ...FormatOptions) (any, error) {
	var o FormatOptions
	if len(options) > 0 {
		o = options[0]
	}
	r, err := read(o)
	if err != nil {
		return nil, err
	}
	separator, isText := decimal_sep.(string)
	if !isText || r.useL10n { // the settings decide
		return nil, py.ErrUnsupported
	}
	grouped := r.force && r.group
	var text string
	switch value := number.(type) {
	case int64:
		if !grouped && r.decimals <= 0 { // a SafeString
			return nil, py.ErrUnsupported
		}
		text = py.Str(value)
	case float64:
		if text = py.Str(value); strings.Contains(text, "e") { // goes through Decimal
			return nil, py.ErrUnsupported
		}
	case string:
		text = value
	}
	if text == "" {
		return nil, py.ErrUnsupported
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Contains(fraction, ".") {
		return nil, py.ValueError("too many values to unpack (expected 2)")
	}
	if r.decimals >= 0 {
		fraction = py.Slice(fraction, py.From, r.decimals)
		fraction += strings.Repeat("0", r.decimals-py.Len(fraction))
	}
	if fraction != "" {
		fraction = separator + fraction
	}
	if grouped {
		whole = group(whole, r.intervals, r.thousands)
	}
	return sign + whole + fraction, nil
}

// group sets a separator between groups of digits, whose sizes are given from the right; the last one, or the one before a 0,
// goes on.
func group(digits string, intervals []int64, separator string) string {
	chars := py.Chars(digits)
	active := intervals[0]
	intervals = intervals[1:]
	var groups []string
	end := len(chars)
	for count, i := int64(0), end-1; i >= 0; i-- {
		if count > 0 && count == active {
			if len(intervals) > 0 {
				if intervals[0] != 0 {
					active = intervals[0]
				}
				intervals = intervals[1:]
			}
			groups = append(groups, strings.Join(chars[i+1:end], ""))
			end, count = i+1, 0
		}
		count++
	}
	groups = append(groups, strings.Join(chars[:end], ""))
	return strings.Join(py.Reversed(groups), separator)
}
