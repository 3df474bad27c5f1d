package ndjson

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/weirlog/weir/server/intake"
)

// KeyHeader names the batch, so that it is stored once.
const KeyHeader = "Idempotency-Key"

// MaxKeyBytes bounds a key: enough for any UUID, hash or path, little enough to keep
// 100,000 of them.
const MaxKeyBytes = 255

var errKey = errors.New("give one " + KeyHeader + " of 1 to " + strconv.Itoa(MaxKeyBytes) + " printable ASCII characters")

// keyOf reads a request's key; ok is false when it has none. Quotes around it, as
// the header's draft standard asks for, are not part of it.
func keyOf(r *http.Request, body []byte) (key intake.Key, ok bool, err error) {
	values := r.Header.Values(KeyHeader)
	if len(values) == 0 {
		return intake.Key{}, false, nil
	}
	text := strings.TrimSpace(values[0])
	if n := len(text); n >= 2 && text[0] == '"' && text[n-1] == '"' {
		text = text[1 : n-1]
	}
	if len(values) > 1 || text == "" || len(text) > MaxKeyBytes {
		return intake.Key{}, false, errKey
	}
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return intake.Key{}, false, errKey
		}
	}
	if key, ok := parseRange(text); ok {
		return key, true, nil
	}
	digest := sha256.Sum256(body)
	return intake.Key{Text: text, Digest: hex.EncodeToString(digest[:])}, true, nil
}

// parseRange reads <source>/<first>-<last>, with numbers from 1 in plain decimal
// digits. Everything else is a text that says nothing about records.
func parseRange(text string) (key intake.Key, ok bool) {
	slash := strings.LastIndexByte(text, '/')
	if slash <= 0 {
		return intake.Key{}, false
	}
	low, high, ok := strings.Cut(text[slash+1:], "-")
	if !ok {
		return intake.Key{}, false
	}
	first, ok := parseSeq(low)
	last, okLast := parseSeq(high)
	if !ok || !okLast || first > last {
		return intake.Key{}, false
	}
	return intake.Key{Source: text[:slash], First: first, Last: last}, true
}

func parseSeq(digits string) (uint64, bool) {
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil && n > 0 && n <= intake.MaxSeq && digits[0] != '0'
}
