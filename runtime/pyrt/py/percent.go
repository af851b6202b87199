package py

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Percent is template % args: args is a [Tuple], a mapping ([*AnyDict]) or a single value.
//
//	"%s has %d" % (name, n)        text, err := py.Percent("%s has %d", py.Tuple{name, n})
func Percent(template string, args any) (string, error) {
	p := &percent{s: template, args: args, single: true}
	switch v := args.(type) {
	case Tuple:
		p.tuple, p.single = v, false
	case *AnyDict:
		p.dict, p.mapping = v, true
	case []any, []byte, []string:
		p.mapping = true
	}
	return p.run()
}

type percent struct {
	s       string
	i       int
	args    any
	tuple   Tuple
	single  bool // args is the only argument
	dict    *AnyDict
	mapping bool
	used    int
	out     strings.Builder

	left, plus, space, alternate, zero bool
	width, precision                   int
}

func (p *percent) run() (string, error) {
	p.out.Grow(len(p.s) + 16)
	for p.i < len(p.s) {
		start := p.i
		if n := strings.IndexByte(p.s[start:], '%'); n >= 0 {
			p.i += n
		} else {
			p.i = len(p.s)
		}
		p.out.WriteString(p.s[start:p.i])
		if p.i == len(p.s) {
			break
		}
		p.i++
		if p.i < len(p.s) && p.s[p.i] == '%' {
			p.out.WriteByte('%')
			p.i++
			continue
		}
		if err := p.argument(); err != nil {
			return "", err
		}
	}
	if left := !p.single && p.used < len(p.tuple) || p.single && p.used == 0 && !p.mapping; left {
		return "", TypeError("not all arguments converted during string formatting")
	}
	return p.out.String(), nil
}

// take gives the next argument.
func (p *percent) take() (any, error) {
	if p.single {
		if p.used == 0 {
			p.used = 1
			return p.args, nil
		}
	} else if p.used < len(p.tuple) {
		p.used++
		return p.tuple[p.used-1], nil
	}
	return nil, TypeError("not enough arguments for format string")
}

func (p *percent) more() (rune, error) {
	if p.i >= len(p.s) {
		return 0, ValueError("incomplete format")
	}
	c, size := utf8.DecodeRuneInString(p.s[p.i:])
	p.i += size
	return c, nil
}

func (p *percent) argument() error {
	p.left, p.plus, p.space, p.alternate, p.zero = false, false, false, false, false
	p.width, p.precision = -1, -1
	if p.i < len(p.s) && p.s[p.i] == '(' {
		if err := p.key(); err != nil {
			return err
		}
	}
	c, err := p.more()
	for err == nil {
		flag := true
		switch c {
		case '-':
			p.left = true
		case '+':
			p.plus = true
		case ' ':
			p.space = true
		case '#':
			p.alternate = true
		case '0':
			p.zero = true
		default:
			flag = false
		}
		if !flag {
			break
		}
		c, err = p.more()
	}
	if err != nil {
		return err
	}
	if c, p.width, err = p.number(c, math.MaxInt, "width too big"); err != nil {
		return err
	}
	if p.width < -1 {
		p.left = true
		p.width = -p.width
	}
	if c == '.' {
		p.precision = 0
		if c, err = p.more(); err != nil {
			return err
		}
		before := p.i
		if c, p.precision, err = p.number(c, math.MaxInt32, "precision too big"); err != nil {
			return err
		}
		if p.precision < 0 || p.i == before && p.precision < 0 {
			p.precision = 0
		}
	}
	if c == 'h' || c == 'l' || c == 'L' {
		if c, err = p.more(); err != nil {
			return err
		}
	}
	value, err := p.take()
	if err != nil {
		return err
	}
	if p.width > maxText || p.width < -maxText || p.precision > maxText {
		return ErrUnsupported
	}
	return p.convert(c, value)
}

// key reads (key) and makes its value the only argument.
func (p *percent) key() error {
	if !p.mapping {
		return TypeError("format requires a mapping")
	}
	p.i++
	start, depth := p.i, 1
	for depth > 0 {
		if p.i >= len(p.s) {
			return ValueError("incomplete format key")
		}
		switch p.s[p.i] {
		case '(':
			depth++
		case ')':
			depth--
		}
		p.i++
	}
	key := p.s[start : p.i-1]
	if p.dict == nil {
		_, err := subscript(p.args, key, -1)
		return err
	}
	value, err := p.dict.Item(key)
	if err != nil {
		return err
	}
	p.args, p.used, p.single, p.tuple = value, 0, true, nil
	return nil
}

