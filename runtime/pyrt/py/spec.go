package py

import (
	"math"
	"math/big"
	"strings"

	"py/dist.pyrt/py/internal/ucd"
)

// formatSpec is a parsed format specifier.
type formatSpec struct {
	fill      rune
	align     byte // < > ^ =
	sign      byte // 0 for none given
	noNegZero bool
	alternate bool
	width     int  // -1: none
	grouping  byte // 0 , _
	precision int  // -1: none
	kind      rune // 0 where a float has none
}

// maxText bounds what formatting writes: more is left to the original, whose MemoryError it may be.
const maxText = 1 << 26

func isAlign(c rune) bool { return c == '<' || c == '>' || c == '=' || c == '^' }

// formatInteger reads digits of any script; ok is false if the number is too large.
func formatInteger(text []rune) (number, used int, ok bool) {
	for ; used < len(text); used++ {
		digit := int(ucd.Of(text[used]).Decimal)
		if digit < 0 {
			break
		}
		if number > (math.MaxInt-digit)/10 {
			return 0, used, false
		}
		number = number*10 + digit
	}
	return number, used, true
}

// parseSpec reads the specifier for an object of a type whose alignment and kind by default are given.
func parseSpec(text string, object any, align byte, kind rune) (spec formatSpec, err error) {
	spec = formatSpec{fill: ' ', align: align, width: -1, precision: -1, kind: kind}
	s := []rune(text)
	at := func(i int) rune {
		if i < len(s) {
			return s[i]
		}
		return -1
	}
	filled, aligned := false, false
	if isAlign(at(1)) {
		spec.fill, spec.align, filled, aligned = s[0], byte(s[1]), true, true
		s = s[2:]
	} else if isAlign(at(0)) {
		spec.align, aligned = byte(s[0]), true
		s = s[1:]
	}
	if c := at(0); c == ' ' || c == '+' || c == '-' {
		spec.sign = byte(c)
		s = s[1:]
	}
	if at(0) == 'z' {
		spec.noNegZero = true
		s = s[1:]
	}
	if at(0) == '#' {
		spec.alternate = true
		s = s[1:]
	}
	if !filled && at(0) == '0' {
		spec.fill = '0'
		if !aligned && align == '>' {
			spec.align = '='
		}
		s = s[1:]
	}
	number, used, ok := formatInteger(s)
	if !ok {
		return spec, ValueError("Too many decimal digits in format string")
	}
	if used > 0 {
		spec.width = number
		s = s[used:]
	}
	if at(0) == ',' {
		spec.grouping = ','
		s = s[1:]
	}
	if at(0) == '_' {
		if spec.grouping != 0 {
			return spec, ValueError("Cannot specify both ',' and '_'.")
		}
		spec.grouping = '_'
		s = s[1:]
		if at(0) == ',' {
			return spec, ValueError("Cannot specify both ',' and '_'.")
		}
	}
	if at(0) == '.' {
		number, used, ok = formatInteger(s[1:])
		switch {
		case !ok:
			return spec, ValueError("Too many decimal digits in format string")
		case used == 0:
			return spec, ValueError("Format specifier missing precision")
		}
		spec.precision = number
		s = s[1+used:]
	}
	if len(s) > 1 {
		return spec, ValueError("Invalid format specifier '%s' for object of type '%s'", text, typeName(object))
	}
	if len(s) == 1 {
		spec.kind = s[0]
	}
	if spec.width > maxText || spec.precision > maxText && spec.precision <= math.MaxInt32 {
		return spec, ErrUnsupported
	}
	if spec.grouping != 0 {
		switch spec.kind {
		case 'd', 'e', 'f', 'g', 'E', 'G', '%', 'F', 0:
		case 'b', 'o', 'x', 'X':
			if spec.grouping == '_' {
				break
			}
			fallthrough
		default:
			return spec, ValueError("Cannot specify '%c' with '%s'.", spec.grouping, shownCode(spec.kind))
		}
	}
	return spec, nil
}

