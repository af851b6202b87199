package py

import (
	"bytes"
	"encoding/hex"
	"strings"
)

// Translate is b.translate(table, deleted); a nil table changes nothing.
func (b Bytes) Translate(table *[256]byte, deleted []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		if bytes.IndexByte(deleted, c) >= 0 {
			continue
		}
		if table != nil {
			c = table[c]
		}
		out = append(out, c)
	}
	return out
}

// Hex is b.hex().
func (b Bytes) Hex() string { return hex.EncodeToString(b) }

// FromHex is bytes.fromhex(s), with its ValueError.
func FromHex(s string) ([]byte, error) {
	text := []rune(s)
	bad := func(i int) error {
		return ValueError("non-hexadecimal number found in fromhex() arg at position %d", i)
	}
	for i, c := range text {
		if c >= 0x80 {
			return nil, bad(i)
		}
	}
	digit := func(i int) int {
		if i >= len(text) {
			return -1
		}
		return strings.IndexByte(hexDigits, lowerByte(byte(text[i])))
	}
	var out []byte
	for index := 0; index < len(text); {
		if bytesSpace(byte(text[index])) {
			index++
			continue
		}
		high, low := digit(index), digit(index+1)
		switch {
		case high < 0:
			return nil, bad(index)
		case low < 0:
			return nil, bad(index + 1)
		}
		out = append(out, byte(high<<4|low))
		index += 2
	}
	return out, nil
}
