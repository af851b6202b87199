package py

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"py/dist.pyrt/py/internal/ucd"
)

// Tuple is a Python tuple where values are of type any.
type Tuple []any

// Repr is repr(value), for the values that package documentation lists. Of other Go values it gives Go's %v.
func Repr(value any) string {
	var buffer [64]byte
	return string(appendRepr(buffer[:0], value, false))
}

// ASCII is ascii(value).
func ASCII(value any) string { return string(appendRepr(nil, value, true)) }

// Str is str(value).
func Str(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case *Exception:
		return v.Message()
	case error:
		return v.Error()
	case interface {
		Repr() string
		String() string
	}:
		return v.String()
	}
	return Repr(value)
}

func appendRepr(out []byte, value any, ascii bool) []byte {
	switch v := value.(type) {
	case nil:
		return append(out, "None"...)
	case bool:
		if v {
			return append(out, "True"...)
		}
		return append(out, "False"...)
	case int64:
		return strconv.AppendInt(out, v, 10)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case *big.Int:
		return v.Append(out, 10)
	case float64:
		return append(out, FloatRepr(v)...)
	case string:
		return appendStringRepr(out, v, ascii)
	case []byte:
		return appendBytesRepr(out, v)
	case Tuple:
		out = appendItems(append(out, '('), v, ascii)
		if len(v) == 1 {
			out = append(out, ',')
		}
		return append(out, ')')
	case []any:
		return append(appendItems(append(out, '['), v, ascii), ']')
	case []string:
		out = append(out, '[')
		for i, item := range v {
			if i > 0 {
				out = append(out, ", "...)
			}
			out = appendStringRepr(out, item, ascii)
		}
		return append(out, ']')
	case *AnyDict:
		out = append(out, '{')
		first := true
		for key, item := range v.Items() {
			if !first {
				out = append(out, ", "...)
			}
			first = false
			out = appendRepr(out, key, ascii)
			out = append(out, ": "...)
			out = appendRepr(out, item, ascii)
		}
		return append(out, '}')
	case *AnySet:
		if v.Len() == 0 {
			return append(out, "set()"...)
		}
		return append(appendItems(append(out, '{'), v.Values(), ascii), '}')
	case *AnyFrozenSet:
		if v.Len() == 0 {
			return append(out, "frozenset()"...)
		}
		return append(appendItems(append(out, "frozenset({"...), v.Values(), ascii), "})"...)
	case interface{ Repr() string }: // dates and their like, Decimal
		return append(out, v.Repr()...)
	case *Exception:
		out = append(out, v.Class[strings.LastIndexByte(v.Class, '.')+1:]...)
		return append(appendItems(append(out, '('), v.Args, ascii), ')')
	}
	return fmt.Append(out, value)
}

func appendItems(out []byte, items []any, ascii bool) []byte {
	for i, item := range items {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = appendRepr(out, item, ascii)
	}
	return out
}

const hexDigits = "0123456789abcdef"

func appendStringRepr(out []byte, s string, ascii bool) []byte {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	out = append(out, quote)
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == quote || c == '\\':
			out = append(out, '\\', c)
		case c >= ' ' && c < 0x7F:
			out = append(out, c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < 0x80:
			out = append(out, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			if !ascii && ucd.Is(r, ucd.Printable) {
				out = append(out, s[i:i+size]...)
			} else {
				out = append(out, escapeCode(r)...)
			}
			i += size
			continue
		}
		i++
	}
	return append(out, quote)
}

func appendBytesRepr(out []byte, b []byte) []byte {
	quote := byte('\'')
	text := string(b)
	if strings.IndexByte(text, '\'') >= 0 && strings.IndexByte(text, '"') < 0 {
		quote = '"'
	}
	out = append(out, 'b', quote)
	for _, c := range b {
		switch {
		case c == quote || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ' || c >= 0x7F:
			out = append(out, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, quote)
}

// FloatRepr is repr(f): the shortest digits that read back as f, as Python writes them (1e+16, 0.0001, inf, nan, -0.0).
func FloatRepr(f float64) string {
	if text, special := floatSpecial(f); special {
		return text
	}
	var buffer [32]byte
	return string(appendShortest(buffer[:0], f, true))
}

func floatSpecial(f float64) (string, bool) {
	switch {
	case math.IsNaN(f):
		return "nan", true
	case math.IsInf(f, 1):
		return "inf", true
	case math.IsInf(f, -1):
		return "-inf", true
	}
	return "", false
}

// appendShortest writes f by the rule of repr: an exponent below 1e-4 and from 1e16 on.
func appendShortest(out []byte, f float64, point bool) []byte {
	if magnitude := math.Abs(f); magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e16) {
		return strconv.AppendFloat(out, f, 'e', -1, 64) // two digits of exponent at least, as C
	}
	start := len(out)
	out = strconv.AppendFloat(out, f, 'f', -1, 64)
	if point {
		for _, c := range out[start:] {
			if c == '.' {
				return out
			}
		}
		out = append(out, ".0"...)
	}
	return out
}

// typeName is what messages call the type of a value: its __name__, of those in C outside of builtins with the module.
func typeName(value any) string {
	switch v := value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case int64, int, *big.Int:
		return "int"
	case float64:
		return "float"
	case string:
		return "str"
	case []byte:
		return "bytes"
	case Tuple:
		return "tuple"
	case []any, []string:
		return "list"
	case *AnyDict:
		return "dict"
	case *AnySet:
		return "set"
	case *AnyFrozenSet:
		return "frozenset"
	case Date:
		return "datetime.date"
	case Time:
		return "datetime.time"
	case DateTime:
		return "datetime.datetime"
	case TimeDelta:
		return "datetime.timedelta"
	case Zone:
		return "datetime.timezone"
	case Decimal:
		return "decimal.Decimal"
	case *Exception:
		return v.Class[strings.LastIndexByte(v.Class, '.')+1:]
	}
	return fmt.Sprintf("%T", value)
}
