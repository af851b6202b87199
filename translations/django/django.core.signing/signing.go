// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package signing

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"math/big"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func B62Encode(s any) (any, error) {
	var number big.Int
	switch value := s.(type) {
	case int64:
		number.SetInt64(value)
	case *big.Int:
		number.Set(value)
	default:
		return nil, py.ErrUnsupported
	}
	// Go's digits are 0-9, a-z, A-Z; Django's have the capitals first.
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		case c >= 'A' && c <= 'Z':
			return c - 'A' + 'a'
		}
		return c
	}, number.Text(62)), nil
}

func B62Decode(s any) (any, error) {
	text, isText := s.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if text == "" {
		return nil, py.IndexError("string index out of range")
	}
	digits, negative := strings.CutPrefix(text, "-")
	var number big.Int
	for _, c := range digits {
		value := strings.IndexRune(base62, c)
		if value < 0 {
			return nil, py.ValueError("substring not found")
		}
		number.Mul(&number, big.NewInt(62)).Add(&number, big.NewInt(int64(value)))
	}
	if negative {
		number.Neg(&number)
	}
	return py.Int(&number), nil
}

func B64Encode(s any) (any, error) {
	given, isBytes := s.([]byte)
	if !isBytes {
		return nil, py.ErrUnsupported
	}
	return encode(given), nil
}

func encode(b []byte) []byte {
	return base64.RawURLEncoding.AppendEncode([]byte{}, b)
}

func B64Decode(s any) (any, error) {
	given, isBytes := s.([]byte)
	if !isBytes {
		return nil, py.ErrUnsupported
	}
	padded := append(append([]byte{}, given...), "==="[:(4-len(given)%4)%4]...)
	decoded, ok := decodeBase64(padded)
	if !ok {
		return nil, py.ErrUnsupported // binascii.Error
	}
	return decoded, nil
}

// decodeBase64 reads both alphabets as Python does: it skips what is neither a digit nor padding, and stops at full padding.
func decodeBase64(text []byte) ([]byte, bool) {
	out := []byte{}
	digits, pads, rest := 0, 0, byte(0) // of the current four
	for _, c := range text {
		if c == '=' {
			if digits >= 2 {
				if pads++; digits+pads >= 4 {
					return out, true
				}
			}
			continue
		}
		var value byte
		switch {
		case c >= 'A' && c <= 'Z':
			value = c - 'A'
		case c >= 'a' && c <= 'z':
			value = c - 'a' + 26
		case c >= '0' && c <= '9':
			value = c - '0' + 52
		case c == '+' || c == '-':
			value = 62
		case c == '/' || c == '_':
			value = 63
		default:
			continue
		}
		pads = 0
		switch digits {
		case 1:
			out = append(out, rest<<2|value>>4)
		case 2:
			out = append(out, rest<<4|value>>2)
		case 3:
			out = append(out, rest<<6|value)
		}
		digits, rest = (digits+1)%4, value
	}
	return out, digits == 0
}

// forceBytes is django.utils.encoding.force_bytes of scalars.
func forceBytes(value any) ([]byte, error) {
	switch s := value.(type) {
	case []byte:
		return s, nil
	case nil, bool, int64, float64, string:
		return []byte(py.Str(s)), nil
	}
	return nil, py.ErrUnsupported
}

func Base64Hmac(salt any, value any, key any, options ...Base64HmacOptions) (any, error) {
	var o Base64HmacOptions
	if len(options) > 0 {
		o = options[0]
	}
	if key == nil || key == pyrt.None { // the settings have one
		return nil, py.ErrUnsupported
	}
	name := "sha1"
	if o.Algorithm != nil {
		given, isText := o.Algorithm.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		name = given
	}
	hashes := map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New,
		"sha384": sha512.New384, "sha512": sha512.New}
	hasher, known := hashes[name]
	if !known {
		return nil, py.ErrUnsupported
	}
	var parts [3][]byte
	for i, part := range []any{salt, key, value} {
		b, err := forceBytes(part)
		if err != nil {
			return nil, err
		}
		parts[i] = b
	}
	derived := hasher()
	derived.Write(bytes.Join(parts[:2], nil))
	mac := hmac.New(hasher, derived.Sum(nil))
	mac.Write(parts[2])
	return string(encode(mac.Sum(nil))), nil
}
