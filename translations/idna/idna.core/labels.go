// Derived from idna 3.20, Copyright (c) 2013-2026, Kim Davies and contributors; BSD-3-Clause, see LICENSE.

package core

import (
	"errors"
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/unicodedata"
)

const (
	prefix          = "xn--"
	maxInputLength  = 1024
	maxLabelLength  = 63
	maxDomainLength = 253
	virama          = 9 // combining class

	firstRightToLeft = 0x590 // no code point below is of a script that runs from right to left
)

// errInvalid stands for any IDNAError within this file. Its classes and their attributes are the release's own: what native code
// finds invalid, the original looks at again and raises.
var errInvalid = errors.New("an IDNAError")

// outcome is the error that an exported function returns.
func outcome(err error) error {
	if err == errInvalid {
		return py.ErrUnsupported
	}
	return err
}

func fitsDomain(length int, trailingDot bool) bool {
	if trailingDot {
		length--
	}
	return length <= maxDomainLength
}

// flag is the value of an optional bool.
func flag(option any, fallback bool) (bool, error) {
	switch value := option.(type) {
	case nil:
		return fallback, nil
	case bool:
		return value, nil
	}
	return false, py.ErrUnsupported
}

// text gives a str, and ASCII bytes as str.
func text(value any) (string, error) {
	switch s := value.(type) {
	case string:
		return s, nil
	case []byte:
		if !py.IsASCII(string(s)) {
			return "", errInvalid
		}
		return string(s), nil
	}
	return "", py.ErrUnsupported
}

func checkNFC(label string) error {
	if py.Len(label) > maxInputLength {
		return errInvalid
	}
	normal, err := unicodedata.IsNormalized("NFC", label)
	if err == nil && !normal {
		err = errInvalid
	}
	return err
}

func checkHyphens(label string) error {
	if strings.IndexByte(label, '-') < 0 {
		return nil
	}
	if py.Slice(label, 2, 4) == "--" || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
		return errInvalid
	}
	return nil
}

func checkCombiner(label string) error {
	if first, ok := py.At(label, 0); ok && unicodedata.Category(first)[0] == 'M' {
		return errInvalid
	}
	return nil
}

// rightToLeft and leftToRight are the bidirectional categories that the rules 2 and 5 allow, and how a label may end.
var (
	rightToLeft = map[string]bool{"R": true, "AL": true, "EN": true, "AN": true, "ES": false, "CS": false, "ET": false, "ON": false, "BN": false, "NSM": false}
	leftToRight = map[string]bool{"L": true, "EN": true, "ES": false, "CS": false, "ET": false, "ON": false, "BN": false, "NSM": false}
)

func checkBidi(label string, always bool) error {
	if py.Len(label) > maxInputLength {
		return errInvalid
	}
	mixed := false
	for _, c := range label {
		switch unicodedata.Bidirectional(c) {
		case "":
			return errInvalid
		case "R", "AL", "AN":
			mixed = true
		}
	}
	if !mixed && !always {
		return nil
	}
	first, ok := py.At(label, 0)
	if !ok {
		return py.IndexError("string index out of range")
	}
	allowed, rtl := leftToRight, false // rule 1
	switch unicodedata.Bidirectional(first) {
	case "R", "AL":
		allowed, rtl = rightToLeft, true
	case "L":
	default:
		return errInvalid
	}
	ends, numbers := false, ""
	for _, c := range label {
		direction := unicodedata.Bidirectional(c)
		mayEnd, may := allowed[direction]
		if !may { // rules 2 and 5
			return errInvalid
		}
		if direction != "NSM" { // rules 3 and 6
			ends = mayEnd
		}
		if rtl && (direction == "AN" || direction == "EN") { // rule 4
			if numbers != "" && numbers != direction {
				return errInvalid
			}
			numbers = direction
		}
	}
	if !ends {
		return errInvalid
	}
	return nil
}

