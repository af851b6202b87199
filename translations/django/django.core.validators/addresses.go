// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.
package validators

import (
	"strconv"
	"strings"
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
