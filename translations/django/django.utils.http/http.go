// Derived from Django 5.2.19, Copyright (c) Django Software Foundation and individual contributors; BSD-3-Clause, see LICENSE.

package http

import (
	"encoding/base64"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	pyrt "py/dist.pyrt"
	"py/dist.pyrt/py"
	"py/dist.pyrt/py/re"
	"py/dist.pyrt/py/unicodedata"
)

const maxURLLength = 2048

// quote is urllib.parse.quote: letters, digits, _.-~ and what is safe stay.
func quote(s []byte, safe string) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9',
			strings.IndexByte("_.-~", c) >= 0, strings.IndexByte(safe, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}
	return out.String()
}

// quotePlus is urllib.parse.quote_plus(value), which is also quote_plus(str(value)) for what is no bytes.
func quotePlus(value any) (string, error) {
	switch s := value.(type) {
	case []byte:
		return strings.ReplaceAll(quote(s, " "), " ", "+"), nil
	case nil, bool, int64, *big.Int, float64, string:
		return strings.ReplaceAll(quote([]byte(py.Str(s)), " "), " ", "+"), nil
	}
	return "", py.ErrUnsupported
}

// pair is one key and value of a query.
type pair struct {
	key, value any
}

// itemsOf gives the items of a list or tuple.
func itemsOf(value any) ([]any, bool) {
	switch list := value.(type) {
	case []any:
		return list, true
	case py.Tuple:
		return list, true
	}
	return nil, false
}

func pairs(query any) ([]pair, error) {
	var list []pair
	if dict, isDict := query.(pyrt.Dict); isDict {
		for _, entry := range dict {
			list = append(list, pair{entry.Key, entry.Value})
		}
		return list, nil
	}
	items, isList := itemsOf(query)
	if !isList {
		return nil, py.ErrUnsupported
	}
	for _, item := range items {
		both, isPair := itemsOf(item)
		if !isPair || len(both) != 2 {
			return nil, py.ErrUnsupported
		}
		list = append(list, pair{both[0], both[1]})
	}
	return list, nil
}

func noneInQuery(key any) error {
	switch key.(type) {
	case nil, bool, int64, float64, string:
	default:
		return py.ErrUnsupported
	}
	return &py.Exception{Class: "TypeError", Args: []any{"Cannot encode None for key '" + py.Str(key) +
		"' in a query string. Did you mean to pass an empty string or omit the value?"}}
}

func Urlencode(query any, options ...UrlencodeOptions) (any, error) {
	var o UrlencodeOptions
	if len(options) > 0 {
		o = options[0]
	}
	doseq := false
	switch value := o.Doseq.(type) {
	case nil, pyrt.NoneType:
	case bool:
		doseq = value
	default:
		return nil, py.ErrUnsupported
	}
	list, err := pairs(query)
	if err != nil {
		return nil, err
	}
	for _, row := range list { // Nones first: Django looks for them before it quotes anything
		items, isList := itemsOf(row.value)
		if row.value == nil || isList && doseq && py.ListCount(items, nil) > 0 {
			return nil, noneInQuery(row.key)
		}
	}
	var out []string
	for _, row := range list {
		key, err := quotePlus(row.key)
		if err != nil {
			return nil, err
		}
		values, isList := itemsOf(row.value)
		if !isList {
			values = []any{row.value}
		} else if !doseq { // the text of the list
			return nil, py.ErrUnsupported
		}
		for _, value := range values {
			text, err := quotePlus(value)
			if err != nil {
				return nil, err
			}
			out = append(out, key+"="+text)
		}
	}
	return strings.Join(out, "&"), nil
}

func HttpDate(options ...HttpDateOptions) (any, error) {
	var o HttpDateOptions
	if len(options) > 0 {
		o = options[0]
	}
	var seconds int64
	switch value := o.EpochSeconds.(type) { // None is the time it is now
	case int64:
		seconds = value
	case float64:
		whole, fraction := math.Modf(value)
		if math.Abs(whole) > 1<<40 || math.IsNaN(value) {
			return nil, py.ErrUnsupported
		}
		seconds = int64(whole)
		switch microseconds := math.RoundToEven(fraction * 1e6); {
		case microseconds >= 1e6:
			seconds++
		case microseconds < 0:
			seconds--
		}
	default:
		return nil, py.ErrUnsupported
	}
	if seconds < -62135596800 || seconds > 253402300799 { // the years 1 to 9999
		return nil, py.ErrUnsupported
	}
	return formatDate(time.Unix(seconds, 0).UTC()), nil
}

