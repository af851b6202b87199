// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package html

import (
	"strings"

	"py/dist.pyrt/py"
	"py/dist.pyrt/py/unicodedata"
)

const (
	hexDigits = "0123456789ABCDEF"
	reserved  = "!$&'()*+,;=:/?#[]@~"
)

func SmartUrlquote(url any) (any, error) {
	text, isText := url.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	parts, err := splitURL(text)
	if py.Except(err, "ValueError") != nil {
		return unquoteQuote(text), nil
	}
	if err != nil {
		return nil, err
	}
	parts.netloc = unquoteQuote(parts.netloc)
	if parts.query != "" {
		parts.query = requote(parts.query)
	}
	parts.path = unquoteQuote(parts.path)
	parts.fragment = unquoteQuote(parts.fragment)
	joined, err := parts.join()
	return joined, err
}

func unquoteQuote(segment string) string {
	return quote(unquote(segment), reserved)
}

// requote reads a query (urllib.parse.parse_qsl), unquotes once more as Django does, and writes it.
func requote(query string) string {
	var out []string
	for _, part := range strings.Split(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, requotePart(name)+"="+requotePart(value))
	}
	return strings.Join(out, "&")
}

func requotePart(text string) string {
	text = unquote(unquote(strings.ReplaceAll(text, "+", " ")))
	return strings.ReplaceAll(quote(text, " "), " ", "+")
}

// quote is urllib.parse.quote: letters, digits, _.-~ and what is safe stay.
func quote(s, safe string) string {
	var out strings.Builder
	out.Grow(len(s) + len(s)/2)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isLetter(c) || c >= '0' && c <= '9', strings.IndexByte("_.-~", c) >= 0, strings.IndexByte(safe, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(hexDigits[c>>4])
			out.WriteByte(hexDigits[c&15])
		}
	}
	return out.String()
}

// unquote is urllib.parse.unquote: each run of ASCII is decoded by itself, and what is no UTF-8 then is replaced.
func unquote(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var out strings.Builder
	for s != "" {
		end := 0
		for end < len(s) && s[end] < 0x80 {
			end++
		}
		var run []byte
		for i := 0; i < end; i++ {
			if s[i] == '%' && i+2 < end && hexValue(s[i+1]) >= 0 && hexValue(s[i+2]) >= 0 {
				run = append(run, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
				i += 2
			} else {
				run = append(run, s[i])
			}
		}
		decoded, err := py.Decode(run, "utf-8", "replace")
		if err != nil {
			decoded = string(run) // does not happen: "replace" takes all
		}
		out.WriteString(decoded)
		s = s[end:]
		end = 0
		for end < len(s) && s[end] >= 0x80 {
			end++
		}
		out.WriteString(s[:end])
		s = s[end:]
	}
	return out.String()
}

func hexValue(c byte) int {
	if c >= 'a' && c <= 'f' {
		c -= 'a' - 'A'
	}
	return strings.IndexByte(hexDigits, c)
}

type urlParts struct {
	scheme, netloc, path, query, fragment string
}

// lineBreaks are what urllib.parse.urlsplit takes away.
var lineBreaks = strings.NewReplacer("\t", "", "\r", "", "\n", "")

// splitURL is urllib.parse.urlsplit. What versions of Python 3.11 do in different ways is ErrUnsupported: white space and
// controls at the beginning, and brackets in the host.
func splitURL(url string) (parts urlParts, err error) {
	if url != "" && url[0] <= ' ' {
		return parts, py.ErrUnsupported
	}
	if strings.ContainsAny(url, "\t\r\n") {
		url = lineBreaks.Replace(url)
	}
	if name, rest, found := strings.Cut(url, ":"); found && isScheme(name) {
		parts.scheme, url = strings.ToLower(name), rest
	}
	if rest, found := strings.CutPrefix(url, "//"); found {
		end := strings.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		parts.netloc, url = rest[:end], rest[end:]
	}
	url, parts.fragment, _ = strings.Cut(url, "#")
	parts.path, parts.query, _ = strings.Cut(url, "?")
	if strings.ContainsAny(parts.netloc, "[]") {
		return parts, py.ErrUnsupported
	}
	return parts, checkNetloc(parts.netloc)
}

var delimiters = strings.NewReplacer("@", "", ":", "", "#", "", "?", "")

// checkNetloc refuses characters of a host whose compatibility form has delimiters of URLs.
func checkNetloc(netloc string) error {
	if py.IsASCII(netloc) {
		return nil
	}
	bare := delimiters.Replace(netloc)
	normal, err := unicodedata.Normalize("NFKC", bare)
	if err == nil && normal != bare && strings.ContainsAny(normal, "/?#@:") {
		err = py.ValueError("netloc contains invalid characters under NFKC normalization")
	}
	return err
}

func isScheme(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !isLetter(c) && (i == 0 || (c < '0' || c > '9') && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return name != ""
}

// join is urllib.parse.urlunsplit.
func (p urlParts) join() (string, error) {
	url := p.path
	withNetloc := p.netloc != ""
	if !withNetloc && p.scheme != "" && !strings.HasPrefix(url, "//") {
		switch p.scheme {
		case "http", "https", "ftp", "file", "sftp", "ws", "wss", "git":
			withNetloc = true
		case "mailto", "tel", "javascript", "data", "news", "sms":
		default: // the list differs between versions
			return "", py.ErrUnsupported
		}
	}
	if withNetloc {
		if url != "" && url[0] != '/' {
			url = "/" + url
		}
		url = "//" + p.netloc + url
	}
	if p.scheme != "" {
		url = p.scheme + ":" + url
	}
	if p.query != "" {
		url += "?" + p.query
	}
	if p.fragment != "" {
		url += "#" + p.fragment
	}
	return url, nil
}
