package text

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/weirlog/weir/record"
)

// TestNoWordIsLost puts every line of every sample together again: each of its
// words is in the message, in a field or in an attribute.
func TestNoWordIsLost(t *testing.T) {
	for _, file := range samples(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opts := testOptions()
		opts.NoJoin = true
		records := readAll(t, data, opts)
		for i, line := range linesOf(data) {
			if word, ok := lostWord(line, &records[i]); ok {
				t.Errorf("%s:%d: %q is not in the record of %q", file, i+1, word, line)
			}
		}
	}
}

// lostWord looks for a word of line that r does not have.
func lostWord(line string, r *record.Record) (string, bool) {
	var b strings.Builder
	describe(&b, r)
	have := wordsOf(b.String() + " " + r.Message)
	if r.Resource != nil {
		have = append(have, wordsOf(r.Resource.Service+" "+r.Resource.Host)...)
	}
	for _, word := range wordsOf(line) {
		if slices.Contains(have, word) || isTimeWord(word, r.Time) || levelWord(word, r) {
			continue
		}
		if _, key := record.FieldByName(word); key || isLogKey(word) || isAliasKey(word) {
			continue
		}
		return word, true
	}
	return "", false
}

// isAliasKey tells the keys of the samples that became a field of another name.
func isAliasKey(word string) bool {
	return slices.Contains([]string{"err", "error", "source", "function", "file", "line", "caller", "stacktrace", "logger", "hostname", "pid"}, word)
}

func wordsOf(text string) []string {
	plain, _ := stripColors(text)
	return strings.FieldsFunc(plain, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// levelWord reports whether the level stands for the word.
func levelWord(word string, r *record.Record) bool {
	s, ok := record.ParseLevel(word)
	if !ok && len(word) > 1 { // the letter that klog writes before the date
		s, ok = record.ParseLevel(word[:1])
		ok = ok && isTimeWord(word[1:], r.Time)
	}
	return ok && s == r.Severity || word == "30"
}

// isTimeWord reports whether the word is a part of the time, in one of the zones
// of the samples.
func isTimeWord(word string, t time.Time) bool {
	if t.IsZero() {
		return false
	}
	for _, offset := range []int{0, 2} {
		local := t.In(time.FixedZone("", offset*3600))
		for _, layout := range []string{
			"2006", "01", "02", "2", "Jan", "Mon", "15", "04", "05", "06", "060102", "150405", "0102", "000", "000000", "000000000",
			"02T15", "05Z", "000Z", "000000Z", "Z", "UTC",
		} {
			text := local.Format(strings.NewReplacer("000000000", ".000000000", "000000", ".000000", "000", ".000").Replace(layout))
			if strings.TrimPrefix(text, ".") == word {
				return true
			}
		}
		if offset != 0 && (word == "0200" || word == "02" || word == "00") || strings.Trim(local.Format(".999999"), ".") == word {
			return true
		}
	}
	return word == t.Format("5") || strings.HasPrefix(word, "1715000000")
}
