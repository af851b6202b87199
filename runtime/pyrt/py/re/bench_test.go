package re_test

import (
	"strings"
	"testing"

	"py/dist.pyrt/py/re"
)

const sentence = "The quick brown fox, jumps over 1234 lazy dogs; mail bob@example.com or see https://example.org/a?b=c. "

var prose = strings.Repeat(sentence, 20)

func benchmarkFindall(b *testing.B, pattern string, flags re.Flag) {
	p := re.MustCompile(pattern, flags)
	b.SetBytes(int64(len(prose)))
	for i := 0; i < b.N; i++ {
		for range p.Finditer(prose) {
		}
	}
}

func BenchmarkWords(b *testing.B)   { benchmarkFindall(b, `\w+`, 0) }
func BenchmarkAddress(b *testing.B) { benchmarkFindall(b, `[\w.]+@[\w.]+\.\w+`, 0) }
func BenchmarkLiteral(b *testing.B) { benchmarkFindall(b, `example\.(com|org)`, 0) }
func BenchmarkKeywords(b *testing.B) {
	benchmarkFindall(b, `\b(select|from|where|quick|lazy|over)\b`, re.IGNORECASE)
}
func BenchmarkLazy(b *testing.B)       { benchmarkFindall(b, `".*?"|https?://.*?\s`, 0) }
func BenchmarkLoop(b *testing.B)       { benchmarkFindall(b, `(?:[a-z]+\s)+`, 0) }
func BenchmarkBackref(b *testing.B)    { benchmarkFindall(b, `(\w)\1`, 0) }
func BenchmarkLookaround(b *testing.B) { benchmarkFindall(b, `(?<=\s)\w+(?=[,;.])`, 0) }

func BenchmarkMatchShort(b *testing.B) {
	p := re.MustCompile(`(\d{4})-(\d{2})-(\d{2})$`, 0)
	b.ReportAllocs()
	for i := 0; i < b.N; i++ {
		p.Match("2024-02-29")
	}
}

func BenchmarkMatchFails(b *testing.B) {
	p := re.MustCompile(`(CASE|IN|VALUES|USING|FROM|AS)\b`, re.IGNORECASE)
	for i := 0; i < b.N; i++ {
		p.MatchAt("select 1", 0, 8)
	}
}

func BenchmarkSub(b *testing.B) {
	p := re.MustCompile(`[-\s]+`, 0)
	for i := 0; i < b.N; i++ {
		p.Sub("-", "Some title -- of a page  with   spaces", 0)
	}
}
