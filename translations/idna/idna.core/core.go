// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package core

import (
	"strings"

	"py/dist.pyrt/py"
)

func ValidLabelLength(label any) (bool, error) {
	switch value := label.(type) {
	case string:
		return py.Len(value) <= maxLabelLength, nil
	case []byte:
		return len(value) <= maxLabelLength, nil
	}
	return false, py.ErrUnsupported
}

func ValidStringLength(domain any, trailing_dot bool) (bool, error) {
	switch value := domain.(type) {
	case string:
		return fitsDomain(py.Len(value), trailing_dot), nil
	case []byte:
		return fitsDomain(len(value), trailing_dot), nil
	}
	return false, py.ErrUnsupported
}

func CheckBidi(label string, options ...CheckBidiOptions) (bool, error) {
	var o CheckBidiOptions
	if len(options) > 0 {
		o = options[0]
	}
	always, err := flag(o.CheckLtr, false)
	if err != nil {
		return false, err
	}
	err = checkBidi(label, always)
	return err == nil, outcome(err)
}

func CheckInitialCombiner(label string) (bool, error) {
	err := checkCombiner(label)
	return err == nil, outcome(err)
}

func CheckHyphenOk(label string) (bool, error) {
	err := checkHyphens(label)
	return err == nil, outcome(err)
}

func CheckNfc(label string) error {
	return outcome(checkNFC(label))
}

func ValidContextj(label string, pos int) (bool, error) {
	valid, err := validContextJ([]rune(label), pos)
	return valid, outcome(err)
}

func ValidContexto(label string, pos int, options ...ValidContextoOptions) (bool, error) {
	valid, err := validContextO([]rune(label), pos)
	return valid, outcome(err)
}

func CheckLabel(label any) error {
	switch value := label.(type) {
	case string:
		return outcome(checkLabel(value))
	case []byte:
		decoded, err := py.Decode(value, "utf-8", "strict")
		if err != nil || len(value) > maxInputLength {
			return py.ErrUnsupported // an IDNAError
		}
		return outcome(checkLabel(decoded))
	}
	return py.ErrUnsupported
}

func Alabel(label string) ([]byte, error) {
	encoded, err := appendASCII(nil, label)
	return encoded, outcome(err)
}

func Ulabel(label any) (string, error) {
	given, err := text(label)
	if err != nil {
		return "", outcome(err)
	}
	decoded, err := toUnicode(given)
	return decoded, outcome(err)
}

func Uts46Remap(domain string, options ...Uts46RemapOptions) (string, error) {
	var o Uts46RemapOptions
	if len(options) > 0 {
		o = options[0]
	}
	std3, err := flag(o.Std3Rules, true)
	if err != nil {
		return "", err
	}
	if warn, err := flag(o.Transitional, false); err != nil || warn {
		return "", py.ErrUnsupported
	}
	mapped, err := remap(domain, std3)
	return mapped, outcome(err)
}

func Encode(s any, options ...EncodeOptions) ([]byte, error) {
	var o EncodeOptions
	if len(options) > 0 {
		o = options[0]
	}
	if warn, err := flag(o.Transitional, false); err != nil || warn {
		return nil, py.ErrUnsupported
	}
	given, strict, err := prepare(s, o.Strict, o.Uts46, o.Std3Rules)
	if err != nil {
		return nil, outcome(err)
	}
	list, trailingDot, err := labels(given, strict)
	if err != nil {
		return nil, outcome(err)
	}
	out := make([]byte, 0, len(given)+2*len(prefix))
	for i, label := range list {
		if i > 0 {
			out = append(out, '.')
		}
		if out, err = appendASCII(out, label); err != nil {
			return nil, outcome(err)
		}
	}
	if trailingDot {
		out = append(out, '.')
	}
	if !fitsDomain(len(out), trailingDot) {
		return nil, py.ErrUnsupported // an IDNAError
	}
	return out, nil
}

// prepare is how encode and decode begin.
func prepare(s, strictOption, uts46Option, std3Option any) (given string, strict bool, err error) {
	if strict, err = flag(strictOption, false); err != nil {
		return "", false, err
	}
	uts46, err := flag(uts46Option, false)
	if err != nil {
		return "", false, err
	}
	std3, err := flag(std3Option, false)
	if err != nil {
		return "", false, err
	}
	if given, err = text(s); err != nil {
		return "", false, err
	}
	if py.Len(given) > maxInputLength {
		return "", false, errInvalid
	}
	if uts46 {
		given, err = remap(given, std3)
	}
	return given, strict, err
}

func Decode(s any, options ...DecodeOptions) (string, error) {
	var o DecodeOptions
	if len(options) > 0 {
		o = options[0]
	}
	display, err := flag(o.Display, false)
	if err != nil {
		return "", err
	}
	given, strict, err := prepare(s, o.Strict, o.Uts46, o.Std3Rules)
	if err != nil {
		return "", outcome(err)
	}
	list, trailingDot, err := labels(given, strict)
	if err != nil {
		return "", outcome(err)
	}
	for i, label := range list {
		decoded, err := toUnicode(label)
		if err == errInvalid && display && py.Lower(py.Slice(label, py.From, 4)) == prefix {
			decoded, err = py.Lower(label), nil
		}
		if err != nil {
			return "", outcome(err)
		}
		list[i] = decoded
	}
	if trailingDot {
		list = append(list, "")
	}
	return strings.Join(list, "."), nil
}
