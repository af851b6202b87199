package re_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"py/dist.pyrt/py/re"
)

func TestMin(t *testing.T) {
	if os.Getenv("MIN") == "" {
		t.Skip()
	}
	run := func(name string, n int, f func()) {
		best := time.Hour
		for i := 0; i < 300; i++ {
			start := time.Now()
			for j := 0; j < n; j++ {
				f()
			}
			if d := time.Since(start); d < best {
				best = d
			}
		}
		fmt.Printf("%-14s %10.0f ns\n", name, float64(best.Nanoseconds())/float64(n))
	}
	for _, c := range []struct {
		name, pattern string
		flags         re.Flag
	}{{"Words", `\w+`, 0}, {"Address", `[\w.]+@[\w.]+\.\w+`, 0}, {"Literal", `example\.(com|org)`, 0},
		{"Keywords", `\b(select|from|where|quick|lazy|over)\b`, re.IGNORECASE}, {"Lazy", `".*?"|https?://.*?\s`, 0},
		{"Loop", `(?:[a-z]+\s)+`, 0}, {"Backref", `(\w)\1`, 0}, {"Lookaround", `(?<=\s)\w+(?=[,;.])`, 0}} {
		p := re.MustCompile(c.pattern, c.flags)
		run(c.name, 3, func() {
			for range p.Finditer(prose) {
			}
		})
	}
	p := re.MustCompile(`(\d{4})-(\d{2})-(\d{2})$`, 0)
	run("MatchShort", 300, func() { p.Match("2024-02-29") })
	q := re.MustCompile(`(CASE|IN|VALUES|USING|FROM|AS)\b`, re.IGNORECASE)
	run("MatchFails", 3000, func() { q.MatchAt("select 1", 0, 8) })
	r := re.MustCompile(`[-\s]+`, 0)
	run("Sub", 100, func() { r.Sub("-", "Some title -- of a page  with   spaces", 0) })
}
