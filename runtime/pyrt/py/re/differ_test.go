package re_test

import (
	"math/rand"
	"strings"
	"testing"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/internal/differ"
	"py/dist.pyrt/py/re"
)

type args = []any

func pick(r *rand.Rand, parts ...string) string { return parts[r.Intn(len(parts))] }

const letters = "aabbcAB1_ .-\néÉßſsSkKıiİ\u00a0ΣςσǅÅ\u212a𐐀𐐨"

// item gives a piece of a pattern; groups counts the groups opened so far.
func item(r *rand.Rand, depth int, groups *int) string {
	n := 22
	if depth == 0 {
		n = 12
	}
	switch r.Intn(n) {
	case 0, 1, 2, 3:
		return string([]rune(letters)[r.Intn(7)])
	case 4:
		c := string([]rune(letters)[r.Intn(len([]rune(letters)))])
		return re.Escape(c)
	case 5:
		return pick(r, `\d`, `\w`, `\s`, `\D`, `\W`, `\S`, ".", ".", `\n`, `\x61`, `\u0130`, `\101`)
	case 6:
		return pick(r, "^", "$", `\b`, `\B`, `\A`, `\Z`)
	case 7, 8:
		set := ""
		for i := r.Intn(3); i >= 0; i-- {
			set += pick(r, "a-c", "b", "A-Z", `\w`, `\d`, `\S`, "é", "0-9", "_", "à-ÿ", "Α-ω", "𐐀-𐐩", "k", "s", "𐐀", `\x00-\U0010ffff`, "^", `\-`)
		}
		return "[" + pick(r, "", "", "^") + set + "]"
	case 9:
		if *groups > 0 {
			return pick(r, `\1`, `\1`, `\2`, "(?P=n)")
		}
		return "a"
	case 10:
		return pick(r, "(?i:", "(?s:", "(?a:", "(?-i:", "(?m:", "(?x:", "(?u:") + string([]rune(letters)[r.Intn(5)]) + ")"
	case 11:
		return "(?#c)"
	case 12, 13, 14:
		*groups++
		return "(" + alternatives(r, depth-1, groups) + ")"
	case 15:
		if *groups == 0 {
			*groups++
			return "(?P<n>" + alternatives(r, depth-1, groups) + ")"
		}
		return "(?:" + alternatives(r, depth-1, groups) + ")"
	case 16, 17:
		return "(?:" + alternatives(r, depth-1, groups) + ")"
	case 18:
		return "(?" + pick(r, "=", "!", "<=", "<!") + alternatives(r, depth-1, groups) + ")"
	case 19:
		return "(?>" + alternatives(r, depth-1, groups) + ")"
	case 20:
		if *groups > 0 {
			return "(?(" + pick(r, "1", "1", "2", "n") + ")" + sequence(r, depth-1, groups) + pick(r, "", "|"+sequence(r, depth-1, groups)) + ")"
		}
	}
	return "(?:" + alternatives(r, depth-1, groups) + ")"
}

func sequence(r *rand.Rand, depth int, groups *int) string {
	var out strings.Builder
	for i := r.Intn(4); i > 0; i-- {
		out.WriteString(item(r, depth, groups))
		if r.Intn(3) == 0 {
			out.WriteString(pick(r, "*", "+", "?", "{2}", "{1,2}", "{,2}", "{1,}", "{0,3}"))
			out.WriteString(pick(r, "", "", "?", "+"))
		}
	}
	return out.String()
}

func alternatives(r *rand.Rand, depth int, groups *int) string {
	out := sequence(r, depth, groups)
	for r.Intn(3) == 0 {
		out += "|" + sequence(r, depth, groups)
	}
	return out
}

