// Derived from Requests 2.34.2, Copyright 2019 Kenneth Reitz; Apache-2.0, see LICENSE.

package utils

import (
	"bytes"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func ToKeyValList(value any) (any, error) {
	switch given := value.(type) {
	case nil:
		return nil, nil
	case string, []byte, bool, int64:
		return nil, py.ValueError("cannot encode objects that are not 2-tuples")
	case pyrt.Dict:
		items := []any{}
		for _, entry := range given {
			items = append(items, py.Tuple{entry.Key, entry.Value})
		}
		return items, nil
	case []any:
		return append([]any{}, given...), nil
	case py.Tuple:
		return append([]any{}, given...), nil
	}
	return nil, py.ErrUnsupported
}

// listItems splits a header at the commas outside of quotes (urllib.request.parse_http_list).
func listItems(value string) []string {
	var items []string
	var part strings.Builder
	escaped, quoted := false, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
			continue
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			items = append(items, py.Strip(part.String()))
			part.Reset()
			continue
		}
		part.WriteByte(c)
	}
	if part.Len() > 0 {
		items = append(items, py.Strip(part.String()))
	}
	return items
}

func isQuoted(item string) bool {
	return item != "" && item[0] == '"' && item[len(item)-1] == '"'
}

// unquote takes away the quotes as browsers do.
func unquote(value string, isFilename bool) string {
	if !isQuoted(value) {
		return value
	}
	value = py.Slice(value, 1, -1)
	if isFilename && strings.HasPrefix(value, `\\`) { // a UNC path
		return value
	}
	return strings.ReplaceAll(strings.ReplaceAll(value, `\\`, `\`), `\"`, `"`)
}

func ParseListHeader(value any) ([]any, error) {
	header, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	result := []any{}
	for _, item := range listItems(header) {
		if isQuoted(item) {
			item = unquote(py.Slice(item, 1, -1), false)
		}
		result = append(result, item)
	}
	return result, nil
}

func ParseDictHeader(value any) (pyrt.Dict, error) {
	header, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	var result py.Dict[string, any]
	for _, item := range listItems(header) {
		name, value, found := strings.Cut(item, "=")
		if !found {
			result.Set(item, nil)
			continue
		}
		if isQuoted(value) {
			value = unquote(py.Slice(value, 1, -1), false)
		}
		result.Set(name, value)
	}
	dict := pyrt.Dict{}
	for name, value := range result.Items() {
		dict = append(dict, pyrt.Entry{Key: name, Value: value})
	}
	return dict, nil
}

func UnquoteHeaderValue(value any, options ...UnquoteHeaderValueOptions) (any, error) {
	var o UnquoteHeaderValueOptions
	if len(options) > 0 {
		o = options[0]
	}
	header, isText := value.(string)
	isFilename := false
	if o.IsFilename != nil && isText {
		isFilename, isText = o.IsFilename.(bool)
	}
	if !isText {
		return nil, py.ErrUnsupported
	}
	return unquote(header, isFilename), nil
}

func GetEncodingFromHeaders(headers any) (any, error) {
	dict, isDict := headers.(pyrt.Dict)
	if !isDict {
		return nil, py.ErrUnsupported
	}
	value, _ := dict.Get("content-type")
	header, isText := value.(string)
	if value == nil || isText && header == "" {
		return nil, nil
	}
	if !isText {
		return nil, py.ErrUnsupported
	}
	tokens := strings.Split(header, ";")
	kind := py.Strip(tokens[0])
	charset, found := "", false
	for _, token := range tokens[1:] {
		name, value, isPair := strings.Cut(py.Strip(token), "=")
		if isPair && py.Lower(strings.Trim(name, `"' `)) == "charset" {
			charset, found = strings.Trim(value, `"' `), true
		}
	}
	switch {
	case found:
		return strings.Trim(charset, `'"`), nil
	case strings.Contains(kind, "text"):
		return "ISO-8859-1", nil
	case strings.Contains(kind, "application/json"): // RFC 4627
		return "utf-8", nil
	}
	return nil, nil
}

func ParseHeaderLinks(value any) ([]any, error) {
	header, isText := value.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	links := []any{}
	if header = strings.Trim(header, ` '"`); header == "" {
		return links, nil
	}
	for _, part := range splitLinks(header) {
		url, parameters, _ := strings.Cut(part, ";")
		link := &py.AnyDict{}
		if err := link.Set("url", strings.Trim(url, `<> '"`)); err != nil {
			return nil, err
		}
		for _, parameter := range strings.Split(parameters, ";") {
			pair := strings.Split(parameter, "=")
			if len(pair) != 2 {
				break
			}
			if err := link.Set(strings.Trim(pair[0], ` '"`), strings.Trim(pair[1], ` '"`)); err != nil {
				return nil, err
			}
		}
		links = append(links, link)
	}
	return links, nil
}

// splitLinks splits at commas that an opening < follows.
func splitLinks(header string) []string {
	var parts []string
	for start, at := 0, 0; ; {
		comma := strings.IndexByte(header[at:], ',')
		if comma < 0 {
			return append(parts, header[start:])
		}
		end := at + comma
		at = end + 1
		for at < len(header) && header[at] == ' ' {
			at++
		}
		if at < len(header) && header[at] == '<' {
			at++
			parts = append(parts, header[start:end])
			start = at
		}
	}
}

func GuessJsonUtf(data any) (any, error) {
	given, isBytes := data.([]byte)
	if !isBytes {
		return nil, py.ErrUnsupported
	}
	sample := given[:min(4, len(given))]
	switch {
	case string(sample) == "\xff\xfe\x00\x00" || string(sample) == "\x00\x00\xfe\xff":
		return "utf-32", nil
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return "utf-8-sig", nil
	case bytes.HasPrefix(sample, []byte("\xff\xfe")) || bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return "utf-16", nil
	}
	nulls := ""
	for _, c := range sample {
		if c == 0 {
			nulls += "0"
		} else {
			nulls += "x"
		}
	}
	switch {
	case !strings.Contains(nulls, "0"):
		return "utf-8", nil
	case nulls == "0x0x" || nulls == "0x0":
		return "utf-16-be", nil
	case nulls == "x0x0":
		return "utf-16-le", nil
	case nulls == "000x" || nulls == "000":
		return "utf-32-be", nil
	case nulls == "x000":
		return "utf-32-le", nil
	}
	return nil, nil
}

// CheckHeaderValidity is native for headers that are valid: others are an InvalidHeader of the original.
func CheckHeaderValidity(header any) error {
	pair, isTuple := header.(py.Tuple)
	if !isTuple || len(pair) != 2 {
		return py.ErrUnsupported
	}
	for i, part := range pair {
		text := ""
		switch value := part.(type) {
		case string:
			text = value
		case []byte:
			text = string(value)
			if !py.IsASCII(text) {
				return py.ErrUnsupported
			}
		default:
			return py.ErrUnsupported
		}
		if first, ok := py.At(text, 0); ok && py.IsSpaceRune(first) || strings.ContainsAny(text, "\r\n") {
			return py.ErrUnsupported
		}
		if i == 0 && (text == "" || strings.Contains(text, ":")) {
			return py.ErrUnsupported
		}
	}
	return nil
}
