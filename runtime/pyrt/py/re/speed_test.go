package re_test

import (
	"fmt"
	"testing"

	"py/dist.pyrt/py/internal/differ"
	"py/dist.pyrt/py/re"
)

// TestSpeed: go test -run Speed -speed .
func TestSpeed(t *testing.T) {
	find := func(name, pattern string, flags re.Flag) differ.Timed {
		p := re.MustCompile(pattern, flags)
		return differ.Time(name, fmt.Sprintf("import re; s = %q * 20; p = re.compile(r'''%s''', %d)", sentence, pattern, flags),
			"for m in p.finditer(s): pass", func() {
				for range p.Finditer(prose) {
				}
			})
	}
	date := re.MustCompile(`(\d{4})-(\d{2})-(\d{2})$`, 0)
	keyword := re.MustCompile(`(CASE|IN|VALUES|USING|FROM|AS)\b`, re.IGNORECASE)
	dashes := re.MustCompile(`[-\s]+`, 0)
	differ.Speed(t, []differ.Timed{
		find("words", `\w+`, 0), find("address", `[\w.]+@[\w.]+\.\w+`, 0), find("literal", `example\.(com|org)`, 0),
		find("keywords", `\b(select|from|where|quick|lazy|over)\b`, re.IGNORECASE), find("lazy", `".*?"|https?://.*?\s`, 0),
		find("loop", `(?:[a-z]+\s)+`, 0), find("backreference", `(\w)\1`, 0), find("lookaround", `(?<=\s)\w+(?=[,;.])`, 0),
		differ.Time("match", `import re; p = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")`, `p.match("2024-02-29")`, func() { date.Match("2024-02-29") }),
		differ.Time("no match", `import re; p = re.compile(r"(CASE|IN|VALUES|USING|FROM|AS)\b", re.I)`, `p.match("select 1", 0)`,
			func() { keyword.MatchAt("select 1", 0, 8) }),
		differ.Time("match end", `import re; p = re.compile(r"(CASE|IN|VALUES|USING|FROM|AS)\b", re.I)`, `p.match("from x", 0).end()`,
			func() { keyword.MatchEnd("from x", 0) }),
		differ.Time("sub", `import re; p = re.compile(r"[-\s]+")`, `p.sub("-", "Some title -- of a page  with   spaces")`,
			func() { dashes.Sub("-", "Some title -- of a page  with   spaces", 0) }),
	})
}
