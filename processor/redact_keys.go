package processor

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// secrecy says what of a key's values is secret.
type secrecy uint8

const (
	open      secrecy = iota // nothing, unless it looks so
	notNumber                // all but numbers, true, false and null
	notBool                  // all but true, false and null
	always
)

// The keys that are known, folded. Where a key contains several, the strictest counts.
var (
	secretWords = map[string]secrecy{
		"password": notBool, "passwd": notBool, "passphrase": notBool, "secret": notBool, "apikey": notBool,
		"authorization": notBool, "cookie": notBool, "credential": notBool, "privatekey": notBool, "accesskey": notBool,
		"accountkey": notBool, "sessionkey": notBool, "signingkey": notBool, "encryptionkey": notBool, "token": notNumber,
	}
	secretNames = map[string]secrecy{"pwd": notBool, "auth": notBool, "cvv": notBool, "cvc": notBool, "ssn": notBool, "pass": notNumber}
)

// secretKeys judges keys. It does not change once filled.
type secretKeys struct {
	words [256][]secretWord // by their first byte
	pairs [1 << 8]uint64    // the first two bytes of all words: a bit each in a table of 16,384
	some  bool
}

// secretWord is a word that a key contains.
type secretWord struct {
	text        []byte
	secrecy     secrecy
	first, last bool // it is the beginning, or the end, of a key or of its last dotted part
}

func (k *secretKeys) fill(own []string, known bool) error {
	if known {
		for word, s := range secretWords {
			k.add(secretWord{text: []byte(word), secrecy: s})
		}
		for name, s := range secretNames {
			k.add(secretWord{text: []byte(name), secrecy: s, first: true, last: true})
		}
	}
	var wrong []error
	for _, name := range own {
		text, before := strings.CutPrefix(name, "*")
		text, behind := strings.CutSuffix(text, "*")
		var room [foldRoom]byte
		folded, _ := appendFolded(room[:0], text)
		switch {
		case len(folded) == 0 || strings.Contains(text, "*"):
			wrong = append(wrong, fmt.Errorf("redact: the key %q cannot match: write the key's letters, with a * before or behind them for any", name))
			continue
		case strings.Contains(text, "."):
			wrong = append(wrong, fmt.Errorf("redact: the key %q has a dot: write its last part alone, a key matches at any depth", name))
			continue
		}
		k.add(secretWord{text: bytes.Clone(folded), secrecy: always, first: !before, last: !behind})
	}
	return errors.Join(wrong...)
}

func (k *secretKeys) add(w secretWord) {
	k.some = true
	k.words[w.text[0]] = append(k.words[w.text[0]], w)
	if len(w.text) > 1 {
		k.setPair(w.text[0], w.text[1])
		return
	}
	for second := range 256 { // a word of one letter
		k.setPair(w.text[0], byte(second))
	}
}

func pairBit(first, second byte) (at int, bit uint64) {
	n := uint(first)<<7 ^ uint(second)
	return int(n >> 6 & 0xFF), 1 << (n & 63)
}

func (k *secretKeys) setPair(first, second byte) {
	at, bit := pairBit(first, second)
	k.pairs[at] |= bit
}

// foldRoom is room for most keys on the stack.
const foldRoom = 64

// judge says what of a key's values is secret.
func (k *secretKeys) judge(key string) secrecy {
	if !k.some {
		return open
	}
	var room [foldRoom]byte
	folded, part := appendFolded(room[:0], key)
	found := open
	for i, c := range folded {
		second := byte(0)
		if i+1 < len(folded) {
			second = folded[i+1]
		}
		if at, bit := pairBit(c, second); k.pairs[at]&bit == 0 {
			continue
		}
		for _, w := range k.words[c] {
			if w.secrecy > found && bytes.HasPrefix(folded[i:], w.text) &&
				(!w.first || i == 0 || i == part) && (!w.last || i+len(w.text) == len(folded)) {
				found = w.secrecy
			}
		}
	}
	return found
}

// appendFolded appends the letters and digits of a key in lower case, what is not
// ASCII as it is. part is where the last dotted part begins.
func appendFolded(b []byte, key string) (folded []byte, part int) {
	for i := range len(key) {
		switch c := key[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= utf8.RuneSelf:
			b = append(b, c)
		case c >= 'A' && c <= 'Z':
			b = append(b, c|0x20)
		case c == '.':
			part = len(b)
		}
	}
	return b, part
}
