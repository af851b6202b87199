package re_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
)

func TestChoice(t *testing.T) {
	choice := re.NewChoice(re.MustCompile(`\d+`, 0), re.MustCompile(`[a-z]+`, re.IGNORECASE), re.MustCompile(`\s*`, 0))
	var got []string
	for s, pos := "ab12 ÉK!", 0; ; {
		which, end := choice.Match(s, pos)
		if which < 0 || end == pos {
			got = append(got, fmt.Sprint(which, pos))
			break
		}
		got = append(got, fmt.Sprint(which, s[pos:end]))
		pos = end
	}
	if want := "1ab 012 2  2 5"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %q", strings.Join(got, " "), want)
	}
}

// TestLong is about input that would overflow a stack if matching recursed.
func TestLong(t *testing.T) {
	s := strings.Repeat("ab", 1<<20)
	for _, pattern := range []string{`(?:a|b)*c`, `(?:a|b)*`, `(a|b)*?$`, `(?:(a)(b))+`, `(?>(?:ab)+)`, `(?:(?=a)ab)*`, `(?:ab){3,}+`} {
		p := re.MustCompile(pattern, 0)
		if m := p.Match(s); (m == nil) != strings.HasSuffix(pattern, "c") {
			t.Errorf("%s: match %v", pattern, m != nil)
		}
	}
}

func TestErrors(t *testing.T) {
	for pattern, want := range map[string]string{
		"a(b":            "re.error: missing ), unterminated subpattern at position 1",
		"a\n\n(":         "re.error: missing ), unterminated subpattern at position 3 (line 3, column 1)",
		"(?P<a>x)(?P<a>": "re.error: redefinition of group name 'a' as group 2; was group 1 at position 12",
		"x{2,1}":         "re.error: min repeat greater than max repeat at position 2",
		`\N{DASH}`:       "re.error: undefined character name 'DASH' at position 0",
	} {
		_, err := re.Compile(pattern, 0)
		if pattern == `\N{DASH}` {
			if !errors.Is(err, py.ErrUnsupported) {
				t.Errorf("%s: %v", pattern, err)
			}
			continue
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", pattern, err, want)
		}
		if py.Except(err, "re.error") == nil {
			t.Errorf("%q: not caught as re.error", pattern)
		}
	}
}

func TestGroupsThatAreNotThere(t *testing.T) {
	m := re.MustCompile(`(a)|(?P<b>b)`, 0).Match("a")
	if m.Has(2) || m.Group(2) != "" || m.Named("b") != "" || m.LastIndex() != 1 {
		t.Error("group 2 took part")
	}
	defer func() {
		if e, ok := recover().(*py.Exception); !ok || e.Error() != "IndexError: no such group" {
			t.Error(e)
		}
	}()
	m.Group(3)
}

func TestConcurrent(t *testing.T) {
	p := re.MustCompile(`(\w+)\s+(\w+)`, 0)
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < 200; j++ {
				text := fmt.Sprintf("%d hello", i)
				if got, err := p.Sub(`\2 \1`, text, 0); err != nil || got != fmt.Sprintf("hello %d", i) {
					t.Errorf("%q %v", got, err)
				}
			}
		}()
	}
	group.Wait()
}

// TestNestedUse matches while the function of a substitution matches.
func TestNestedUse(t *testing.T) {
	p := re.MustCompile(`\w+`, 0)
	got := p.SubFunc(func(m *re.Match) string {
		return p.SubFunc(func(inner *re.Match) string { return "<" + inner.Group(0) + ">" }, m.Group(0), 0)
	}, "a bc", 0)
	if got != "<a> <bc>" {
		t.Error(got)
	}
}

func TestLinearWhereItCanBe(t *testing.T) {
	start := time.Now()
	re.MustCompile(`(?:a+\s)+$`, 0).Match(strings.Repeat("a ", 1<<18) + "!")
	re.MustCompile(`[a-z]+\d`, 0).Search(strings.Repeat("x", 1<<12))
	if elapsed := time.Since(start); elapsed > 10*time.Second {
		t.Errorf("took %v", elapsed)
	}
}

func Example() {
	address := re.MustCompile(`(\w+)@(?P<host>[\w.]+)`, 0)
	m := address.Search("mail to bob@example.com!")
	fmt.Println(m.Group(1), m.Named("host"), m.Start(0))
	text, _ := address.Sub(`\g<host>`, "to bob@example.com!", 0)
	fmt.Println(text)
	// Output:
	// bob example.com 8
	// to example.com!
}

func TestCached(t *testing.T) {
	for i := 0; i < 1200; i++ {
		p, err := re.Cached(fmt.Sprintf("x{%d}", i%600), re.IGNORECASE)
		if err != nil || p.Match(strings.Repeat("X", 600)) == nil {
			t.Fatal(i, err)
		}
	}
	one, _ := re.Cached("a", 0)
	two, _ := re.Cached("a", 0)
	other, _ := re.Cached("a", re.IGNORECASE)
	if one != two || one == other {
		t.Error("not cached by pattern and flags")
	}
	if _, err := re.Cached("(", 0); py.Except(err, "re.error") == nil {
		t.Error(err)
	}
}

func TestDeepPattern(t *testing.T) {
	deep := strings.Repeat("(", 1<<20)
	if _, err := re.Compile(deep, 0); !errors.Is(err, py.ErrUnsupported) {
		t.Error(err)
	}
	p, err := re.Compile(strings.Repeat("(?:", 300)+"a"+strings.Repeat(")+", 300), 0)
	if err != nil || p.Fullmatch("aaa") == nil {
		t.Error(err)
	}
}