func shownCode(c rune) string {
	if c > 32 && c < 128 {
		return string(c)
	}
	return `\x` + strings.ToLower(big.NewInt(int64(c)).Text(16))
}

func unknownCode(spec formatSpec, object any) error {
	return ValueError("Unknown format code '%s' for object of type '%s'", shownCode(spec.kind), typeName(object))
}

// Format is format(value, spec), which an f-string does with {value:spec}.
//
//	f"{n:>8,}"          text, err := py.Format(n, ">8,")
//	f"{x:.2f}"          text, err := py.Format(x, ".2f")      // for this one, strconv.FormatFloat(x, 'f', 2, 64) is the same
func Format(value any, spec string) (string, error) {
	if spec == "" {
		return Str(value), nil
	}
	switch v := value.(type) {
	case string:
		return formatString(v, spec)
	case int:
		return formatInt(value, big.NewInt(int64(v)), spec)
	case int64:
		return formatInt(value, big.NewInt(v), spec)
	case *big.Int:
		return formatInt(value, v, spec)
	case bool:
		number := big.NewInt(0)
		if v {
			number.SetInt64(1)
		}
		return formatInt(value, number, spec)
	case float64:
		parsed, err := parseSpec(spec, value, '>', 0)
		if err != nil {
			return "", err
		}
		return formatFloat(value, v, parsed)
	case Decimal, Date, Time, DateTime: // rounds by the context, is strftime
		return "", ErrUnsupported
	}
	return "", TypeError("unsupported format string passed to %s.__format__", typeName(value))
}

func formatString(s, text string) (string, error) {
	spec, err := parseSpec(text, s, '<', 's')
	if err != nil {
		return "", err
	}
	switch {
	case spec.kind != 's':
		return "", unknownCode(spec, s)
	case spec.sign == ' ':
		return "", ValueError("Space not allowed in string format specifier")
	case spec.sign != 0:
		return "", ValueError("Sign not allowed in string format specifier")
	case spec.noNegZero:
		return "", ValueError("Negative zero coercion (z) not allowed in string format specifier")
	case spec.alternate:
		return "", ValueError("Alternate form (#) not allowed in string format specifier")
	case spec.align == '=':
		return "", ValueError("'=' alignment not allowed in string format specifier")
	}
	if spec.precision >= 0 {
		s = s[:Offset(s, spec.precision)]
	}
	return alignText(s, spec), nil
}

func alignText(s string, spec formatSpec) string {
	missing := spec.width - Len(s)
	if missing <= 0 {
		return s
	}
	switch spec.align {
	case '<':
		return pad(s, 0, missing, spec.fill)
	case '^':
		return pad(s, missing/2, missing-missing/2, spec.fill)
	}
	return pad(s, missing, 0, spec.fill)
}

func formatInt(object any, number *big.Int, text string) (string, error) {
	spec, err := parseSpec(text, object, '>', 'd')
	if err != nil {
		return "", err
	}
	if strings.ContainsRune("eEfFgG%", spec.kind) {
		f, err := floatOfBig(number)
		if err != nil {
			return "", err
		}
		return formatFloat(object, f, spec)
	}
	if !strings.ContainsRune("bcdoxXn", spec.kind) {
		return "", unknownCode(spec, object)
	}
	switch {
	case spec.precision >= 0:
		return "", ValueError("Precision not allowed in integer format specifier")
	case spec.noNegZero:
		return "", ValueError("Negative zero coercion (z) not allowed in integer format specifier")
	}
	base, prefix, group := 10, "", 3
	switch spec.kind {
	case 'c':
		return formatCode(number, spec)
	case 'b':
		base, prefix, group = 2, "0b", 4
	case 'o':
		base, prefix, group = 8, "0o", 4
	case 'x', 'X':
		base, prefix, group = 16, "0x", 4
	}
	if !spec.alternate {
		prefix = ""
	}
	digits := new(big.Int).Abs(number).Text(base)
	if spec.kind == 'X' {
		digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
	}
	return assemble(number.Sign() < 0, prefix, digits, "", group, spec), nil
}