func pattern(r *rand.Rand) string {
	groups := 0
	text := pick(r, "", "", "", "", "", "(?i)", "(?x)", "(?s)", "(?a)", "(?im)") + alternatives(r, 3, &groups)
	if r.Intn(12) == 0 { // broken
		runes := []rune(text)
		at := r.Intn(len(runes) + 1)
		text = string(runes[:at]) + pick(r, "(", ")", "[", "]", "{", "}", "*", "?", `\`, "(?", "(?P<", "(?P=x)", "|", "-", "+", "\n", `\g`, `\8`) + string(runes[at:])
	}
	return text
}

func subject(r *rand.Rand) string { return differ.From(r, letters, 9) }

func flags(r *rand.Rand) int64 {
	f := 0
	for _, flag := range []re.Flag{re.IGNORECASE, re.MULTILINE, re.DOTALL, re.VERBOSE, re.ASCII} {
		if r.Intn(6) == 0 {
			f |= int(flag)
		}
	}
	return int64(f)
}

func compile(a args) (*re.Pattern, error) { return re.Compile(a[0].(string), re.Flag(a[1].(int64))) }

func describe(m *re.Match) any {
	if m == nil {
		return nil
	}
	spans := []any{}
	for i := 0; i <= m.Pattern().NumGroups(); i++ {
		start, end := m.Span(i)
		spans = append(spans, py.Tuple{start, end})
	}
	var last, group any
	if m.LastIndex() > 0 {
		last = m.LastIndex()
	}
	if m.LastGroup() != "" {
		group = m.LastGroup()
	}
	named := new(py.AnyDict)
	for name, value := range m.GroupDict() {
		if err := named.Set(name, value); err != nil {
			panic(err)
		}
	}
	return py.Tuple{spans, py.Tuple(m.Groups()), last, group, named}
}

const show = "(lambda m: m and ([m.span(i) for i in range(m.re.groups + 1)], m.groups(), m.lastindex, m.lastgroup, m.groupdict()))"

func list(matches func(func(*re.Match) bool)) []any {
	out := []any{}
	for m := range matches {
		out = append(out, describe(m))
	}
	return out
}

func template(r *rand.Rand) string {
	var out strings.Builder
	for i := r.Intn(4); i > 0; i-- {
		out.WriteString(pick(r, `\1`, `\g<1>`, `\g<n>`, `\g<0>`, "x", `\n`, `\\`, "é", `\2`, `\0`, `\101`, `\q`, `\g<`, `\g<x>`, `\g<99>`, `\é`, `\g<-1>`, `\g<>`, `\400`, `\g`))
	}
	return out.String()
}

func cases() []differ.Case {
	plain := func(r *rand.Rand) []any { return args{pattern(r), flags(r), subject(r)} }
	one := func(name string, f func(p *re.Pattern, s string) *re.Match) differ.Case {
		return differ.Case{Name: name, Python: "lambda p, f, s: " + show + "(re.compile(p, f)." + name + "(s))",
			Go: func(a args) (any, error) {
				p, err := compile(a)
				if err != nil {
					return nil, err
				}
				return describe(f(p, a[2].(string))), nil
			}, Args: plain}
	}
	return []differ.Case{
		one("match", (*re.Pattern).Match), one("fullmatch", (*re.Pattern).Fullmatch), one("search", (*re.Pattern).Search),
		{Name: "finditer", Python: "lambda p, f, s: [" + show + "(m) for m in re.finditer(p, s, f)]", Go: func(a args) (any, error) {
			p, err := compile(a)
			if err != nil {
				return nil, err
			}
			return list(p.Finditer(a[2].(string))), nil
		}, Args: plain},
		{Name: "window", Python: "lambda p, f, s, i, j: [" + show + "(m) for m in (re.compile(p, f).match(s, i, j), re.compile(p, f).search(s, i, j), re.compile(p, f).fullmatch(s, i, j))]",
			Go: func(a args) (any, error) {
				p, err := compile(a)
				if err != nil {
					return nil, err
				}
				s := a[2].(string)
				i, j := py.Offset(s, int(a[3].(int64))), py.Offset(s, int(a[4].(int64)))
				return []any{describe(p.MatchAt(s, i, j)), describe(p.SearchAt(s, i, j)), describe(p.FullmatchAt(s, i, j))}, nil
			}, Args: func(r *rand.Rand) []any {
				s := subject(r)
				i := r.Intn(py.Len(s) + 1)
				return args{pattern(r), flags(r), s, int64(i), int64(i + r.Intn(10-i))}
			}},
		{Name: "split", Python: "lambda p, f, s, n: re.split(p, s, n, f)", Go: func(a args) (any, error) {
			p, err := compile(a)
			if err != nil {
				return nil, err
			}
			return p.SplitAny(a[2].(string), int(a[3].(int64))), nil
		}, Args: func(r *rand.Rand) []any { return append(plain(r), int64(r.Intn(3))) }},
		{Name: "findall", Python: "lambda p, f, s: re.findall(p, s, f)", Go: func(a args) (any, error) {
			p, err := compile(a)
			if err != nil {
				return nil, err
			}
			if p.NumGroups() < 2 {
				return p.Findall(a[2].(string)), nil
			}
			out := []any{}
			for _, row := range p.FindallGroups(a[2].(string)) {
				tuple := py.Tuple{}
				for _, text := range row {
					tuple = append(tuple, text)
				}
				out = append(out, tuple)
			}
			return out, nil
		}, Args: plain},
		{Name: "subn", Python: "lambda p, f, s, t, n: re.subn(p, t, s, n, f)", Go: func(a args) (any, error) {
			p, err := compile(a)
			if err != nil {
				return nil, err
			}
			text, n, err := p.Subn(a[3].(string), a[2].(string), int(a[4].(int64)))
			return py.Tuple{text, n}, err
		}, Args: func(r *rand.Rand) []any { return append(plain(r), template(r), int64(r.Intn(3))) }},
		{Name: "expand", Python: "lambda p, f, s, t: (lambda m: m and m.expand(t))(re.search(p, s, f))", Go: func(a args) (any, error) {
			p, err := compile(a)
			if err != nil {
				return nil, err
			}
			m := p.Search(a[2].(string))
			if m == nil {
				return nil, nil
			}
			return m.Expand(a[3].(string))
		}, Args: func(r *rand.Rand) []any { return append(plain(r), template(r)) }},
		{Name: "compile", Python: "lambda p, f: (lambda c: (c.groups, c.flags, dict(c.groupindex)))(re.compile(p, f))", Go: func(a args) (any, error) {
			p, err := compile(a)
			if err != nil {
				return nil, err
			}
			names := new(py.AnyDict)
			for name, number := range p.GroupNames() {
				if err := names.Set(name, int64(number)); err != nil {
					return nil, err
				}
			}
			return py.Tuple{p.NumGroups(), int64(p.Flags()), names}, nil
		}, Args: func(r *rand.Rand) []any {
			if r.Intn(2) == 0 {
				return args{pattern(r), flags(r)}
			}
			return args{differ.From(r, `aab(((?:)))[[]^-]{{1,2}}*+?|.$\\dwbAZP<n>=!#ixs<'é"0`+"\n", 10), flags(r)}
		}},
		{Name: "set", Python: "lambda p, f, c: re.match(p, c, f) is not None", Go: func(a args) (any, error) {
			p, err := compile(a)
			if err != nil {
				return nil, err
			}
			return p.Match(a[2].(string)) != nil, nil
		}, Args: func(r *rand.Rand) []any {
			set := ""
			for i := r.Intn(3); i >= 0; i-- {
				c := differ.Rune(r)
				set += re.Escape(string(c))
				if c += rune(r.Intn(50)); r.Intn(2) == 0 && (c < 0xD800 || c >= 0xE000) && c < 0x110000 {
					set += "-" + re.Escape(string(c))
				}
				set += pick(r, "", "", `\d`, `\s`, `\W`)
			}
			c := string(differ.Rune(r))
			if r.Intn(2) == 0 {
				c = py.SwapCase(string([]rune(strings.ReplaceAll(set, `\`, ""))[:1]))
			}
			return args{"[" + pick(r, "", "^") + set + "]", flags(r), c}
		}},
		{Name: "escape", Python: "re.escape", Go: func(a args) (any, error) { return re.Escape(a[0].(string)), nil },
			Args: func(r *rand.Rand) []any { return args{differ.String(r, 8)} }},
		{Name: "bytes", Python: "lambda p, f, s: [" + show + "(m) for m in re.finditer(p, s, f)]", Go: func(a args) (any, error) {
			p, err := re.CompileBytes(a[0].([]byte), re.Flag(a[1].(int64)))
			if err != nil {
				return nil, err
			}
			spans := []any{}
			for m := range p.Finditer(string(a[2].([]byte))) {
				row := describe(m).(py.Tuple)
				groups := row[1].(py.Tuple)
				for i, group := range groups {
					if text, ok := group.(string); ok {
						groups[i] = []byte(text)
					}
				}
				for name, value := range row[4].(*py.AnyDict).Items() {
					if text, ok := value.(string); ok {
						if err := row[4].(*py.AnyDict).Set(name, []byte(text)); err != nil {
							return nil, err
						}
					}
				}
				spans = append(spans, row)
			}
			return spans, nil
		}, Args: func(r *rand.Rand) []any {
			p, _ := py.Encode(pattern(r), "latin-1", "ignore")
			s, _ := py.Encode(subject(r), "latin-1", "ignore")
			return args{p, flags(r), s}
		}},
	}
}

func TestDifferRe(t *testing.T) { differ.Run(t, cases()) }
