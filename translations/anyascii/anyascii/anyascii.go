// Derived from anyascii 0.3.3, Copyright (c) 2020-2025, Hunter WB; ISC, see LICENSE.

package anyascii

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"strings"
	"sync"

	"py/dist.pyrt/py"
	"py/dist.tables/anyascii/X_data"
)

// blocks holds the transliterations of 256 code points each, as far as they are known, under the code point's upper bits.
var blocks = sync.OnceValues(func() (map[rune][]string, error) {
	files, ok := x_data.Files().(*py.AnyDict)
	if !ok {
		return nil, py.ErrUnsupported
	}
	all := map[rune][]string{}
	for name, data := range files.Items() {
		file, isText := name.(string)
		packed, isBytes := data.([]byte)
		var number rune
		if !isText || !isBytes {
			return nil, py.ErrUnsupported
		}
		if _, err := fmt.Sscanf(file, "%x", &number); err != nil || file != fmt.Sprintf("%03x", number) {
			continue // no block
		}
		text, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
		if err != nil || !py.IsASCII(string(text)) {
			return nil, py.ErrUnsupported
		}
		all[number] = strings.Split(string(text), "\t")
	}
	return all, nil
})

// Anyascii transliterates a string into ASCII.
func Anyascii(string_ any) (any, error) {
	text, ok := string_.(string)
	if !ok {
		return nil, py.ErrUnsupported
	}
	if py.IsASCII(text) {
		return text, nil
	}
	known, err := blocks()
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	for _, c := range text {
		if c <= 0x7F {
			out.WriteByte(byte(c))
		} else if block := known[c>>8]; int(c&0xFF) < len(block) {
			out.WriteString(block[c&0xFF])
		}
	}
	return out.String(), nil
}
