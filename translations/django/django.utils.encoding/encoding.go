// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package encoding

import (
	"strings"
	"unicode/utf8"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

const hexDigits = "0123456789ABCDEF"

// quote is urllib.parse.quote: letters, digits, _.-~ and what is safe stay.
func quote(s []byte, safe string) string {
	var out strings.Builder
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9',
			strings.IndexByte("_.-~", c) >= 0, strings.IndexByte(safe, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(hexDigits[c>>4])
			out.WriteByte(hexDigits[c&15])
		}
	}
	return out.String()
}

const safeInURI = "/#%[]=:;$&()+,!?*@'~"

// text is str(value) for scalars that are no bytes.
func text(value any) (string, error) {
	switch value.(type) {
	case nil, bool, int64, float64, string:
		return py.Str(value), nil
	}
	return "", py.ErrUnsupported
}

// conversion is what the functions of this file have as options.
type conversion struct {
	encoding, errors string
	stringsOnly      bool
}

func conversionOf(encoding, stringsOnly, errors any) (conversion, error) {
	c := conversion{encoding: "utf-8", errors: "strict"}
	ok := true
	if encoding != nil {
		c.encoding, _ = encoding.(string)
		switch c.encoding {
		case "utf-8", "utf8", "UTF-8", "ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "utf-16", "utf-16-le", "utf-16-be":
		default:
			ok = false
		}
	}
	if errors != nil {
		c.errors, _ = errors.(string)
		switch c.errors {
		case "strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace":
		default:
			ok = false
		}
	}
	if stringsOnly != nil && ok {
		c.stringsOnly, ok = stringsOnly.(bool)
	}
	if !ok {
		return c, py.ErrUnsupported
	}
	return c, nil
}

func (c conversion) toStr(value any) (any, error) {
	if s, isText := value.(string); isText {
		return s, nil
	}
	if c.stringsOnly && protected(value) {
		return value, nil
	}
	if b, isBytes := value.([]byte); isBytes {
		s, err := py.Decode(b, c.encoding, c.errors)
		if err != nil {
			return nil, py.ErrUnsupported // DjangoUnicodeDecodeError
		}
		return s, nil
	}
	s, err := text(value)
	return s, err
}

func (c conversion) toBytes(value any) (any, error) {
	if b, isBytes := value.([]byte); isBytes {
		if c.encoding == "utf-8" {
			return b, nil
		}
		s, err := py.Decode(b, "utf-8", c.errors)
		if err != nil {
			return nil, err
		}
		return c.encode(s)
	}
	if c.stringsOnly && protected(value) {
		return value, nil
	}
	s, err := text(value)
	if err != nil {
		return nil, err
	}
	return c.encode(s)
}

func (c conversion) encode(s string) (any, error) {
	b, err := py.Encode(s, c.encoding, c.errors)
	return b, err
}

func protected(value any) bool {
	switch value.(type) {
	case nil, bool, int64, float64:
		return true
	}
	return false
}

func SmartStr(s any, options ...SmartStrOptions) (any, error) {
	var o SmartStrOptions
	if len(options) > 0 {
		o = options[0]
	}
	c, err := conversionOf(o.Encoding, o.StringsOnly, o.Errors)
	if err != nil {
		return nil, err
	}
	return c.toStr(s)
}

func ForceStr(s any, options ...ForceStrOptions) (any, error) {
	var o ForceStrOptions
	if len(options) > 0 {
		o = options[0]
	}
	c, err := conversionOf(o.Encoding, o.StringsOnly, o.Errors)
	if err != nil {
		return nil, err
	}
	return c.toStr(s)
}

func SmartBytes(s any, options ...SmartBytesOptions) (any, error) {
	var o SmartBytesOptions
	if len(options) > 0 {
		o = options[0]
	}
	c, err := conversionOf(o.Encoding, o.StringsOnly, o.Errors)
	if err != nil {
		return nil, err
	}
	return c.toBytes(s)
}

func ForceBytes(s any, options ...ForceBytesOptions) (any, error) {
	var o ForceBytesOptions
	if len(options) > 0 {
		o = options[0]
	}
	c, err := conversionOf(o.Encoding, o.StringsOnly, o.Errors)
	if err != nil {
		return nil, err
	}
	return c.toBytes(s)
}

func IsProtectedType(obj any) (any, error) {
	switch obj.(type) {
	case nil, bool, int64, float64:
		return true, nil
	case string, []byte, []any, py.Tuple, pyrt.Dict:
		return false, nil
	}
	return nil, py.ErrUnsupported
}

func IriToUri(iri any) (any, error) {
	switch value := iri.(type) {
	case nil:
		return nil, nil
	case string:
		return quote([]byte(value), safeInURI), nil
	case []byte:
		return quote(value, safeInURI), nil
	}
	return nil, py.ErrUnsupported
}

func UriToIri(uri any) (any, error) {
	var given []byte
	switch value := uri.(type) {
	case nil:
		return nil, nil
	case string:
		given = []byte(value)
	case []byte:
		given = value
	default:
		return nil, py.ErrUnsupported
	}
	var iri []byte
	for i := 0; i < len(given); i++ {
		c := given[i]
		if c == '%' && i+2 < len(given) {
			if decoded, ok := percentDecoded(given[i+1], given[i+2]); ok {
				c = decoded
				i += 2
			}
		}
		iri = append(iri, c)
	}
	return string(repercent(iri)), nil
}

// percentDecoded gives the byte of two hexadecimal digits if it is unreserved in URIs or no ASCII.
func percentDecoded(high, low byte) (byte, bool) {
	h, l := strings.IndexByte(hexDigits, upper(high)), strings.IndexByte(hexDigits, upper(low))
	if h < 0 || l < 0 {
		return 0, false
	}
	c := byte(h<<4 | l)
	return c, c >= 0x80 || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("-._~", c) >= 0
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// repercent percent-encodes what is no UTF-8.
func repercent(path []byte) []byte {
	out := make([]byte, 0, len(path)+8)
	for i := 0; i < len(path); {
		c, size := utf8.DecodeRune(path[i:])
		if c == utf8.RuneError && size == 1 {
			out = append(out, '%', hexDigits[path[i]>>4], hexDigits[path[i]&15])
		} else {
			out = append(out, path[i:i+size]...)
		}
		i += size
	}
	return out
}

func EscapeUriPath(path any) (any, error) {
	switch value := path.(type) {
	case string:
		return quote([]byte(value), "/:@&+$,-_.!~*'()"), nil
	case []byte:
		return quote(value, "/:@&+$,-_.!~*'()"), nil
	}
	return nil, py.ErrUnsupported
}

func Punycode(domain any) (any, error) {
	text, isText := domain.(string)
	if !isText || !py.IsASCII(text) {
		return nil, py.ErrUnsupported
	}
	labels := strings.Split(text, ".")
	for i, label := range labels {
		last := i == len(labels)-1
		if len(label) >= 64 || label == "" && !last {
			return nil, py.ErrUnsupported // a UnicodeError of the codec
		}
	}
	return text, nil
}

func RepercentBrokenUnicode(path any) (any, error) {
	given, isBytes := path.([]byte)
	if !isBytes {
		return nil, py.ErrUnsupported
	}
	return repercent(given), nil
}

func FilepathToUri(path any) (any, error) {
	if path == nil {
		return nil, nil
	}
	given, err := text(path)
	if err != nil {
		return nil, err
	}
	return quote([]byte(strings.ReplaceAll(given, `\`, "/")), "/~!*()'"), nil
}
