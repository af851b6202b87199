// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package crypto

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

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

func ConstantTimeCompare(val1 any, val2 any) (any, error) {
	first, err := forceBytes(val1)
	if err != nil {
		return nil, err
	}
	second, err := forceBytes(val2)
	if err != nil {
		return nil, err
	}
	return hmac.Equal(first, second), nil
}

func Pbkdf2(password any, salt any, iterations any, options ...Pbkdf2Options) (any, error) {
	var o Pbkdf2Options
	if len(options) > 0 {
		o = options[0]
	}
	if o.Digest != nil && o.Digest != pyrt.None { // a function of hashlib
		return nil, py.ErrUnsupported
	}
	secret, err := forceBytes(password)
	if err != nil {
		return nil, err
	}
	salted, err := forceBytes(salt)
	if err != nil {
		return nil, err
	}
	rounds, isInt := iterations.(int64)
	length := int64(sha256.Size)
	switch value := o.Dklen.(type) {
	case nil, pyrt.NoneType:
	case int64:
		if value != 0 {
			length = value
		}
	default:
		return nil, py.ErrUnsupported
	}
	switch {
	case !isInt || rounds > math.MaxInt32 || length > math.MaxInt16:
		return nil, py.ErrUnsupported
	case rounds < 1:
		return nil, py.ValueError("iteration value must be greater than 0.")
	case length < 1:
		return nil, py.ValueError("key length must be greater than 0.")
	}
	return derive(secret, salted, int(rounds), int(length)), nil
}

// derive is PBKDF2 (RFC 8018) with HMAC-SHA256.
func derive(password, salt []byte, rounds, length int) []byte {
	mac := hmac.New(sha256.New, password)
	var key []byte
	for block := uint32(1); len(key) < length; block++ {
		mac.Reset()
		mac.Write(salt)
		mac.Write(binary.BigEndian.AppendUint32(nil, block))
		round := mac.Sum(nil)
		sum := append([]byte(nil), round...)
		for i := 1; i < rounds; i++ {
			mac.Reset()
			mac.Write(round)
			round = mac.Sum(round[:0])
			for j, c := range round {
				sum[j] ^= c
			}
		}
		key = append(key, sum...)
	}
	return key[:length]
}
