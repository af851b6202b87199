// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package utils

import (
	"crypto/md5"
	"encoding/hex"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

func splitIdentifier(identifier string) (namespace, name string) {
	parts := strings.Split(identifier, `"."`)
	if len(parts) != 2 {
		parts = []string{"", identifier}
	}
	return strings.Trim(parts[0], `"`), strings.Trim(parts[1], `"`)
}

func SplitIdentifier(identifier any) (any, error) {
	text, isText := identifier.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	namespace, name := splitIdentifier(text)
	return py.Tuple{namespace, name}, nil
}

func TruncateName(identifier any, options ...TruncateNameOptions) (any, error) {
	var o TruncateNameOptions
	if len(options) > 0 {
		o = options[0]
	}
	text, isText := identifier.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	hashLength := int64(4)
	if o.HashLen != nil {
		if hashLength, isText = o.HashLen.(int64); !isText {
			return nil, py.ErrUnsupported
		}
	}
	if o.Length == nil || o.Length == pyrt.None {
		return text, nil
	}
	length, isInt := o.Length.(int64)
	if !isInt {
		return nil, py.ErrUnsupported
	}
	namespace, name := splitIdentifier(text)
	if int64(py.Len(name)) <= length {
		return text, nil
	}
	end, err := py.Sub(length, hashLength)
	if err != nil {
		return nil, err
	}
	if namespace != "" {
		namespace += `"."`
	}
	return namespace + py.Slice(name, py.From, int(end)) + py.Slice(digest(name), py.From, int(hashLength)), nil
}

func digest(texts ...string) string {
	sum := md5.Sum([]byte(strings.Join(texts, "")))
	return hex.EncodeToString(sum[:])
}

func NamesDigest(length any, options ...NamesDigestOptions) (any, error) {
	var o NamesDigestOptions
	if len(options) > 0 {
		o = options[0]
	}
	end := py.To
	switch value := length.(type) {
	case nil:
	case int64:
		end = int(value)
	default:
		return nil, py.ErrUnsupported
	}
	var texts []string
	for _, arg := range o.Args {
		text, isText := arg.(string)
		if !isText {
			return nil, py.ErrUnsupported
		}
		texts = append(texts, text)
	}
	return py.Slice(digest(texts...), py.From, end), nil
}

func StripQuotes(table_name any) (any, error) {
	text, isText := table_name.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) {
		return py.Slice(text, 1, -1), nil
	}
	return text, nil
}
