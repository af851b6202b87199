package py

import (
	"bytes"
	"strings"
)

// Bytes gives []byte the methods of Python's bytes; they know ASCII only. Values of type any hold []byte.
//
//	b.strip()                py.Bytes(b).Strip(nil)
//	b.split(b",", 1)         parts, err := py.Bytes(b).Split([]byte(","), 1)
//
// What Go's package bytes has under the same meaning is not here: Contains, HasPrefix (startswith), HasSuffix, Count, Join,
// ReplaceAll, TrimPrefix (removeprefix).
type Bytes []byte

// At is b[index], negative indices included, with its IndexError.
func (b Bytes) At(index int) (byte, error) {
	if index < 0 {
		index += len(b)
	}
	if index < 0 || index >= len(b) {
		return 0, IndexError("index out of range")
	}
	return b[index], nil
}

// Slice is b[start:end], sharing the memory; see [From] and [To].
func (b Bytes) Slice(start, end int) []byte { return ListRange(b, start, end) }

func (b Bytes) window(start, end int) ([]byte, int, bool) {
	if start < 0 {
		start = max(start+len(b), 0)
	}
	if end < 0 {
		end = max(end+len(b), 0)
	}
	end = min(end, len(b))
	if start > end {
		return nil, 0, false
	}
	return b[start:end], start, true
}

// Find is b.find(sub, start, end).
func (b Bytes) Find(sub []byte, start, end int) int {
	piece, start, ok := b.window(start, end)
	if i := bytes.Index(piece, sub); ok && i >= 0 {
		return start + i
	}
	return -1
}

// RFind is b.rfind(sub, start, end).
func (b Bytes) RFind(sub []byte, start, end int) int {
	piece, start, ok := b.window(start, end)
	if i := bytes.LastIndex(piece, sub); ok && i >= 0 {
		return start + i
	}
	return -1
}

// Index is b.index(sub, start, end), with its ValueError.
func (b Bytes) Index(sub []byte, start, end int) (int, error) {
	if i := b.Find(sub, start, end); i >= 0 {
		return i, nil
	}
	return 0, ValueError("subsection not found")
}

// Count is b.count(sub, start, end).
func (b Bytes) Count(sub []byte, start, end int) int {
	piece, _, ok := b.window(start, end)
	if !ok {
		return 0
	}
	if len(sub) == 0 {
		return len(piece) + 1
	}
	return bytes.Count(piece, sub)
}

// Replace is b.replace(old, new, count); count -1 replaces all.
func (b Bytes) Replace(old, new []byte, count int) []byte {
	return []byte(replaceBytes(string(b), string(old), string(new), count))
}