// formatDate is at.Format("Mon, 02 Jan 2006 15:04:05 GMT").
func formatDate(at time.Time) string {
	const days, months = "SunMonTueWedThuFriSat", "JanFebMarAprMayJunJulAugSepOctNovDec"
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	weekday, number := 3*int(at.Weekday()), 3*(int(month)-1)
	var buffer [29]byte
	out := append(buffer[:0], days[weekday:weekday+3]...)
	out = append(appendTwo(append(out, ", "...), day), ' ')
	out = append(append(out, months[number:number+3]...), ' ')
	out = append(appendTwo(appendTwo(out, year/100), year%100), ' ')
	out = append(appendTwo(out, hour), ':')
	out = append(appendTwo(out, minute), ':')
	return string(append(appendTwo(out, second), " GMT"...))
}

func appendTwo(out []byte, number int) []byte {
	return append(out, byte('0'+number/10), byte('0'+number%10))
}

// dateForms are those of RFC 1123, RFC 850 and asctime.
var dateForms = sync.OnceValue(func() []*re.Pattern {
	const clock = `(?P<hour>[0-9]{2}):(?P<min>[0-9]{2}):(?P<sec>[0-9]{2})`
	return []*re.Pattern{
		re.MustCompile(`^\w{3}, (?P<day>[0-9]{2}) (?P<mon>\w{3}) (?P<year>[0-9]{4}) `+clock+` GMT$`, 0),
		re.MustCompile(`^\w{6,9}, (?P<day>[0-9]{2})-(?P<mon>\w{3})-(?P<year>[0-9]{2}) `+clock+` GMT$`, 0),
		re.MustCompile(`^\w{3} (?P<mon>\w{3}) (?P<day>[ 0-9][0-9]) `+clock+` (?P<year>[0-9]{4})$`, 0),
	}
})

// dateParts are the texts in a date.
type dateParts struct {
	year, month, day, hour, minute, second string
}

// todaysDate reads what all write, "Sun, 06 Nov 1994 08:49:37 GMT", without a regular expression.
func todaysDate(date string) (parts dateParts, ok bool) {
	const form = "www, dd www dddd dd:dd:dd GMT"
	if len(date) != len(form) {
		return parts, false
	}
	for i := range len(form) {
		c := date[i]
		digit := c >= '0' && c <= '9'
		switch form[i] {
		case 'd':
			ok = digit
		case 'w':
			ok = digit || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		default:
			ok = c == form[i]
		}
		if !ok {
			return parts, false
		}
	}
	return dateParts{date[12:16], date[8:11], date[5:7], date[17:19], date[20:22], date[23:25]}, true
}

func splitDate(date string) (dateParts, bool) {
	if parts, ok := todaysDate(date); ok {
		return parts, true
	}
	for _, form := range dateForms() {
		if m := form.Match(date); m != nil {
			return dateParts{m.Named("year"), m.Named("mon"), m.Named("day"), m.Named("hour"), m.Named("min"), m.Named("sec")}, true
		}
	}
	return dateParts{}, false
}

func parseHTTPDate(date string) (int64, error) {
	parts, ok := splitDate(date)
	if !ok {
		return 0, &py.Exception{Class: "ValueError", Args: []any{py.Repr(date) + " is not in a valid HTTP date format"}}
	}
	invalid := func() error {
		return &py.Exception{Class: "ValueError", Args: []any{py.Repr(date) + " is not a valid date"}}
	}
	number := func(digits string) int {
		n, err := strconv.Atoi(strings.TrimSpace(digits))
		if err != nil {
			return -1
		}
		return n
	}
	year := number(parts.year)
	if year < 100 {
		this := time.Now().UTC().Year()
		century := this - this%100
		if year-this%100 > 50 { // more than 50 years in the future: it is the past
			century -= 100
		}
		year += century
	}
	const months = "jan feb mar apr may jun jul aug sep oct nov dec"
	at := strings.Index(months, py.Lower(parts.month))
	if at < 0 || at%4 != 0 {
		return 0, invalid()
	}
	month, day := time.Month(at/4+1), number(parts.day)
	hour, minute, second := number(parts.hour), number(parts.minute), number(parts.second)
	moment := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	if year < 1 || day < 1 || moment.Day() != day || hour > 23 || minute > 59 || second > 59 {
		return 0, invalid()
	}
	return moment.Unix(), nil
}

func ParseHttpDate(date any) (any, error) {
	text, isText := date.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	seconds, err := parseHTTPDate(text)
	return seconds, err
}

func ParseHttpDateSafe(date any) (any, error) {
	text, isText := date.(string)
	if !isText {
		return nil, nil // a TypeError, which it swallows
	}
	seconds, err := parseHTTPDate(text)
	if err != nil {
		return nil, nil
	}
	return seconds, nil
}

