package text

import (
	"fmt"
	"strings"
	"testing"
)

// TestGuess writes each line as the letter of what it was read as: t for text as it
// came, T for text with a time or level, L for logfmt, J for JSON.
func TestGuess(t *testing.T) {
	lines := map[byte]string{
		't': "some text", 'T': "2026-01-02T03:04:05Z INFO text", 'L': "level=info msg=pairs", 'p': "level=3 msg=pairs",
		'J': `{"level":"info","msg":"object"}`, 'j': `{"a":1}`,
	}
	for _, c := range []struct{ name, in, want string }{
		{"JSON with odd lines", "JJJJJJJJJJLJtJTJLLLJ", "JJJJJJJJJJtJtJTJtttJ"},
		{"JSON without a time", "jjjjjjjjjjj", "JJJJJJJJJJJ"},
		{"text with pairs", "TTTTTTTTTTLTTLLLT", "TTTTTTTTTTtTTtttT"},
		{"text with objects", "TTTTTTTTTTjTJTj", "TTTTTTTTTTtTJTt"},
		{"text without a form", "ttttttttttLtJtj", "ttttttttttttJtt"},
		{"logfmt with odd lines", "LLLLLLLLLLtLjLJL", "LLLLLLLLLLtLtLJL"},
		{"a banner, then logfmt", "tttttLLLLLLL", "tttttLLLLLLL"},
		{"a long banner, then logfmt for good", "tttttttttLLLLLLL", "tttttttttttt" + "LLLL"},
		{"text, then JSON for good", "TTTTTTTTTTjjjjjjj", "TTTTTTTTTTtttJJJJ"},
		{"JSON, then logfmt, then JSON", "jjjjjjjjjLLLLLjjjjj", "JJJJJJJJJtttLLtttJJ"},
		{"a level that is none", "TTTTTTTTTTpTp", "TTTTTTTTTTtTt"},
		{"turns", "JLJLJLJLJLJLJL", "JLJLJLJLJtJtJt"},
	} {
		var in []string
		for _, letter := range []byte(c.in) {
			in = append(in, lines[letter])
		}
		opts := testOptions()
		opts.NoJoin = true
		got := ""
		for i, r := range readAll(t, []byte(strings.Join(in, "\n")), opts) {
			switch {
			case r.Message == in[i]:
				got += "t"
			case r.Message == "text":
				got += "T"
			case r.Message == "pairs":
				got += "L"
			case r.Message == "object" || r.Message == "" && fmt.Sprint(r.Attrs) == "[a=1]":
				got += "J"
			default:
				t.Errorf("%s: %q became %+v", c.name, in[i], r)
			}
		}
		if got != c.want {
			t.Errorf("%s: %s was read as %s, want %s", c.name, c.in, got, c.want)
		}
	}
}
