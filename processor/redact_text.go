package processor

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// span is a part of a text that is secret.
type span struct{ from, to int }

// glance is what one look at each byte tells: enough to pass most texts.
type glance struct {
	seen    byteClass // all that occur
	digits  int
	longest int // run of word characters
}

type byteClass uint8

const (
	digitByte byteClass = 1 << iota
	wordByte            // letters, digits, _, - and what is not ASCII
	atByte
	colonByte
	equalsByte
	slashByte // or backslash
	dashByte
	spaceByte
)

var byteClasses = func() (t [256]byteClass) {
	for c := range t {
		switch b := byte(c); {
		case b >= '0' && b <= '9':
			t[c] = digitByte | wordByte
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b >= utf8.RuneSelf:
			t[c] = wordByte
		}
	}
	t['@'], t[':'], t['='], t['/'], t['\\'], t['-'], t[' '] = atByte, colonByte, equalsByte, slashByte, slashByte, dashByte|wordByte, spaceByte
	return t
}()

func glanceAt(s string) (g glance) {
	run := 0
	for i := range len(s) {
		c := byteClasses[s[i]]
		g.seen |= c
		g.digits += int(c & digitByte)
		if c&wordByte == 0 {
			run = 0
			continue
		}
		run++
		g.longest = max(g.longest, run)
	}
	return g
}

// The shortest runs of word characters in the secrets that are looked for.
const (
	shortestCard   = 13
	shortestToken  = 16 // behind a known beginning, or a part of a JWT
	shortestBearer = 8
)

// text returns a text with its secrets replaced.
func (x *Redactor) text(s string) (string, bool) {
	if s == "" {
		return s, false
	}
	g := glanceAt(s)
	var found []span
	if x.look.url && g.seen&atByte != 0 && g.seen&colonByte != 0 {
		found = appendURLs(found, s)
	}
	if x.look.email && g.seen&atByte != 0 {
		found = appendEmails(found, s)
	}
	if x.look.pair && g.seen&(colonByte|equalsByte|dashByte) != 0 {
		found = x.appendPairs(found, s, g)
	}
	if x.look.card && g.digits >= shortestCard {
		found = appendCards(found, s)
	}
	if x.look.bearer && g.seen&spaceByte != 0 && g.longest >= shortestBearer {
		found = appendBearers(found, s)
	}
	if g.longest >= shortestToken {
		if x.look.jwt {
			found = appendJWTs(found, s)
		}
		if x.look.token {
			found = appendTokens(found, s)
		}
	}
	if x.look.privateKey && g.seen&dashByte != 0 {
		found = appendPrivateKeys(found, s)
	}
	if x.look.paths && g.seen&slashByte != 0 {
		found = appendPaths(found, s)
	}
	for _, re := range x.patterns {
		found = appendMatches(found, s, re)
	}
	if len(found) == 0 {
		return s, false
	}
	return x.replace(s, found)
}

func appendMatches(found []span, s string, re *regexp.Regexp) []span {
	if !re.MatchString(s) { // does not allocate
		return found
	}
	for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
		from, to := at[0], at[1]
		if len(at) > 2 && at[2] >= 0 {
			from, to = at[2], at[3]
		}
		if from < to {
			found = append(found, span{from, to})
		}
	}
	return found
}

// replace writes the replacement for each part; overlapping parts become one.
func (x *Redactor) replace(s string, found []span) (string, bool) {
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	b.Grow(len(s) + len(x.replacement))
	done, changed := 0, false
	for i := 0; i < len(found); {
		part := found[i]
		for i++; i < len(found) && found[i].from < part.to; i++ {
			part.to = max(part.to, found[i].to)
		}
		changed = changed || s[part.from:part.to] != x.replacement
		b.WriteString(s[done:part.from])
		b.WriteString(x.replacement)
		done = part.to
	}
	if !changed {
		return s, false
	}
	b.WriteString(s[done:])
	return b.String(), true
}