// number reads a width or precision that may begin with c; -1 if there is none.
func (p *percent) number(c rune, limit int, tooBig string) (rune, int, error) {
	if c == '*' {
		value, err := p.take()
		if err != nil {
			return 0, 0, err
		}
		number, ok := intOf(value)
		if !ok {
			return 0, 0, TypeError("* wants int")
		}
		if !number.IsInt64() {
			return 0, 0, OverflowError("Python int too large to convert to C %s", map[bool]string{true: "int", false: "ssize_t"}[limit == math.MaxInt32])
		}
		if limit == math.MaxInt32 && (number.Int64() > math.MaxInt32 || number.Int64() < math.MinInt32) {
			return 0, 0, OverflowError("Python int too large to convert to C int")
		}
		c, err = p.more()
		result := int(number.Int64())
		if result == -1 { // distinct from "none"
			if limit == math.MaxInt32 {
				result = 0
			} else {
				p.left, result = true, 1
			}
		}
		return c, result, err
	}
	if c < '0' || c > '9' {
		return c, -1, nil
	}
	number := 0
	for c >= '0' && c <= '9' {
		if number > (limit-int(c-'0'))/10 {
			return 0, 0, ValueError(tooBig)
		}
		number = number*10 + int(c-'0')
		var err error
		if c, err = p.more(); err != nil {
			return 0, 0, err
		}
	}
	return c, number, nil
}

func intOf(value any) (*big.Int, bool) {
	switch v := value.(type) {
	case int64:
		return big.NewInt(v), true
	case int:
		return big.NewInt(int64(v)), true
	case *big.Int:
		return v, true
	case bool:
		if v {
			return big.NewInt(1), true
		}
		return new(big.Int), true
	}
	return nil, false
}

func (p *percent) convert(c rune, value any) error {
	switch c {
	case 's', 'r', 'a':
		text := ""
		switch c {
		case 's':
			text = Str(value)
		case 'r':
			text = Repr(value)
		default:
			text = ASCII(value)
		}
		if p.precision >= 0 {
			text = text[:Offset(text, p.precision)]
		}
		p.write("", "", text, false)
	case 'd', 'i', 'u', 'o', 'x', 'X':
		return p.integer(c, value)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		f, err := p.real(value)
		if err != nil {
			return err
		}
		precision := p.precision
		if precision < 0 {
			precision = 6
		}
		digits := floatDigits(math.Abs(f), byte(c|0x20), precision, p.alternate, false)
		if c < 'a' {
			digits = strings.ToUpper(digits)
		}
		p.write(p.sign(math.Signbit(f) && !math.IsNaN(f)), "", digits, p.zero)
	case 'c':
		text, err := percentCode(value)
		if err != nil {
			return err
		}
		p.write("", "", text, false)
	default:
		shown := c
		if c < 31 || c > 126 {
			shown = '?'
		}
		return ValueError("unsupported format character '%c' (0x%x) at index %d", shown, c, Len(p.s[:p.i])-1)
	}
	return nil
}

func (p *percent) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case p.plus:
		return "+"
	case p.space:
		return " "
	}
	return ""
}

// write pads: zeros go between sign and digits.
func (p *percent) write(sign, prefix, digits string, zeros bool) {
	missing := p.width - len(sign) - len(prefix) - Len(digits)
	switch {
	case missing <= 0:
		p.out.WriteString(sign + prefix + digits)
	case p.left:
		p.out.WriteString(sign + prefix + digits + strings.Repeat(" ", missing))
	case zeros:
		p.out.WriteString(sign + prefix + strings.Repeat("0", missing) + digits)
	default:
		p.out.WriteString(strings.Repeat(" ", missing) + sign + prefix + digits)
	}
}

func (p *percent) integer(c rune, value any) error {
	if n, ok := value.(int64); ok && (c == 'd' || c == 'i') && p.width < 0 && p.precision < 0 && !p.plus && !p.space {
		var buffer [20]byte
		p.out.Write(strconv.AppendInt(buffer[:0], n, 10))
		return nil
	}
	number, ok := intOf(value)
	if f, isFloat := value.(float64); isFloat && (c == 'd' || c == 'i' || c == 'u') {
		var err error
		if number, err = BigIntOfFloat(f); err != nil {
			return err
		}
		ok = true
	}
	if _, is := value.(Decimal); is && (c == 'd' || c == 'i' || c == 'u') {
		return ErrUnsupported
	}
	if !ok {
		if c == 'o' || c == 'x' || c == 'X' {
			return TypeError("%%%c format: an integer is required, not %s", c, typeName(value))
		}
		return TypeError("%%%c format: a real number is required, not %s", c, typeName(value))
	}
	base, prefix := 10, ""
	switch c {
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0x"
	}
	if !p.alternate {
		prefix = ""
	}
	digits := new(big.Int).Abs(number).Text(base)
	if missing := p.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if c == 'X' {
		digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
	}
	p.write(p.sign(number.Sign() < 0), prefix, digits, p.zero)
	return nil
}

func (p *percent) real(value any) (float64, error) {
	if f, ok := value.(float64); ok {
		return f, nil
	}
	number, ok := intOf(value)
	if _, is := value.(Decimal); is {
		return 0, ErrUnsupported
	}
	if !ok {
		return 0, TypeError("must be real number, not %s", typeName(value))
	}
	return floatOfBig(number)
}

func percentCode(value any) (string, error) {
	if text, ok := value.(string); ok && Len(text) == 1 {
		return text, nil
	}
	number, ok := intOf(value)
	if !ok {
		return "", &Exception{"TypeError", []any{"%c requires int or char"}}
	}
	if number.IsInt64() {
		text, err := Chr(number.Int64())
		if err == nil || Except(err, "ValueError") == nil {
			return text, err
		}
	}
	return "", &Exception{"OverflowError", []any{"%c arg not in range(0x110000)"}}
}
