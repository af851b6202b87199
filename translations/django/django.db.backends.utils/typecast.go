// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"strings"

	"py/dist.pyrt/py"
)

// unpack is the assignment of a list to so many names.
func unpack(parts []string, count int) error {
	switch {
	case len(parts) > count:
		return py.ValueError("too many values to unpack (expected %d)", count)
	case len(parts) < count:
		return py.ValueError("not enough values to unpack (expected %d, got %d)", count, len(parts))
	}
	return nil
}

// ints is int() of each, up to the first that is none.
func ints(texts ...string) ([]int64, error) {
	numbers := make([]int64, len(texts))
	for i, text := range texts {
		var err error
		if numbers[i], err = py.ParseInt(text, 10); err != nil {
			return nil, err
		}
	}
	return numbers, nil
}

// secondsOf gives seconds and six digits of the fraction.
func secondsOf(text string) (seconds, micros string, err error) {
	if !strings.Contains(text, ".") {
		return text, "000000", nil
	}
	parts := strings.Split(text, ".")
	if err := unpack(parts, 2); err != nil {
		return "", "", err
	}
	return parts[0], py.Slice(parts[1]+"000000", py.From, 6), nil
}

func typecastDate(text string) (any, error) {
	parts := strings.Split(text, "-")
	numbers, err := ints(parts...)
	if err != nil {
		return nil, err
	}
	if len(numbers) != 3 { // a TypeError in words of C
		return nil, py.ErrUnsupported
	}
	return py.NewDate(numbers[0], numbers[1], numbers[2])
}

func TypecastDate(s any) (any, error) {
	if !py.Truth(s) {
		return nil, nil
	}
	text, is := s.(string)
	if !is {
		return nil, py.ErrUnsupported
	}
	return typecastDate(text)
}

func TypecastTime(s any) (any, error) {
	if !py.Truth(s) {
		return nil, nil
	}
	text, is := s.(string)
	if !is {
		return nil, py.ErrUnsupported
	}
	parts := strings.Split(text, ":")
	if err := unpack(parts, 3); err != nil {
		return nil, err
	}
	seconds, micros, err := secondsOf(parts[2])
	if err != nil {
		return nil, err
	}
	numbers, err := ints(parts[0], parts[1], seconds, micros)
	if err != nil {
		return nil, err
	}
	return py.NewTime(numbers[0], numbers[1], numbers[2], numbers[3])
}

func TypecastTimestamp(s any) (any, error) {
	if !py.Truth(s) {
		return nil, nil
	}
	text, is := s.(string)
	if !is {
		return nil, py.ErrUnsupported
	}
	if !strings.Contains(text, " ") {
		return typecastDate(text)
	}
	parts := py.SplitSpace(text, -1)
	if err := unpack(parts, 2); err != nil {
		return nil, err
	}
	clock := parts[1]
	for _, sign := range []string{"-", "+"} {
		if before, _, found := strings.Cut(clock, sign); found {
			clock = before
			break
		}
	}
	dates, times := strings.Split(parts[0], "-"), strings.Split(clock, ":")
	missing := &py.Exception{Class: "IndexError", Args: []any{"list index out of range"}}
	if len(times) < 3 {
		return nil, missing
	}
	seconds, micros, err := secondsOf(times[2])
	if err != nil {
		return nil, err
	}
	days, err := ints(dates[:min(3, len(dates))]...)
	if err != nil {
		return nil, err
	}
	if len(days) < 3 {
		return nil, missing
	}
	numbers, err := ints(times[0], times[1], seconds, micros)
	if err != nil {
		return nil, err
	}
	date, dateErr := py.NewDate(days[0], days[1], days[2])
	time, err := py.NewTime(numbers[0], numbers[1], numbers[2], numbers[3])
	switch {
	case py.Except(err, "OverflowError") != nil: // C takes all of them before it looks at the first
		return nil, err
	case dateErr != nil:
		return nil, dateErr
	case err != nil:
		return nil, err
	}
	return py.NewDateTime(date, time), nil
}