func Base36ToInt(s any) (any, error) {
	text, isText := s.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if py.Len(text) > 13 {
		return nil, py.ValueError("Base36 input too large")
	}
	if number, err := py.ParseInt(text, 36); err != py.ErrOverflow {
		return number, err
	}
	number, err := py.ParseBigInt(text, 36)
	if err != nil {
		return nil, err
	}
	return py.Int(number), nil
}

func IntToBase36(i any) (any, error) {
	var number *big.Int
	switch value := i.(type) {
	case int64:
		if value >= 0 {
			return strconv.FormatInt(value, 36), nil
		}
		number = big.NewInt(value)
	case *big.Int:
		number = value
	default:
		return nil, py.ErrUnsupported
	}
	if number.Sign() < 0 {
		return nil, py.ValueError("Negative base36 conversion input.")
	}
	return number.Text(36), nil
}

func UrlsafeBase64Encode(s any) (any, error) {
	given, isBytes := s.([]byte)
	if !isBytes {
		return nil, py.ErrUnsupported
	}
	return base64.RawURLEncoding.EncodeToString(given), nil
}

func UrlsafeBase64Decode(s any) (any, error) {
	text, isText := s.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	decoded, ok := decodeBase64([]byte(text + "==="[:len(text)%4]))
	if !ok {
		return nil, py.ErrUnsupported // a ValueError of a binascii.Error
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

// isETag tells whether all of s is a quoted tag, perhaps a weak one.
func isETag(s string) bool {
	s = strings.TrimPrefix(s, "W/")
	return len(s) >= 2 && s[0] == '"' && strings.IndexByte(s[1:], '"') == len(s)-2
}

func ParseEtags(etag_str any) (any, error) {
	text, isText := etag_str.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if py.Strip(text) == "*" {
		return []any{"*"}, nil
	}
	tags := []any{}
	for _, part := range strings.Split(text, ",") {
		if tag := py.Strip(part); isETag(tag) {
			tags = append(tags, tag)
		}
	}
	return tags, nil
}

func QuoteEtag(etag_str any) (any, error) {
	text, isText := etag_str.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if isETag(text) {
		return text, nil
	}
	return `"` + text + `"`, nil
}

func IsSameDomain(host any, pattern any) (any, error) {
	if pattern == nil || pattern == "" {
		return false, nil
	}
	name, isName := host.(string)
	domain, isDomain := pattern.(string)
	if !isName || !isDomain {
		return nil, py.ErrUnsupported
	}
	domain = py.Lower(domain)
	if domain[0] == '.' && (strings.HasSuffix(name, domain) || name == domain[1:]) {
		return true, nil
	}
	return name == domain, nil
}

// lineBreaks are what urllib.parse.urlsplit takes away.
var lineBreaks = strings.NewReplacer("\t", "", "\r", "", "\n", "")

// splitURL gives the first two results of urllib.parse.urlsplit. What versions of Python 3.11 do in different ways is
// ErrUnsupported: brackets in the host, and host names that are no ASCII.
func splitURL(url string) (scheme, netloc string, err error) {
	if strings.ContainsAny(url, "\t\r\n") {
		url = lineBreaks.Replace(url)
	}
	if name, rest, found := strings.Cut(url, ":"); found && isScheme(name) {
		scheme, url = strings.ToLower(name), rest
	}
	rest, hasNetloc := strings.CutPrefix(url, "//")
	if !hasNetloc {
		return scheme, "", nil
	}
	netloc = rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		netloc = rest[:end]
	}
	if strings.ContainsAny(netloc, "[]") || !py.IsASCII(netloc) {
		return "", "", py.ErrUnsupported
	}
	return scheme, netloc, nil
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

func isAllowed(url string, hosts []string, requireHTTPS bool) (bool, error) {
	if strings.HasPrefix(url, "///") || py.Len(url) > maxURLLength {
		return false, nil
	}
	if first, ok := py.At(url, 0); !ok || unicodedata.Category(first)[0] == 'C' {
		return false, nil
	}
	scheme, netloc, err := splitURL(url)
	if err != nil {
		return false, err
	}
	if netloc == "" && scheme != "" {
		return false, nil
	}
	if scheme == "" && netloc != "" {
		scheme = "http"
	}
	return (netloc == "" || slices.Contains(hosts, netloc)) && (scheme == "" || scheme == "https" || scheme == "http" && !requireHTTPS), nil
}

// hostList reads a collection of allowed hosts.
func hostList(hosts any) ([]string, error) {
	list, isList := itemsOf(hosts)
	if !isList {
		return nil, py.ErrUnsupported
	}
	names := make([]string, 0, len(list))
	for _, item := range list {
		if host, isText := item.(string); isText {
			names = append(names, host)
		}
	}
	return names, nil
}

func required(option any) (bool, error) {
	switch value := option.(type) {
	case nil:
		return false, nil
	case bool:
		return value, nil
	}
	return false, py.ErrUnsupported
}

func UrlHasAllowedHostAndScheme(url any, allowed_hosts any, options ...UrlHasAllowedHostAndSchemeOptions) (any, error) {
	var o UrlHasAllowedHostAndSchemeOptions
	if len(options) > 0 {
		o = options[0]
	}
	requireHTTPS, err := required(o.RequireHttps)
	if err != nil {
		return nil, err
	}
	if url == nil {
		return false, nil
	}
	text, isText := url.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if text = py.Strip(text); text == "" {
		return false, nil
	}
	var hosts []string
	switch value := allowed_hosts.(type) {
	case nil:
	case string:
		hosts = []string{value}
	default:
		if hosts, err = hostList(allowed_hosts); err != nil {
			return nil, err
		}
	}
	allowed, err := isAllowed(text, hosts, requireHTTPS)
	if err != nil || !allowed {
		return false, err
	}
	// Chrome takes \ for / in paths; but it could be part of credentials.
	if strings.Contains(text, `\`) {
		allowed, err = isAllowed(strings.ReplaceAll(text, `\`, "/"), hosts, requireHTTPS)
	}
	return allowed, err
}

func EscapeLeadingSlashes(url any) (any, error) {
	text, isText := url.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if rest, found := strings.CutPrefix(text, "//"); found {
		return "/%2F" + rest, nil
	}
	return text, nil
}

func ParseHeaderParameters(line any) (any, error) {
	text, isText := line.(string)
	if line == nil || isText && text == "" {
		return py.Tuple{"", &py.AnyDict{}}, nil
	}
	if !isText {
		return nil, py.ErrUnsupported
	}
	parameters := &py.AnyDict{}
	if !strings.Contains(text, ";") {
		return py.Tuple{py.Lower(py.Strip(text)), parameters}, nil
	}
	// Escapes, encoded values (RFC 2231) and quotes that are not closed are left to Python's email package.
	if strings.ContainsAny(text, "\\*<>\r\n") || strings.Count(text, `"`)%2 != 0 {
		return nil, py.ErrUnsupported
	}
	parts := splitParameters(text)
	key, value := parameter(parts[0])
	if value != "" || strings.Contains(parts[0], "=") || strings.Contains(key, `"`) {
		return nil, py.ErrUnsupported
	}
	for _, part := range parts[1:] {
		name, value := parameter(part)
		if name == "" {
			continue
		}
		if strings.Contains(name, `"`) {
			return nil, py.ErrUnsupported
		}
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		if strings.Contains(value, `"`) {
			return nil, py.ErrUnsupported
		}
		if err := parameters.Set(name, value); err != nil {
			return nil, err
		}
	}
	return py.Tuple{py.Lower(key), parameters}, nil
}

// splitParameters splits at the semicolons outside of quotes.
func splitParameters(line string) []string {
	var parts []string
	quoted := false
	start := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ';':
			if !quoted {
				parts = append(parts, line[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, line[start:])
}

func parameter(part string) (name, value string) {
	name, value, found := strings.Cut(part, "=")
	name, value = py.Strip(name), py.Strip(value)
	if found {
		name = py.Lower(name)
	}
	return name, value
}

func ContentDispositionHeader(as_attachment any, filename any) (any, error) {
	attachment, isBool := as_attachment.(bool)
	if !isBool {
		return nil, py.ErrUnsupported
	}
	kind := "inline"
	if attachment {
		kind = "attachment"
	}
	if filename == nil || filename == "" {
		if attachment {
			return kind, nil
		}
		return nil, nil
	}
	name, isText := filename.(string)
	if !isText {
		return nil, py.ErrUnsupported
	}
	if quotable(name) {
		return kind + `; filename="` + quoteEscapes.Replace(name) + `"`, nil
	}
	return kind + "; filename*=utf-8''" + quote([]byte(name), "/"), nil
}

var quoteEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quotable tells whether a quoted string can have all of the name; a newline at its end does not matter to Django.
func quotable(name string) bool {
	name = strings.TrimSuffix(name, "\n")
	for i := 0; i < len(name); i++ {
		if c := name[i]; c != '\t' && (c < ' ' || c > '~') {
			return false
		}
	}
	return true
}
