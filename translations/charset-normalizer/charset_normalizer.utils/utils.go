// Derived from charset-normalizer 3.5.2, Copyright (c) 2025 TAHRI Ahmed R.; MIT, see LICENSE.

package utils

import (
	"sort"
	"strings"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/unicodedata"
	"py/dist.tables/charset_normalizer/constant"
	"py/dist.tables/charset_normalizer/utils"
)

// charRange has the code points first ≤ c < end of a range of Unicode.
type charRange struct {
	first, end rune
	name       string
}

var loadRanges = sync.OnceValues(func() ([]charRange, error) {
	rows, isList := utils.X_UNICODE_RANGES_SORTED().([]any)
	if !isList {
		return nil, py.ErrUnsupported
	}
	list := make([]charRange, len(rows))
	for i, item := range rows {
		row, isTuple := item.(py.Tuple)
		if !isTuple || len(row) != 3 {
			return nil, py.ErrUnsupported
		}
		first, isFirst := row[0].(int64)
		end, isEnd := row[1].(int64)
		name, isName := row[2].(string)
		if !isFirst || !isEnd || !isName {
			return nil, py.ErrUnsupported
		}
		list[i] = charRange{rune(first), rune(end), name}
	}
	return list, nil
})

// rangeOf gives the name of the range of a character, "" for none.
func rangeOf(c rune) (string, error) {
	switch {
	case c < 32:
		return "Control character", nil
	case c < 128:
		return "Basic Latin", nil
	}
	list, err := loadRanges()
	if err != nil {
		return "", err
	}
	at := sort.Search(len(list), func(i int) bool { return list[i].first > c }) - 1
	if at >= 0 && c < list[at].end {
		return list[at].name, nil
	}
	return "", nil
}

// one gives the character of a str that has a single one.
func one(character string) (rune, error) {
	c, ok := py.At(character, 0)
	if !ok || py.Len(character) != 1 {
		return 0, py.ErrUnsupported // a TypeError
	}
	return c, nil
}

func UnicodeRange(character string) (*string, error) {
	c, err := py.Ord(character)
	if err != nil {
		return nil, err
	}
	name, err := rangeOf(c)
	if err != nil || name == "" {
		return nil, err
	}
	return &name, nil
}

func IsPunctuation(character string) (bool, error) {
	c, err := one(character)
	if err != nil {
		return false, err
	}
	if strings.Contains(unicodedata.Category(c), "P") {
		return true, nil
	}
	name, err := rangeOf(c)
	return strings.Contains(name, "Punctuation"), err
}

func IsSymbol(character string) (bool, error) {
	c, err := one(character)
	if err != nil {
		return false, err
	}
	category := unicodedata.Category(c)
	if strings.ContainsAny(category, "SN") {
		return true, nil
	}
	name, err := rangeOf(c)
	return strings.Contains(name, "Forms") && category != "Lo", err
}

func IsEmoticon(character string) (bool, error) {
	c, err := one(character)
	if err != nil {
		return false, err
	}
	name, err := rangeOf(c)
	return strings.Contains(name, "Emoticons") || strings.Contains(name, "Pictographs"), err
}

func IsSeparator(character string) (bool, error) {
	switch {
	case py.IsSpace(character):
		return true, nil
	case character == "｜" || character == "+" || character == "<" || character == ">":
		return true, nil
	}
	c, err := one(character)
	if err != nil {
		return false, err
	}
	category := unicodedata.Category(c)
	return strings.Contains(category, "Z") || category == "Po" || category == "Pd" || category == "Pc", nil
}

func IsCaseVariable(character string) (bool, error) {
	return py.IsLower(character) != py.IsUpper(character), nil
}

func IsUnprintable(character string) (bool, error) {
	return !py.IsSpace(character) && !py.IsPrintable(character) && character != "\x1a" && character != "\ufeff", nil
}

// names reads a dict of str to str.
func names(table any) (map[string]string, error) {
	dict, isDict := table.(*py.AnyDict)
	if !isDict {
		return nil, py.ErrUnsupported
	}
	read := make(map[string]string, dict.Len())
	for key, value := range dict.Items() {
		alias, isAlias := key.(string)
		name, isName := value.(string)
		if !isAlias || !isName {
			return nil, py.ErrUnsupported
		}
		read[alias] = name
	}
	return read, nil
}

var loadNames = sync.OnceValues(func() (map[string]string, error) { return names(constant.X_IANA_NAMES()) })

func IanaName(cp_name string, options ...IanaNameOptions) (string, error) {
	var o IanaNameOptions
	if len(options) > 0 {
		o = options[0]
	}
	strict := true
	switch value := o.Strict.(type) {
	case nil:
	case bool:
		strict = value
	default:
		return "", py.ErrUnsupported
	}
	known, err := loadNames()
	if err != nil {
		return "", err
	}
	normal := strings.ReplaceAll(py.Lower(cp_name), "-", "_")
	if name, found := known[normal]; found {
		return name, nil
	}
	if strict {
		return "", &py.Exception{Class: "ValueError", Args: []any{"Unable to retrieve IANA for '" + normal + "'"}}
	}
	return normal, nil
}

func ShouldStripSigOrBom(iana_encoding string) (bool, error) {
	return iana_encoding != "utf_16" && iana_encoding != "utf_32", nil
}

func IsCpSimilar(iana_name_a string, iana_name_b string) (bool, error) {
	similar, isDict := constant.IANA_SUPPORTED_SIMILAR().(*py.AnyDict)
	if !isDict {
		return false, py.ErrUnsupported
	}
	value, found, err := similar.Get(iana_name_a)
	if err != nil || !found {
		return false, err
	}
	list, isList := value.([]any)
	if !isList {
		return false, py.ErrUnsupported
	}
	return py.ListCount(list, any(iana_name_b)) > 0, nil
}

func IdentifySigOrBom(sequence any) (any, error) {
	given, isBytes := sequence.([]byte)
	marks, isDict := constant.ENCODING_MARKS().(*py.AnyDict)
	if !isBytes || !isDict {
		return nil, py.ErrUnsupported
	}
	for name, value := range marks.Items() {
		list, several := value.([]any)
		if !several {
			list = []any{value}
		}
		for _, item := range list {
			mark, isBytes := item.([]byte)
			if !isBytes {
				return nil, py.ErrUnsupported
			}
			if strings.HasPrefix(string(given), string(mark)) {
				return py.Tuple{name, mark}, nil
			}
		}
	}
	return py.Tuple{nil, []byte{}}, nil
}

func IsUnicodeRangeSecondary(range_name string) (bool, error) {
	return inSet(constant.X_SECONDARY_RANGE_NAMES(), range_name)
}

func IsCjkUncommon(character string) (bool, error) {
	common, err := inSet(constant.COMMON_CJK_CHARACTERS(), character)
	return !common, err
}

func inSet(table any, text string) (bool, error) {
	set, isSet := table.(*py.AnySet)
	if !isSet {
		return false, py.ErrUnsupported
	}
	return set.Has(text)
}
