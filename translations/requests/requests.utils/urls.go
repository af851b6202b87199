// Derived from Requests 2.34.2, Copyright 2019 Kenneth Reitz; Apache-2.0, see LICENSE.

package utils

import (
	"strconv"
	"strings"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
)

const hexDigits = "0123456789ABCDEF"

func isUnreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// quote is urllib.parse.quote.
func quote(s, safe string) string {
	var out strings.Builder
	out.Grow(len(s) + 8)
	for i := 0; i < len(s); i++ {
		if c := s[i]; isUnreserved(c) || strings.IndexByte(safe, c) >= 0 {
			out.WriteByte(c)
		} else {
			out.WriteByte('%')
			out.WriteByte(hexDigits[c>>4])
			out.WriteByte(hexDigits[c&15])
		}
	}
	return out.String()
}

func hexValue(c byte) int {
	if c >= 'a' && c <= 'f' {
		c -= 'a' - 'A'
	}
	return strings.IndexByte(hexDigits, c)
}

// unquoteUnreserved gives false where Python raises InvalidURL: two letters or digits that are not hexadecimal.
func unquoteUnreserved(uri string) (string, bool) {
	if strings.IndexByte(uri, '%') < 0 {
		return uri, true
	}
	var out strings.Builder
	out.Grow(len(uri))
	for i := 0; i < len(uri); i++ {
		c := uri[i]
		if c == '%' {
			two := py.Slice(uri[i+1:], py.From, 2)
			if end := strings.IndexByte(two, '%'); end >= 0 {
				two = two[:end]
			}
			if py.Len(two) == 2 && py.IsAlnum(two) {
				number, err := py.ParseInt(two, 16)
				if err != nil {
					return "", false
				}
				if number < 0x80 && isUnreserved(byte(number)) {
					c = byte(number)
					i += len(two)
				}
			}
		}
		out.WriteByte(c)
	}
	return out.String(), true
}

func UnquoteUnreserved(uri any) (any, error) {
	text, isText := uri.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	unquoted, ok := unquoteUnreserved(text)
	if !ok {
		return nil, py.ErrUnsupported
	}
	return unquoted, nil
}

func RequoteUri(uri any) (any, error) {
	text, isText := uri.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	const reserved = "!#$&'()*+,/:;=?@[]~"
	if unquoted, ok := unquoteUnreserved(text); ok {
		return quote(unquoted, reserved+"%"), nil
	}
	return quote(text, reserved), nil
}

// ipv4 is what inet_aton of the C library reads: one to four numbers, decimal, octal (0…) or hexadecimal (0x…).
func ipv4(text string) (address uint32, ok bool, err error) {
	if strings.ContainsAny(text, " \t\n\v\f\r\x00") { // what follows white space does not matter to it
		return 0, false, py.ErrUnsupported
	}
	parts := strings.Split(text, ".")
	if len(parts) > 4 {
		return 0, false, nil
	}
	for i, part := range parts {
		number, ok := cNumber(part)
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		if !ok || number >= 1<<bits {
			return 0, false, nil
		}
		address |= uint32(number << (32 - 8*i - bits))
	}
	return address, true, nil
}

func cNumber(text string) (number uint64, ok bool) {
	base := uint64(10)
	if len(text) > 1 && text[0] == '0' {
		base, text = 8, text[1:]
		if text[0]|0x20 == 'x' {
			base, text = 16, text[1:]
		}
	}
	for i := 0; i < len(text); i++ {
		digit := hexValue(text[i])
		if digit < 0 || uint64(digit) >= base || number > 1<<32 {
			return 0, false
		}
		number = number*base + uint64(digit)
	}
	return number, text != ""
}

func IsIpv4Address(string_ip any) (bool, error) {
	text, isText := string_ip.(string)
	if !isText {
		return false, py.ErrUnsupported
	}
	_, valid, err := ipv4(text)
	return valid, err
}

func IsValidCidr(string_network any) (bool, error) {
	text, isText := string_network.(string)
	if !isText {
		return false, py.ErrUnsupported
	}
	address, bits, found := strings.Cut(text, "/")
	if !found || strings.Contains(bits, "/") {
		return false, nil
	}
	mask, err := py.ParseInt(bits, 10)
	switch {
	case py.Except(err, "ValueError") != nil:
		return false, nil
	case err != nil:
		return false, err
	case mask < 1 || mask > 32:
		return false, nil
	}
	_, valid, err := ipv4(address)
	return valid, err
}

func DottedNetmask(mask int) (any, error) {
	if mask < 0 || mask > 32 {
		return nil, py.ErrUnsupported
	}
	bits := uint64(0xFFFFFFFF) << (32 - mask)
	out := make([]byte, 0, len("255.255.255.255"))
	for shift := 24; shift >= 0; shift -= 8 {
		if out = strconv.AppendUint(out, bits>>shift&0xFF, 10); shift > 0 {
			out = append(out, '.')
		}
	}
	return string(out), nil
}

