package processor

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// appendBearers finds what follows the words Bearer and Basic, as in the header
// Authorization.
func appendBearers(found []span, s string) []span {
	for _, tail := range [...]string{"earer ", "EARER "} {
		for i := 0; ; {
			n := strings.Index(s[i:], tail)
			if n < 0 {
				break
			}
			i += n + len(tail)
			if to := runEnd(s, i, isTokenByte); startsWord(s, i-len("Bearer "), 'b') && looksRandom(s[i:to]) {
				found = append(found, span{i, to})
				i = to
			}
		}
	}
	for _, tail := range [...]string{"asic ", "ASIC "} {
		for i := 0; ; {
			n := strings.Index(s[i:], tail)
			if n < 0 {
				break
			}
			i += n + len(tail)
			if to := runEnd(s, i, isTokenByte); startsWord(s, i-len("Basic "), 'b') && isBasic(s[i:to]) {
				found = append(found, span{i, to})
				i = to
			}
		}
	}
	return found
}

// startsWord reports whether a word that begins with that letter, in either case,
// starts at i.
func startsWord(s string, i int, letter byte) bool {
	return i >= 0 && s[i]|0x20 == letter && (i == 0 || !isWordLetter(s[i-1]))
}

// isBasic reports whether a text is a user and a password in base64, which tells it
// from the words after "basic".
func isBasic(text string) bool {
	if len(text) < shortestBearer {
		return false
	}
	plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return err == nil && bytes.IndexByte(plain, ':') >= 0
}

// appendJWTs finds JSON web tokens: parts in base64 that dots join, the first of which
// begins with the code of {".
func appendJWTs(found []span, s string) []span {
	const start = "eyJ"
	for i := 0; ; {
		n := strings.Index(s[i:], start)
		if n < 0 {
			return found
		}
		from := i + n
		to := runEnd(s, from, isBase64URL)
		i = to // a later start in the same run ends alike
		if to-from < shortestToken || !strings.HasPrefix(s[to:], ".") {
			continue
		}
		second := runEnd(s, to+1, isBase64URL)
		if second == to+1 && !strings.HasPrefix(s[second:], ".") {
			continue
		}
		to = second
		for strings.HasPrefix(s[to:], ".") && runEnd(s, to+1, isBase64URL) > to+1 {
			to = runEnd(s, to+1, isBase64URL)
		}
		found = append(found, span{from, to})
		i = to
	}
}

// tokenForm is a token whose maker gave it a known beginning.
type tokenForm struct {
	start string
	least int // characters that follow
	exact bool
}

// tokenForms are the usual ones, from their makers' documents.
var tokenForms = [...]tokenForm{
	{"AKIA", 16, true},
	{"ASIA", 16, true},
	{"AROA", 16, true},
	{"AIDA", 16, true},
	{"AGPA", 16, true}, // AWS
	{"ghp_", 36, false},
	{"gho_", 36, false},
	{"ghu_", 36, false},
	{"ghs_", 36, false},
	{"ghr_", 36, false},
	{"github_pat_", 40, false},
	{"glpat-", 20, false},
	{"xoxb-", 20, false},
	{"xoxp-", 20, false},
	{"xoxa-", 20, false},
	{"xoxr-", 20, false},
	{"xoxs-", 20, false},
	{"xapp-", 20, false}, // Slack
	{"sk_live_", 16, false},
	{"rk_live_", 16, false},
	{"sk_test_", 16, false},
	{"whsec_", 16, false}, // Stripe
	{"AIza", 35, false},   // Google
	{"sk-ant-", 20, false},
	{"sk-proj-", 20, false},
	{"hf_", 30, false},
	{"npm_", 36, false},
	{"pypi-", 40, false},
	{"dop_v1_", 60, false},
	{"SG.", 40, false},
	{"hvs.", 24, false},
}

// tokenStarts are the first bytes of tokenForms.
var tokenStarts = func() (t [256]bool) {
	for i := range tokenForms {
		t[tokenForms[i].start[0]] = true
	}
	return t
}()

// appendTokens finds tokens by their beginnings, at the beginnings of words.
func appendTokens(found []span, s string) []span {
	for i := 0; i < len(s); i++ {
		if !tokenStarts[s[i]] || i > 0 && (isWordLetter(s[i-1]) || isDigit(s[i-1])) {
			continue
		}
		for f := range tokenForms {
			if to := tokenForms[f].end(s, i); to > 0 {
				found = append(found, span{i, to})
				i = to - 1
				break
			}
		}
	}
	return found
}

// end returns the end of a token of that form at from, 0 if there is none.
func (form *tokenForm) end(s string, from int) int {
	if !strings.HasPrefix(s[from:], form.start) {
		return 0
	}
	start := from + len(form.start)
	if !form.exact {
		if to := runEnd(s, start, isDottedBase64URL); to-start >= form.least {
			return to
		}
		return 0
	}
	if to := runEnd(s, start, isUpperOrDigit); to-start == form.least && (to == len(s) || !isWordLetter(s[to])) {
		return to
	}
	return 0
}

// appendPrivateKeys finds private keys in PEM. One that is cut off goes to the end of
// the text.
func appendPrivateKeys(found []span, s string) []span {
	const begin, end, kind, dashes = "-----BEGIN ", "-----END ", "PRIVATE KEY", "-----"
	const longestKind = 32 // "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY BLOCK"
	for i := 0; ; {
		n := strings.Index(s[i:], begin)
		if n < 0 {
			return found
		}
		from := i + n
		i = from + len(begin)
		if !strings.Contains(s[i:min(i+longestKind, len(s))], kind) {
			continue
		}
		to := len(s)
		if n := strings.Index(s[i:], end); n >= 0 {
			to = i + n + len(end)
			if n := strings.Index(s[to:], dashes); n >= 0 {
				to += n + len(dashes)
			}
		}
		found = append(found, span{from, to})
		i = to
	}
}

// runEnd returns the end of the run of allowed bytes at from.
func runEnd(s string, from int, allowed func(byte) bool) int {
	for from < len(s) && allowed(s[from]) {
		from++
	}
	return from
}

func isBase64URL(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '-' }

func isDottedBase64URL(c byte) bool { return isBase64URL(c) || c == '.' }

func isTokenByte(c byte) bool {
	return isDottedBase64URL(c) || c == '~' || c == '+' || c == '/' || c == '='
}

func isUpperOrDigit(c byte) bool { return c >= 'A' && c <= 'Z' || isDigit(c) }
