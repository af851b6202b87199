// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package views

import (
	"strings"

	"py/dist.pyrt/py"
)

func AddDomain(domain any, url any, options ...AddDomainOptions) (any, error) {
	var o AddDomainOptions
	if len(options) > 0 {
		o = options[0]
	}
	address, isText := url.(string)
	protocol := "http"
	switch secure := o.Secure.(type) {
	case nil:
	case bool:
		if secure {
			protocol = "https"
		}
	default:
		isText = false
	}
	if !isText {
		return nil, py.ErrUnsupported
	}
	switch {
	case strings.HasPrefix(address, "//"):
		return protocol + ":" + address, nil
	case py.StartsWith(address, "http://", "https://", "mailto:"):
		return address, nil
	}
	switch domain.(type) {
	case nil, bool, int64, float64, string:
	default:
		return nil, py.ErrUnsupported
	}
	return quote(protocol + "://" + py.Str(domain) + address), nil
}

// quote is django.utils.encoding.iri_to_uri.
func quote(s string) string {
	const digits, safe = "0123456789ABCDEF", "_.-~/#%[]=:;$&()+,!?*@'"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9', strings.IndexByte(safe, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}
	return out.String()
}