func AddressInNetwork(ip any, net any) (bool, error) {
	address, isAddress := ip.(string)
	network, isNetwork := net.(string)
	if !isAddress || !isNetwork {
		return false, py.ErrUnsupported
	}
	base, bits, _ := strings.Cut(network, "/")
	mask, err := py.ParseInt(bits, 10)
	first, validFirst, firstErr := ipv4(address)
	second, validSecond, secondErr := ipv4(base)
	if err != nil || firstErr != nil || secondErr != nil || !validFirst || !validSecond || mask < 0 || mask > 32 {
		return false, py.ErrUnsupported // an error of its parts
	}
	netmask := uint32(uint64(0xFFFFFFFF) << (32 - mask))
	return first&netmask == second&netmask, nil
}

type urlParts struct {
	scheme, netloc, path, query, fragment string
}

// lineBreaks are what urllib.parse.urlsplit takes away.
var lineBreaks = strings.NewReplacer("\t", "", "\r", "", "\n", "")

// splitURL is urllib.parse.urlsplit. What versions of Python 3.11 do in different ways is ErrUnsupported: white space and
// controls at the beginning, brackets in the host, and hosts that are no ASCII.
func splitURL(url string) (p urlParts, err error) {
	if url != "" && url[0] <= ' ' {
		return p, py.ErrUnsupported
	}
	if strings.ContainsAny(url, "\t\r\n") {
		url = lineBreaks.Replace(url)
	}
	if name, rest, found := strings.Cut(url, ":"); found && isScheme(name) {
		p.scheme, url = strings.ToLower(name), rest
	}
	if rest, found := strings.CutPrefix(url, "//"); found {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		p.netloc, url = rest[:end], rest[end:]
	}
	url, p.fragment, _ = strings.Cut(url, "#")
	p.path, p.query, _ = strings.Cut(url, "?")
	if strings.ContainsAny(p.netloc, "[]") || !py.IsASCII(p.netloc) {
		return p, py.ErrUnsupported
	}
	return p, nil
}

func isScheme(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return name != ""
}

// hostname is the attribute of a result of urlsplit: "" is None.
func (p urlParts) hostname() string {
	host := p.netloc[strings.LastIndexByte(p.netloc, '@')+1:]
	host, _, _ = strings.Cut(host, ":")
	host, zone, found := strings.Cut(host, "%")
	host = strings.ToLower(host)
	if found {
		host += "%" + zone
	}
	return host
}

func Urldefragauth(url any) (any, error) {
	text, isText := url.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	p, err := splitURL(text)
	if err != nil {
		return nil, err
	}
	if p.scheme != "http" && p.scheme != "https" && p.scheme != "" || p.netloc == "" {
		return nil, py.ErrUnsupported
	}
	// The last part's parameters come back as they were, but for a semicolon at the very end.
	last := p.path[strings.LastIndexByte(p.path, '/')+1:]
	if strings.IndexByte(last, ';') == len(last)-1 {
		p.path = strings.TrimSuffix(p.path, ";")
	}
	result := "//" + p.netloc[strings.LastIndexByte(p.netloc, '@')+1:] + p.path
	if p.netloc[strings.LastIndexByte(p.netloc, '@')+1:] == "" {
		return nil, py.ErrUnsupported
	}
	if p.scheme != "" {
		result = p.scheme + ":" + result
	}
	if p.query != "" {
		result += "?" + p.query
	}
	return result, nil
}

func GetAuthFromUrl(url any) (any, error) {
	text, isText := url.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	p, err := splitURL(text)
	if err != nil {
		return nil, err
	}
	user := p.netloc[:max(0, strings.LastIndexByte(p.netloc, '@'))]
	name, password, found := strings.Cut(user, ":")
	if !found {
		return py.Tuple{"", ""}, nil
	}
	return py.Tuple{unquoteText(name), unquoteText(password)}, nil
}

// unquoteText is urllib.parse.unquote of ASCII.
func unquoteText(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var raw []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && hexValue(s[i+1]) >= 0 && hexValue(s[i+2]) >= 0 {
			c = byte(hexValue(s[i+1])<<4 | hexValue(s[i+2]))
			i += 2
		}
		raw = append(raw, c)
	}
	text, err := py.Decode(raw, "utf-8", "replace")
	if err != nil {
		return string(raw) // does not happen: "replace" takes all
	}
	return text
}

func SelectProxy(url any, proxies any) (any, error) {
	text, isText := url.(string)
	var known pyrt.Dict
	switch value := proxies.(type) {
	case nil:
	case pyrt.Dict:
		known = value
	default:
		isText = false
	}
	if !isText {
		return nil, py.ErrUnsupported
	}
	p, err := splitURL(text)
	if err != nil {
		return nil, err
	}
	names := []string{p.scheme, "all"}
	if host := p.hostname(); host != "" {
		names = []string{p.scheme + "://" + host, p.scheme, "all://" + host, "all"}
	}
	for _, name := range names {
		if proxy, found := known.Get(name); found {
			return proxy, nil
		}
	}
	return nil, nil
}