// replaceBytes is strings.Replace, which for an empty old would go by runes.
func replaceBytes(s, old, new string, count int) string {
	if old != "" || count == 0 {
		return strings.Replace(s, old, new, count)
	}
	var out strings.Builder
	for i := 0; i <= len(s); i++ {
		if count < 0 || i < count {
			out.WriteString(new)
		}
		if i < len(s) {
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

func bytesSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func (b Bytes) strip(chars []byte, left, right bool) []byte {
	drop := func(c byte) bool {
		if chars == nil {
			return bytesSpace(c)
		}
		return bytes.IndexByte(chars, c) >= 0
	}
	start, end := 0, len(b)
	for left && start < end && drop(b[start]) {
		start++
	}
	for right && end > start && drop(b[end-1]) {
		end--
	}
	return b[start:end]
}

// Strip is b.strip(chars); nil chars is None: white space.
func (b Bytes) Strip(chars []byte) []byte { return b.strip(chars, true, true) }

// LStrip is b.lstrip(chars).
func (b Bytes) LStrip(chars []byte) []byte { return b.strip(chars, true, false) }

// RStrip is b.rstrip(chars).
func (b Bytes) RStrip(chars []byte) []byte { return b.strip(chars, false, true) }

// Split is b.split(sep, maxsplit), with its ValueError; maxsplit -1 splits at all.
func (b Bytes) Split(sep []byte, maxsplit int) ([][]byte, error) {
	parts, err := Split(string(b), string(sep), maxsplit)
	return toBytes(parts), err
}

// RSplit is b.rsplit(sep, maxsplit).
func (b Bytes) RSplit(sep []byte, maxsplit int) ([][]byte, error) {
	parts, err := RSplit(string(b), string(sep), maxsplit)
	return toBytes(parts), err
}

func toBytes(parts []string) [][]byte {
	out := make([][]byte, len(parts))
	for i, part := range parts {
		out[i] = []byte(part)
	}
	return out
}

// SplitSpace is b.split(None, maxsplit).
func (b Bytes) SplitSpace(maxsplit int) [][]byte {
	parts := [][]byte{}
	for rest := b; ; {
		rest = rest.LStrip(nil)
		if len(rest) == 0 {
			return parts
		}
		if maxsplit == 0 {
			return append(parts, rest)
		}
		maxsplit--
		end := 0
		for end < len(rest) && !bytesSpace(rest[end]) {
			end++
		}
		parts = append(parts, rest[:end:end])
		rest = rest[end:]
	}
}

// RSplitSpace is b.rsplit(None, maxsplit).
func (b Bytes) RSplitSpace(maxsplit int) [][]byte {
	parts := [][]byte{}
	for rest := b; ; {
		rest = rest.RStrip(nil)
		if len(rest) == 0 {
			break
		}
		start := len(rest)
		for start > 0 && maxsplit != 0 && !bytesSpace(rest[start-1]) {
			start--
		}
		if maxsplit == 0 {
			start = 0
		}
		maxsplit--
		parts = append(parts, rest[start:])
		rest = rest[:start]
	}
	reverse(parts)
	return parts
}

// SplitLines is b.splitlines(keepends): lines end with \n, \r or \r\n only.
func (b Bytes) SplitLines(keepends bool) [][]byte {
	lines := [][]byte{}
	start := 0
	for i := 0; i < len(b); {
		end := i
		c := b[i]
		i++
		if c != '\n' && c != '\r' {
			continue
		}
		if c == '\r' && i < len(b) && b[i] == '\n' {
			i++
		}
		if keepends {
			end = i
		}
		lines = append(lines, b[start:end:end])
		start = i
	}
	if start < len(b) {
		lines = append(lines, b[start:])
	}
	return lines
}

func (b Bytes) each(change func(i int, c byte) byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		out[i] = change(i, c)
	}
	return out
}

// Lower is b.lower().
func (b Bytes) Lower() []byte { return b.each(func(_ int, c byte) byte { return lowerByte(c) }) }

// Upper is b.upper().
func (b Bytes) Upper() []byte { return b.each(func(_ int, c byte) byte { return upperByte(c) }) }

// SwapCase is b.swapcase().
func (b Bytes) SwapCase() []byte {
	return b.each(func(_ int, c byte) byte {
		if lower := lowerByte(c); lower != c {
			return lower
		}
		return upperByte(c)
	})
}

// Capitalize is b.capitalize().
func (b Bytes) Capitalize() []byte {
	return b.each(func(i int, c byte) byte {
		if i == 0 {
			return upperByte(c)
		}
		return lowerByte(c)
	})
}

// Title is b.title().
func (b Bytes) Title() []byte {
	return b.each(func(i int, c byte) byte {
		if i > 0 && asciiLetter(b[i-1]) {
			return lowerByte(c)
		}
		return upperByte(c)
	})
}

func asciiLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (b Bytes) all(test func(byte) bool) bool {
	for _, c := range b {
		if !test(c) {
			return false
		}
	}
	return len(b) > 0
}

// IsAlpha is b.isalpha().
func (b Bytes) IsAlpha() bool { return b.all(asciiLetter) }

// IsDigit is b.isdigit().
func (b Bytes) IsDigit() bool { return b.all(func(c byte) bool { return c-'0' <= 9 }) }

// IsAlnum is b.isalnum().
func (b Bytes) IsAlnum() bool {
	return b.all(func(c byte) bool { return asciiLetter(c) || c-'0' <= 9 })
}

// IsSpace is b.isspace().
func (b Bytes) IsSpace() bool { return b.all(bytesSpace) }

func (b Bytes) ascii() string {
	return string(b.each(func(_ int, c byte) byte { return c & (c>>7 - 1) }))
}

// IsLower is b.islower().
func (b Bytes) IsLower() bool { return IsLower(b.ascii()) }

// IsUpper is b.isupper().
func (b Bytes) IsUpper() bool { return IsUpper(b.ascii()) }

// IsTitle is b.istitle().
func (b Bytes) IsTitle() bool { return IsTitle(b.ascii()) }

// ZFill is b.zfill(width).
func (b Bytes) ZFill(width int) []byte {
	missing := width - len(b)
	if missing <= 0 {
		return append([]byte{}, b...)
	}
	out := make([]byte, 0, width)
	rest := b
	if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		out, rest = append(out, b[0]), b[1:]
	}
	for ; missing > 0; missing-- {
		out = append(out, '0')
	}
	return append(out, rest...)
}

// LJust is b.ljust(width, fill).
func (b Bytes) LJust(width int, fill byte) []byte { return b.pad(0, width-len(b), fill) }

// RJust is b.rjust(width, fill).
func (b Bytes) RJust(width int, fill byte) []byte { return b.pad(width-len(b), 0, fill) }

// Center is b.center(width, fill).
func (b Bytes) Center(width int, fill byte) []byte {
	missing := width - len(b)
	if missing <= 0 {
		return b.pad(0, 0, fill)
	}
	left := missing/2 + missing&width&1
	return b.pad(left, missing-left, fill)
}

func (b Bytes) pad(left, right int, fill byte) []byte {
	out := bytes.Repeat([]byte{fill}, max(left, 0))
	out = append(out, b...)
	return append(out, bytes.Repeat([]byte{fill}, max(right, 0))...)
}

// Partition is b.partition(sep), with its ValueError.
func (b Bytes) Partition(sep []byte) (before, found, after []byte, err error) {
	if len(sep) == 0 {
		return nil, nil, nil, ValueError("empty separator")
	}
	if before, after, ok := bytes.Cut(b, sep); ok {
		return before, sep, after, nil
	}
	return b, nil, nil, nil
}

// RPartition is b.rpartition(sep).
func (b Bytes) RPartition(sep []byte) (before, found, after []byte, err error) {
	if len(sep) == 0 {
		return nil, nil, nil, ValueError("empty separator")
	}
	if i := bytes.LastIndex(b, sep); i >= 0 {
		return b[:i], sep, b[i+len(sep):], nil
	}
	return nil, nil, b, nil
}