// combiningClass is unicodedata.combining, with the ValueError of unicodedata.name for what has no name: controls, what is not
// assigned, and (in Python 3.11) Tangut ideographs.
func combiningClass(c rune) (int, error) {
	class := unicodedata.Combining(c)
	if class == 0 {
		switch unicodedata.Category(c) {
		case "Cc", "Cn", "Co", "Cs":
			return 0, py.ValueError("no such name")
		}
		if c >= 0x17000 && c <= 0x187F7 || c >= 0x18D00 && c <= 0x18D08 {
			return 0, py.ValueError("no such name")
		}
	}
	return class, nil
}

func (d *codePoints) joiningType(c rune) string {
	for _, row := range d.joining {
		if row.spans.contain(c) {
			return row.name
		}
	}
	return ""
}

// joins tells whether the first of the characters that is not transparent (T) is of one of two joining types.
func (d *codePoints) joins(types string, c rune) (found, joins bool) {
	kind := d.joiningType(c)
	return kind != "T", kind != "" && strings.Contains(types, kind)
}

func validContextJ(label []rune, position int) (bool, error) {
	if len(label) > maxInputLength {
		return false, errInvalid
	}
	joiner, err := charAt(label, position)
	if err != nil || joiner != 0x200C && joiner != 0x200D {
		return false, err
	}
	if position > 0 {
		class, err := combiningClass(label[position-1])
		if err != nil || class == virama {
			return err == nil, err
		}
	}
	if joiner == 0x200D {
		return false, nil
	}
	data, err := loadCodePoints()
	if err != nil {
		return false, err
	}
	before := false
	for i := position - 1; i >= 0; i-- {
		found, joins := data.joins("LD", label[i])
		if before = joins; found {
			break
		}
	}
	if !before {
		return false, nil
	}
	for _, c := range label[position+1:] {
		if found, joins := data.joins("RD", c); found {
			return joins, nil
		}
	}
	return false, nil
}

func charAt(label []rune, position int) (rune, error) {
	if position < 0 {
		position += len(label)
	}
	if position < 0 || position >= len(label) {
		return 0, py.IndexError("string index out of range")
	}
	return label[position], nil
}

func validContextO(label []rune, position int) (bool, error) {
	if len(label) > maxInputLength {
		return false, errInvalid
	}
	char, err := charAt(label, position)
	if err != nil {
		return false, err
	}
	data, err := loadCodePoints()
	if err != nil {
		return false, err
	}
	last := len(label) - 1
	switch {
	case char == 0xB7: // MIDDLE DOT
		return position > 0 && position < last && label[position-1] == 'l' && label[position+1] == 'l', nil
	case char == 0x375: // GREEK LOWER NUMERAL SIGN
		if position >= last || last == 0 {
			return false, nil
		}
		next, err := charAt(label, position+1)
		return data.scripts["Greek"].contain(next), err
	case char == 0x5F3 || char == 0x5F4: // HEBREW PUNCTUATION GERESH, GERSHAYIM
		return position > 0 && data.scripts["Hebrew"].contain(label[position-1]), nil
	case char == 0x30FB: // KATAKANA MIDDLE DOT
		for _, c := range label {
			if c != 0x30FB && (data.scripts["Hiragana"].contain(c) || data.scripts["Katakana"].contain(c) || data.scripts["Han"].contain(c)) {
				return true, nil
			}
		}
		return false, nil
	case char >= 0x660 && char <= 0x669: // ARABIC-INDIC DIGITS
		return !anyBetween(label, 0x6F0, 0x6F9), nil
	case char >= 0x6F0 && char <= 0x6F9: // EXTENDED ARABIC-INDIC DIGITS
		return !anyBetween(label, 0x660, 0x669), nil
	}
	return false, nil
}

func anyBetween(label []rune, first, last rune) bool {
	for _, c := range label {
		if first <= c && c <= last {
			return true
		}
	}
	return false
}

