package processor

import "strings"

// appendURLs finds what stands before the @ of connection strings: in
// scheme://user:password@host, and in the form of Go's MySQL driver,
// user:password@tcp(host:port)/name.
func appendURLs(found []span, s string) []span {
	end := 0 // of the run of characters that may stand in a URL; kept, so that each byte is seen once
	for i := 0; ; {
		at := strings.Index(s[i:], "://")
		if at < 0 {
			break
		}
		i += at + len("://")
		if end < i {
			for end = i; end < len(s) && !endsURL(s[end]); {
				end++
			}
		}
		next := end
		if n := strings.Index(s[i:end], "://"); n >= 0 {
			next = i + n // another URL within this one's query
		}
		if n := userInfo(s[i:next]); n > 0 {
			found = append(found, span{i, i + n})
		}
	}
	for _, network := range [...]string{"@tcp(", "@tcp6(", "@unix("} {
		for i := 0; ; {
			at := strings.Index(s[i:], network)
			if at < 0 {
				break
			}
			from := i + at
			for from > i && !endsURL(s[from-1]) {
				from--
			}
			if strings.IndexByte(s[from:i+at], ':') >= 0 {
				found = append(found, span{from, i + at})
			}
			i += at + len(network)
		}
	}
	return found
}

// longUser is the length of a user name that is a token rather than a name: git
// servers take such a one without a password.
const longUser = 16

// userInfo returns the length of the user and password at the beginning of what
// follows a scheme, 0 when there is no secret.
func userInfo(s string) int {
	authority := s
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		authority = s[:end]
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		// A password with a slash in it, which nobody escaped, ends the authority
		// early: what is there looks like a port, but is no number.
		colon := strings.LastIndexByte(authority, ':')
		if colon < 0 || authority[0] == '[' || isNumber(authority[colon+1:]) {
			return 0
		}
		return max(strings.LastIndexByte(s, '@'), 0)
	}
	if strings.IndexByte(authority[:at], ':') < 0 && at < longUser {
		return 0
	}
	return at
}

func endsURL(c byte) bool {
	return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == 0x7F
}

func isNumber(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// The lengths of the parts of an e-mail address, of RFC 5321.
const (
	maxEmailLocal  = 64
	maxEmailDomain = 255
)

// appendEmails finds e-mail addresses. An @ behind something that is found already is
// that of a connection string, whose host may be told.
func appendEmails(found []span, s string) []span {
	urls := found
	for i := 0; ; i++ {
		n := strings.IndexByte(s[i:], '@')
		if n < 0 {
			return found
		}
		i += n
		for len(urls) > 0 && urls[0].to < i {
			urls = urls[1:]
		}
		if len(urls) > 0 && urls[0].from <= i {
			continue
		}
		from := i
		for from > 0 && i-from < maxEmailLocal && isEmailLocal(s[from-1]) {
			from--
		}
		for from < i && s[from] == '.' {
			from++
		}
		if to := domainEnd(s, i+1); from < i && to > 0 {
			found = append(found, span{from, to})
		}
	}
}

// domainEnd returns the end of the domain at from, 0 if there is none. Its last label
// is of letters, which tells it from the version in a path such as mod@v1.2.3.
func domainEnd(s string, from int) int {
	to := from
	for to < len(s) && to-from < maxEmailDomain && (isWordLetter(s[to]) || isDigit(s[to]) || s[to] == '.' || s[to] == '-') {
		to++
	}
	for to > from && (s[to-1] == '.' || s[to-1] == '-') {
		to--
	}
	domain := s[from:to]
	dot := strings.LastIndexByte(domain, '.')
	if dot < 1 || len(domain)-dot < len(".de") {
		return 0
	}
	for i := dot + 1; i < len(domain); i++ {
		if !isLetter(domain[i]) && domain[i] < 0x80 {
			return 0
		}
	}
	return to
}

func isEmailLocal(c byte) bool {
	return isWordLetter(c) || isDigit(c) || c == '.' || c == '%' || c == '+' || c == '-' || c == '\''
}
