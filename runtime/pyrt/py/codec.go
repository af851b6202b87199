package py

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrUnsupported is what native code gives where it cannot do what Python does (a lone surrogate, an encoding or error handler
// that is not built in, a complex number). A native function hands it on as it is; its guard then calls the original.
var ErrUnsupported = errors.New("nothing that native code can do")

var encodingMarks = strings.NewReplacer("-", "", "_", "", " ", "")

// normalEncoding gives the name under which an encoding is known here, or "".
func normalEncoding(name string) string {
	switch name { // as most write them
	case "utf-8", "ascii", "latin-1":
		return name
	case "utf8":
		return "utf-8"
	case "iso-8859-1":
		return "latin-1"
	}
	switch encodingMarks.Replace(Lower(name)) {
	case "utf8", "u8", "utf":
		return "utf-8"
	case "utf8sig":
		return "utf-8-sig"
	case "ascii", "usascii", "646", "ansix3.41968":
		return "ascii"
	case "latin1", "latin", "l1", "iso88591", "8859", "cp819":
		return "latin-1"
	case "utf16", "u16":
		return "utf-16"
	case "utf16le":
		return "utf-16-le"
	case "utf16be":
		return "utf-16-be"
	}
	return ""
}

// Encode is s.encode(encoding, errors) for utf-8, utf-8-sig, ascii, latin-1, utf-16, utf-16-le and utf-16-be, with the handlers
// strict, ignore, replace, backslashreplace and xmlcharrefreplace and their UnicodeEncodeError; others are [ErrUnsupported].
// UTF-8 is the string as it is: []byte(s).
func Encode(s, encoding, errors string) ([]byte, error) {
	switch name := normalEncoding(encoding); name {
	case "utf-8":
		return []byte(s), nil
	case "utf-8-sig":
		return []byte("\ufeff" + s), nil
	case "ascii":
		if IsASCII(s) {
			return []byte(s), nil
		}
		return encodeNarrow(s, name, errors, 0x80, "ordinal not in range(128)")
	case "latin-1":
		if IsASCII(s) {
			return []byte(s), nil
		}
		return encodeNarrow(s, name, errors, 0x100, "ordinal not in range(256)")
	case "utf-16", "utf-16-le", "utf-16-be":
		var out []byte
		units := utf16.Encode([]rune(s))
		if name == "utf-16" {
			units = append([]uint16{0xFEFF}, units...)
		}
		for _, unit := range units {
			if name == "utf-16-be" {
				out = append(out, byte(unit>>8), byte(unit))
			} else {
				out = append(out, byte(unit), byte(unit>>8))
			}
		}
		return out, nil
	}
	return nil, ErrUnsupported
}

func encodeNarrow(s, name, handler string, limit rune, reason string) ([]byte, error) {
	out := make([]byte, 0, len(s))
	index := 0
	for i := 0; i < len(s); index++ {
		c, size := utf8.DecodeRuneInString(s[i:])
		if c < limit {
			out = append(out, byte(c))
			i += size
			continue
		}
		switch handler {
		case "strict", "":
			end := index
			for _, c := range s[i:] {
				if c < limit {
					break
				}
				end++
			}
			return nil, UnicodeEncodeError(name, s, index, end, reason)
		case "ignore":
		case "replace":
			out = append(out, '?')
		case "backslashreplace":
			out = append(out, escapeCode(c)...)
		case "xmlcharrefreplace":
			out = append(out, "&#"+strconv.Itoa(int(c))+";"...)
		default:
			return nil, ErrUnsupported
		}
		i += size
	}
	return out, nil
}

// Decode is b.decode(encoding, errors), for the encodings of [Encode] and the handlers strict, ignore, replace and
// backslashreplace, with UnicodeDecodeError.
func Decode(b []byte, encoding, errors string) (string, error) {
	switch name := normalEncoding(encoding); name {
	case "utf-8":
		if utf8.Valid(b) {
			return string(b), nil
		}
		return decodeWith(b, name, errors, nextUTF8)
	case "utf-8-sig":
		if len(b) >= 3 && string(b[:3]) == "\ufeff" {
			b = b[3:]
		}
		return Decode(b, "utf-8", errors)
	case "ascii":
		if text := string(b); IsASCII(text) {
			return text, nil
		}
		return decodeWith(b, name, errors, func(b []byte, i int) (rune, int, string) {
			if b[i] < 0x80 {
				return rune(b[i]), 1, ""
			}
			return 0, 1, "ordinal not in range(128)"
		})
	case "latin-1":
		if text := string(b); IsASCII(text) {
			return text, nil
		}
		out := make([]byte, 0, len(b)+len(b)/8)
		for _, c := range b {
			out = utf8.AppendRune(out, rune(c))
		}
		return string(out), nil
	case "utf-16", "utf-16-le", "utf-16-be":
		big, start := name == "utf-16-be", 0
		if name == "utf-16" {
			name = "utf-16-le"
			if len(b) >= 2 && b[0] == 0xFF && b[1] == 0xFE {
				start = 2
			} else if len(b) >= 2 && b[0] == 0xFE && b[1] == 0xFF {
				start, big, name = 2, true, "utf-16-be"
			}
		}
		return decodeFrom(b, start, name, errors, nextUTF16(big))
	}
	return "", ErrUnsupported
}

func decodeWith(b []byte, name, handler string, next func([]byte, int) (rune, int, string)) (string, error) {
	return decodeFrom(b, 0, name, handler, next)
}

// decodeFrom asks next for each character, or for the length and the reason of what cannot be decoded.
func decodeFrom(b []byte, start int, name, handler string, next func([]byte, int) (rune, int, string)) (string, error) {
	out := make([]byte, 0, len(b))
	for i := start; i < len(b); {
		c, size, reason := next(b, i)
		if reason == "" {
			out = utf8.AppendRune(out, c)
			i += size
			continue
		}
		switch handler {
		case "strict", "":
			return "", UnicodeDecodeError(name, b, i, i+size, reason)
		case "ignore":
		case "replace":
			out = append(out, "\ufffd"...)
		case "backslashreplace":
			for _, c := range b[i : i+size] {
				out = append(out, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
			}
		default:
			return "", ErrUnsupported
		}
		i += size
	}
	return string(out), nil
}

func nextUTF8(b []byte, i int) (rune, int, string) {
	c, size := utf8.DecodeRune(b[i:])
	if c != utf8.RuneError || size > 1 {
		return c, size, ""
	}
	lead := b[i]
	need := 0
	switch {
	case lead >= 0xC2 && lead < 0xE0:
		need = 1
	case lead >= 0xE0 && lead < 0xF0:
		need = 2
	case lead >= 0xF0 && lead < 0xF5:
		need = 3
	default:
		return 0, 1, "invalid start byte"
	}
	for n := 1; n <= need; n++ {
		if i+n >= len(b) {
			return 0, n, "unexpected end of data"
		}
		next := b[i+n]
		low, high := byte(0x80), byte(0xBF)
		if n == 1 {
			switch lead {
			case 0xE0:
				low = 0xA0
			case 0xED:
				high = 0x9F
			case 0xF0:
				low = 0x90
			case 0xF4:
				high = 0x8F
			}
		}
		if next < low || next > high {
			return 0, n, "invalid continuation byte"
		}
	}
	return 0, 1, "invalid start byte"
}

func nextUTF16(big bool) func([]byte, int) (rune, int, string) {
	unit := func(b []byte, i int) rune {
		if big {
			return rune(b[i])<<8 | rune(b[i+1])
		}
		return rune(b[i+1])<<8 | rune(b[i])
	}
	return func(b []byte, i int) (rune, int, string) {
		if i+1 >= len(b) {
			return 0, 1, "truncated data"
		}
		c := unit(b, i)
		switch {
		case c < 0xD800 || c >= 0xE000:
			return c, 2, ""
		case c >= 0xDC00:
			return 0, 2, "illegal encoding"
		case i+3 >= len(b):
			return 0, len(b) - i, "unexpected end of data"
		}
		if low := unit(b, i+2); low >= 0xDC00 && low < 0xE000 {
			return utf16.DecodeRune(c, low), 4, ""
		}
		return 0, 2, "illegal UTF-16 surrogate"
	}
}