func checkLabel(label string) error {
	length := py.Len(label)
	if length == 0 || !fitsDomain(length, true) {
		return errInvalid
	}
	if err := checkHyphens(label); err != nil {
		return err
	}
	data, err := loadCodePoints()
	if err != nil {
		return err
	}
	if py.IsASCII(label) { // normal, without combining characters, and nothing valid runs from right to left
		for i := range len(label) {
			if data.classes[label[i]] != valid {
				return errInvalid
			}
		}
		return nil
	}
	if err := checkNFC(label); err != nil {
		return err
	}
	if err := checkCombiner(label); err != nil {
		return err
	}
	position, bidi := 0, false
	for _, c := range label {
		ok := true
		switch data.class(c) {
		case valid:
		case contextJ:
			ok, err = validContextJ([]rune(label), position)
			if py.Except(err, "ValueError") != nil {
				err = errInvalid
			}
		case contextO:
			ok, err = validContextO([]rune(label), position)
		default:
			ok = false
		}
		if err != nil {
			return err
		}
		if !ok {
			return errInvalid
		}
		bidi = bidi || c >= firstRightToLeft
		position++
	}
	if !bidi {
		return nil
	}
	return checkBidi(label, false)
}

// appendASCII appends a label as it is encoded.
func appendASCII(out []byte, label string) ([]byte, error) {
	if py.Len(label) > maxInputLength {
		return nil, errInvalid
	}
	before := len(out)
	if py.IsASCII(label) {
		if _, err := toUnicode(label); err != nil {
			return nil, err
		}
		out = append(out, label...)
	} else {
		if err := checkLabel(label); err != nil {
			return nil, err
		}
		out = appendPunycode(append(out, prefix...), label)
	}
	if len(out)-before > maxLabelLength {
		return nil, errInvalid
	}
	return out, nil
}

func toUnicode(label string) (string, error) {
	if py.Len(label) > maxInputLength {
		return "", errInvalid
	}
	if !py.IsASCII(label) {
		return label, checkLabel(label)
	}
	label = strings.ToLower(label)
	encoded, isEncoded := strings.CutPrefix(label, prefix)
	if !isEncoded {
		return label, checkLabel(label)
	}
	if encoded == "" || strings.HasSuffix(encoded, "-") {
		return "", errInvalid
	}
	var again [maxLabelLength]byte
	decoded, ok := decodePunycode([]byte(encoded))
	if !ok || string(appendPunycode(again[:0], decoded)) != encoded { // RFC 5891 §5.3: only the canonical spelling
		return "", errInvalid
	}
	return decoded, checkLabel(decoded)
}

// std3Disallows finds ASCII that UseSTD3ASCIIRules disallows: all but small letters, digits, hyphen and full stop.
func std3Disallows(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return true
		}
	}
	return false
}

func remap(domain string, std3 bool) (string, error) {
	if py.Len(domain) > maxInputLength {
		return "", errInvalid
	}
	if py.IsASCII(domain) {
		domain = strings.ToLower(domain)
		if std3 && std3Disallows(domain) {
			return "", errInvalid
		}
		return domain, nil
	}
	table, err := loadMapping()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.Grow(len(domain) + 8)
	for _, c := range domain {
		switch status, replacement := table.row(c); status {
		case 'V', 'D':
			out.WriteRune(c)
		case 'M':
			out.WriteString(replacement)
		case 'I':
		default:
			return "", errInvalid
		}
	}
	if std3 && std3Disallows(out.String()) {
		return "", errInvalid
	}
	return unicodedata.Normalize("NFC", out.String())
}

// labels splits a domain; the last label is left out where it is empty.
func labels(domain string, strict bool) (list []string, trailingDot bool, err error) {
	if !fitsDomain(py.Len(domain), true) || domain == "" {
		return nil, false, errInvalid
	}
	if !strict {
		domain = fullStops(domain)
	}
	list = strings.Split(domain, ".")
	if list[len(list)-1] == "" {
		return list[:len(list)-1], true, nil
	}
	return list, false, nil
}

// fullStops has full stops for the other dots between labels.
func fullStops(domain string) string {
	if py.IsASCII(domain) || !strings.ContainsFunc(domain, isDot) {
		return domain
	}
	return strings.Map(func(c rune) rune {
		if isDot(c) {
			return '.'
		}
		return c
	}, domain)
}

func isDot(c rune) bool { return c == 0x3002 || c == 0xFF0E || c == 0xFF61 }
