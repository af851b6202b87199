package py

import "unicode/utf8"

// IsASCII is s.isascii().
func IsASCII(s string) bool {
	for len(s) >= 8 {
		word := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56 // one load
		if word&0x8080808080808080 != 0 {
			return false
		}
		s = s[8:]
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Len is len(s): it counts code points.
func Len(s string) int { return utf8.RuneCountInString(s) }

// Offset gives the byte offset of the code point at an index from 0 to len(s); a larger index gives len(s) in bytes.
func Offset(s string, index int) int {
	i := 0
	for ; index > 0 && i < len(s); index-- {
		if s[i] < 0x80 {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

// At gives the code point s[index], negative indices included, and false where Python raises IndexError.
//
//	s[i]                     c, ok := py.At(s, i)      // or py.Index(s, i), with the error
//	s[-1:] == "x"            strings.HasSuffix(s, "x")
func At(s string, index int) (rune, bool) {
	if index < 0 {
		i := len(s)
		for ; index < 0; index++ {
			if i == 0 {
				return 0, false
			}
			_, size := utf8.DecodeLastRuneInString(s[:i])
			i -= size
		}
		c, _ := utf8.DecodeRuneInString(s[i:])
		return c, true
	}
	i := Offset(s, index)
	if i >= len(s) {
		return 0, false
	}
	c, _ := utf8.DecodeRuneInString(s[i:])
	return c, true
}

// Index is s[index], with its IndexError.
func Index(s string, index int) (string, error) {
	c, ok := At(s, index)
	if !ok {
		return "", IndexError("string index out of range")
	}
	return string(c), nil
}

// From and To bound a slice as an omitted start and end do: s[a:] is Slice(s, a, py.To), s[:b] is Slice(s, py.From, b).
const (
	From = 0
	To   = int(^uint(0) >> 1)
)

// Slice is s[start:end].
func Slice(s string, start, end int) string {
	if start < 0 || end < 0 {
		length := -1
		if IsASCII(s) {
			length = len(s)
		} else {
			length = Len(s)
		}
		start, end = clampSlice(start, end, length)
	}
	if start >= end {
		return ""
	}
	from := Offset(s, start)
	if end == To {
		return s[from:]
	}
	return s[from : from+Offset(s[from:], end-start)]
}

// clampSlice gives the bounds of [start:end] on a sequence: 0 ≤ start, end ≤ length.
func clampSlice(start, end, length int) (int, int) {
	if start < 0 {
		start = max(start+length, 0)
	}
	if end < 0 {
		end = max(end+length, 0)
	}
	return min(start, length), min(end, length)
}

// Range has the indices that [start:end:step] selects of a sequence of length items, as slice.indices(length) gives them;
// nil stands for an omitted bound. Step 0 is Python's ValueError.
func sliceIndices(start, end *int, step, length int) (first, count int, err error) {
	if step == 0 {
		return 0, 0, ValueError("slice step cannot be zero")
	}
	low, high := 0, length
	if step < 0 {
		low, high = -1, length-1
	}
	bound := func(given *int, omitted int) int {
		if given == nil {
			return omitted
		}
		i := *given
		if i < 0 {
			return max(i+length, low)
		}
		return min(i, high)
	}
	var last int
	if step > 0 {
		first, last = bound(start, low), bound(end, high)
		if last > first {
			count = (last-first-1)/step + 1
		}
	} else {
		first, last = bound(start, high), bound(end, low)
		if first > last {
			count = int(uint(first-last-1)/uint(-step)) + 1
		}
	}
	return first, count, nil
}

// SliceStep is s[start:end:step]; nil stands for an omitted bound. s[::-1] is SliceStep(s, nil, nil, -1).
func SliceStep(s string, start, end *int, step int) (string, error) {
	if IsASCII(s) {
		first, count, err := sliceIndices(start, end, step, len(s))
		if err != nil {
			return "", err
		}
		out := make([]byte, count)
		for i := range out {
			out[i] = s[first+i*step]
		}
		return string(out), nil
	}
	items, err := ListSlice([]rune(s), start, end, step)
	return string(items), err
}

// P points to a value, for the bounds of slices with a step: s[1::2] is SliceStep(s, py.P(1), nil, 2).
func P[T any](value T) *T { return &value }

// Chars is list(s): a string for each code point.
func Chars(s string) []string {
	out := make([]string, 0, len(s))
	for i := 0; i < len(s); {
		size := 1
		if s[i] >= 0x80 {
			_, size = utf8.DecodeRuneInString(s[i:])
		}
		out = append(out, s[i:i+size])
		i += size
	}
	return out
}

// Ord is ord(s), with its TypeError.
func Ord(s string) (rune, error) {
	c, size := utf8.DecodeRuneInString(s)
	if size == 0 || size != len(s) {
		return 0, TypeError("ord() expected a character, but string of length %d found", Len(s))
	}
	return c, nil
}

// Chr is chr(c), with its ValueError. A surrogate (which a Go string cannot hold) is [ErrUnsupported].
func Chr(c int64) (string, error) {
	if c < 0 || c > 0x10FFFF {
		return "", ValueError("chr() arg not in range(0x110000)")
	}
	if c >= 0xD800 && c < 0xE000 {
		return "", ErrUnsupported
	}
	return string(rune(c)), nil
}
