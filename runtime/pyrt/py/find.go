package py

import (
	"strings"
	"unicode/utf8"
)

// Find is s.find(sub): the index in code points, or -1. Where only the piece of the string is wanted, Go's strings.Index, Cut
// and HasPrefix on bytes are faster and give the same pieces.
func Find(s, sub string) int {
	i := strings.Index(s, sub)
	if i > 0 {
		return Len(s[:i])
	}
	return i
}

// FindIn is s.find(sub, start, end).
func FindIn(s, sub string, start, end int) int {
	piece, start, ok := window(s, start, end)
	if !ok {
		return -1
	}
	if i := Find(piece, sub); i >= 0 {
		return start + i
	}
	return -1
}

// window gives s[start:end] and the first index, and whether such a window exists at all: "".find("", 1) is -1.
func window(s string, start, end int) (piece string, first int, ok bool) {
	length := len(s)
	if !IsASCII(s) {
		length = Len(s)
	}
	if start < 0 {
		start = max(start+length, 0)
	}
	if end < 0 {
		end = max(end+length, 0)
	}
	end = min(end, length)
	if start > end {
		return "", 0, false
	}
	if length == len(s) {
		return s[start:end], start, true
	}
	return Slice(s, start, end), start, true
}

// RFind is s.rfind(sub).
func RFind(s, sub string) int {
	i := strings.LastIndex(s, sub)
	if i > 0 {
		return Len(s[:i])
	}
	return i
}

// RFindIn is s.rfind(sub, start, end).
func RFindIn(s, sub string, start, end int) int {
	piece, start, ok := window(s, start, end)
	if !ok {
		return -1
	}
	if i := RFind(piece, sub); i >= 0 {
		return start + i
	}
	return -1
}

// IndexOf is s.index(sub, start, end), with its ValueError.
func IndexOf(s, sub string, start, end int) (int, error) {
	if i := FindIn(s, sub, start, end); i >= 0 {
		return i, nil
	}
	return 0, ValueError("substring not found")
}

// RIndexOf is s.rindex(sub, start, end), with its ValueError.
func RIndexOf(s, sub string, start, end int) (int, error) {
	if i := RFindIn(s, sub, start, end); i >= 0 {
		return i, nil
	}
	return 0, ValueError("substring not found")
}

// CountIn is s.count(sub, start, end); s.count(sub) is Go's strings.Count.
func CountIn(s, sub string, start, end int) int {
	piece, _, ok := window(s, start, end)
	if !ok {
		return 0
	}
	return strings.Count(piece, sub)
}

// Replace is s.replace(old, new, count); count -1 replaces all.
func Replace(s, old, new string, count int) string {
	return strings.Replace(s, old, new, count)
}

// StartsWith is s.startswith((prefixes…)).
func StartsWith(s string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// EndsWith is s.endswith((suffixes…)).
func EndsWith(s string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(s, suffix) {
			return true
		}
	}
	return false
}

// StartsWithIn is s.startswith((prefixes…), start, end).
func StartsWithIn(s string, start, end int, prefixes ...string) bool {
	piece, _, ok := window(s, start, end)
	return ok && StartsWith(piece, prefixes...)
}

// EndsWithIn is s.endswith((suffixes…), start, end).
func EndsWithIn(s string, start, end int, suffixes ...string) bool {
	piece, _, ok := window(s, start, end)
	return ok && EndsWith(piece, suffixes...)
}

// Partition is s.partition(sep), with its ValueError for an empty sep.
func Partition(s, sep string) (before, found, after string, err error) {
	if sep == "" {
		return "", "", "", ValueError("empty separator")
	}
	if i := strings.Index(s, sep); i >= 0 {
		return s[:i], sep, s[i+len(sep):], nil
	}
	return s, "", "", nil
}

// RPartition is s.rpartition(sep).
func RPartition(s, sep string) (before, found, after string, err error) {
	if sep == "" {
		return "", "", "", ValueError("empty separator")
	}
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], sep, s[i+len(sep):], nil
	}
	return "", "", s, nil
}

// Repeat is s * count (nothing for a negative count).
func Repeat(s string, count int) string {
	if count <= 0 {
		return ""
	}
	return strings.Repeat(s, count)
}

// ExpandTabs is s.expandtabs(tabsize).
func ExpandTabs(s string, tabsize int) string {
	if strings.IndexByte(s, '\t') < 0 {
		return s
	}
	var out strings.Builder
	column := 0
	for _, c := range s {
		switch c {
		case '\t':
			if tabsize > 0 {
				width := tabsize - column%tabsize
				column += width
				for ; width > 0; width-- {
					out.WriteByte(' ')
				}
			}
		case '\n', '\r':
			column = 0
			out.WriteRune(c)
		default:
			column++
			out.WriteRune(c)
		}
	}
	return out.String()
}

// ZFill is s.zfill(width).
func ZFill(s string, width int) string {
	missing := max(width, 0) - Len(s)
	if missing <= 0 {
		return s
	}
	sign := ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, s = s[:1], s[1:]
	}
	return sign + strings.Repeat("0", missing) + s
}

// LJust is s.ljust(width, fill).
func LJust(s string, width int, fill rune) string { return pad(s, 0, max(width, 0)-Len(s), fill) }

// RJust is s.rjust(width, fill).
func RJust(s string, width int, fill rune) string { return pad(s, max(width, 0)-Len(s), 0, fill) }

// Center is s.center(width, fill): the odd space stands left where width is odd.
func Center(s string, width int, fill rune) string {
	missing := max(width, 0) - Len(s)
	left := 0
	if missing > 0 {
		left = missing/2 + missing&width&1
	}
	return pad(s, left, missing-left, fill)
}

func pad(s string, left, right int, fill rune) string {
	if left <= 0 && right <= 0 {
		return s
	}
	size := utf8.RuneLen(fill)
	out := make([]byte, 0, len(s)+(left+right)*size)
	for ; left > 0; left-- {
		out = utf8.AppendRune(out, fill)
	}
	out = append(out, s...)
	for ; right > 0; right-- {
		out = utf8.AppendRune(out, fill)
	}
	return string(out)
}

// Translate is s.translate(table): what a character becomes, "" deletes it; others stay. See [MakeTrans].
func Translate(s string, table map[rune]string) string {
	var out strings.Builder
	done := 0
	for i, c := range s {
		replacement, ok := table[c]
		if !ok {
			continue
		}
		out.WriteString(s[done:i])
		out.WriteString(replacement)
		done = i + utf8.RuneLen(c)
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

// MakeTrans is str.maketrans(from, to, deleted), with its ValueError.
func MakeTrans(from, to, deleted string) (map[rune]string, error) {
	keys, values := []rune(from), []rune(to)
	if len(keys) != len(values) {
		return nil, ValueError("the first two maketrans arguments must have equal length")
	}
	table := make(map[rune]string, len(keys))
	for i, key := range keys {
		table[key] = string(values[i])
	}
	for _, key := range deleted {
		table[key] = ""
	}
	return table, nil
}
