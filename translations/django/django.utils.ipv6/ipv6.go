// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package ipv6

import (
	"fmt"
	"strconv"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

const maxAddressLength = 39

// address has the eight groups of an IPv6 address.
type address [8]uint16

// parseAddress is ipaddress.IPv6Address(text); a scope (%eth0) is read and dropped.
func parseAddress(text string) (a address, ok bool) {
	text, scope, hasScope := strings.Cut(text, "%")
	if hasScope && (scope == "" || strings.Contains(scope, "%")) || strings.ContainsAny(text+scope, "/") {
		return a, false
	}
	head, tail, compressed := strings.Cut(text, "::")
	before, ok := parseGroups(head, !compressed)
	if !ok {
		return a, false
	}
	after, ok := parseGroups(tail, true)
	if !ok {
		return a, false
	}
	if compressed && len(before)+len(after) > 7 || !compressed && len(before) != 8 {
		return a, false
	}
	copy(a[:], before)
	copy(a[8-len(after):], after)
	return a, true
}

// parseGroups reads a:b:c, and an IPv4 address at the end where that is the end of all.
func parseGroups(text string, last bool) (groups []uint16, ok bool) {
	if text == "" {
		return nil, true
	}
	parts := strings.Split(text, ":")
	for i, part := range parts {
		if last && i == len(parts)-1 && strings.Contains(part, ".") {
			v4, ok := parseIPv4(part)
			if !ok {
				return nil, false
			}
			groups = append(groups, uint16(v4>>16), uint16(v4))
			continue
		}
		if len(part) > 4 {
			return nil, false
		}
		number, err := strconv.ParseUint(part, 16, 16)
		if err != nil {
			return nil, false
		}
		groups = append(groups, uint16(number))
	}
	return groups, true
}

func parseIPv4(text string) (number uint32, ok bool) {
	parts := strings.Split(text, ".")
	for _, part := range parts {
		octet, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) > 1 && part[0] == '0' {
			return 0, false
		}
		number = number<<8 | uint32(octet)
	}
	return number, len(parts) == 4
}

// mapped tells whether an IPv4 address is in it (::ffff:1.2.3.4), and which.
func (a address) mapped() (v4 string, ok bool) {
	for _, group := range a[:5] {
		if group != 0 {
			return "", false
		}
	}
	return fmt.Sprintf("%d.%d.%d.%d", a[6]>>8, a[6]&255, a[7]>>8, a[7]&255), a[5] == 0xFFFF
}

// text writes the longest run of zeros, of the first that are that long, as "::".
func (a address) text() string {
	start, length := 0, 1
	for i := 0; i < len(a); i++ {
		end := i
		for end < len(a) && a[end] == 0 {
			end++
		}
		if end-i > length {
			start, length = i, end-i
		}
	}
	var groups []string
	for i := 0; i < len(a); i++ {
		groups = append(groups, strconv.FormatUint(uint64(a[i]), 16))
	}
	if length == 1 {
		return strings.Join(groups, ":")
	}
	return strings.Join(groups[:start], ":") + "::" + strings.Join(groups[start+length:], ":")
}

func IsValidIpv6Address(ip_addr any) (any, error) {
	switch value := ip_addr.(type) {
	case string:
		_, valid := parseAddress(value)
		return valid && py.Len(value) <= maxAddressLength, nil
	case nil, bool, int64, float64:
		return false, nil // a TypeError, which it swallows
	}
	return nil, py.ErrUnsupported
}

func CleanIpv6Address(ip_str any, options ...CleanIpv6AddressOptions) (any, error) {
	var o CleanIpv6AddressOptions
	if len(options) > 0 {
		o = options[0]
	}
	text, isText := ip_str.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	longest := int64(maxAddressLength)
	if o.MaxLength != nil {
		if longest, isText = o.MaxLength.(int64); !isText {
			return nil, py.ErrUnsupported
		}
	}
	a, valid := parseAddress(text)
	if !valid || int64(py.Len(text)) > longest {
		return nil, py.ErrUnsupported // ValidationError
	}
	v4, isMapped := a.mapped()
	switch {
	case !isMapped:
		return a.text(), nil
	case o.UnpackIpv4 != nil && o.UnpackIpv4 != pyrt.None && py.Truth(o.UnpackIpv4):
		return v4, nil
	}
	return "::ffff:" + v4, nil
}