func formatCode(number *big.Int, spec formatSpec) (string, error) {
	switch {
	case spec.sign != 0:
		return "", ValueError("Sign not allowed with integer format specifier 'c'")
	case spec.alternate:
		return "", ValueError("Alternate form (#) not allowed with integer format specifier 'c'")
	case !number.IsInt64():
		return "", OverflowError("Python int too large to convert to C long")
	}
	text, err := Chr(number.Int64())
	if err != nil {
		if Except(err, "ValueError") != nil {
			return "", &Exception{"OverflowError", []any{"%c arg not in range(0x110000)"}}
		}
		return "", err
	}
	return alignText(text, spec), nil
}

func floatOfBig(number *big.Int) (float64, error) {
	f, _ := new(big.Float).SetInt(number).Float64()
	if math.IsInf(f, 0) {
		return 0, OverflowError("int too large to convert to float")
	}
	return f, nil
}

func formatFloat(object any, f float64, spec formatSpec) (string, error) {
	kind := spec.kind
	if kind != 0 && !strings.ContainsRune("eEfFgGn%", kind) {
		return "", unknownCode(spec, object)
	}
	rest := ""
	upper := kind == 'E' || kind == 'F' || kind == 'G'
	precision := spec.precision
	addPoint := false
	form := byte(kind | 0x20)
	switch kind {
	case 0:
		form, addPoint = 'r', true
		if precision >= 0 {
			form = 'g'
		}
	case 'n':
		form = 'g'
	case '%':
		form, rest = 'f', "%"
		f *= 100
	}
	if precision < 0 {
		precision = 6
	}
	if precision > math.MaxInt32 {
		return "", ValueError("precision too big")
	}
	digits := floatDigits(math.Abs(f), form, precision, spec.alternate, addPoint)
	if upper {
		digits = strings.ToUpper(digits)
	}
	negative := math.Signbit(f) && !math.IsNaN(f)
	if spec.noNegZero && negative && strings.Trim(strings.SplitN(strings.ToLower(digits), "e", 2)[0], "0.") == "" {
		negative = false
	}
	whole := 0
	for whole < len(digits) && digits[whole]-'0' <= 9 {
		whole++
	}
	return assemble(negative, "", digits[:whole], digits[whole:]+rest, 3, spec), nil
}

// assemble puts sign, prefix, grouped digits and the rest into the width.
func assemble(negative bool, prefix, digits, rest string, group int, spec formatSpec) string {
	sign := ""
	switch {
	case negative:
		sign = "-"
	case spec.sign == '+' || spec.sign == ' ':
		sign = string(spec.sign)
	}
	if digits != "" && (spec.grouping != 0 || spec.fill == '0' && spec.align == '=') {
		minimum := 0
		if spec.fill == '0' && spec.align == '=' {
			minimum = spec.width - len(sign) - len(prefix) - len(rest)
		}
		if spec.grouping == 0 {
			if missing := minimum - len(digits); missing > 0 {
				digits = strings.Repeat("0", missing) + digits
			}
		} else {
			digits = groupDigits(digits, group, minimum, spec.grouping)
		}
	}
	if spec.align == '=' {
		missing := spec.width - len(sign) - len(prefix) - len(digits) - len(rest)
		return sign + prefix + pad(digits, max(missing, 0), 0, spec.fill) + rest
	}
	return alignText(sign+prefix+digits+rest, spec)
}

func groupDigits(digits string, group, minimum int, separator byte) string {
	var out []byte // from the right
	for {
		length := min(group, max(len(digits), minimum, 1))
		for i := 0; i < length; i++ {
			c := byte('0')
			if n := len(digits); n > 0 {
				c, digits = digits[n-1], digits[:n-1]
			}
			out = append(out, c)
		}
		minimum -= length
		if len(digits) == 0 && minimum <= 0 {
			break
		}
		out = append(out, separator)
		minimum--
	}
	reverse(out)
	return string(out)
}
