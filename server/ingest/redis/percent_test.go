package redis

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// percentCase is a line of testdata/percent.jsonl, which testdata/percent.py makes: what
// Python itself makes of a format and its arguments.
type percentCase struct {
	Format string          `json:"format"`
	Args   json.RawMessage `json:"args"`
	Text   *string         `json:"text"` // null: Python raises
	Error  string          `json:"error"`
}

func percentCases(t testing.TB) []percentCase {
	t.Helper()
	file, err := os.Open("testdata/percent.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was read
	var all []percentCase
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var c percentCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if len(all) < 100 {
		t.Fatalf("only %d cases", len(all))
	}
	return all
}

// TestFormatAsPythonDoes compares each case with what Python made of it.
func TestFormatAsPythonDoes(t *testing.T) {
	for _, c := range percentCases(t) {
		attrs, err := record.ParseAttrs([]byte(`{"args":` + string(c.Args) + `}`))
		if err != nil || len(attrs) != 1 {
			t.Fatalf("%s: %v", c.Args, err)
		}
		got, err := formatArgs(c.Format, attrs[0].Value)
		switch {
		case c.Text == nil && err == nil:
			t.Errorf("%q %% %s is %q, Python raises %s", c.Format, c.Args, got, c.Error)
		case c.Text != nil && err != nil:
			t.Errorf("%q %% %s fails with %v, Python makes %q", c.Format, c.Args, err, *c.Text)
		case c.Text != nil && got != *c.Text:
			t.Errorf("%q %% %s is %q, Python makes %q", c.Format, c.Args, got, *c.Text)
		}
	}
}

// TestFormatIsBounded: a few bytes cannot stand for gigabytes.
func TestFormatIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for format, args := range map[string]string{
		"%999999999d":                       `[1]`,
		"%.999999999f":                      `[1.5]`,
		"%*d":                               `[999999999, 1]`,
		"%-*d":                              `[-999999999, 1]`,
		strings.Repeat("%(x)s", 100):        `{"x":"` + long + `"}`,
		strings.Repeat("%(x)r", 100) + "%d": `{"x":["` + long + `"]}`,
	} {
		attrs, err := record.ParseAttrs([]byte(`{"args":` + args + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := formatArgs(format, attrs[0].Value); err == nil {
			t.Errorf("%.40q became %d bytes", format, len(text))
		}
	}
}

// TestFormatIsLinear: what a format costs grows with its length, not with that times
// the number or the length of its arguments.
func TestFormatIsLinear(t *testing.T) {
	var many strings.Builder
	for i := range 9990 {
		fmt.Fprintf(&many, `"%d":1,`, i)
	}
	long := strings.Repeat(`1,`, 1<<12) + "1"
	for name, c := range map[string]struct {
		format, args string
		fails        bool
	}{
		"many names":                  {strings.Repeat("%(z)s", 1_000_000), `{` + many.String() + `"z":""}`, false},
		"a list that is cut off":      {strings.Repeat("%(z).0s", 2000), `{"z":[` + long + `]}`, true},
		"a number of a million bytes": {strings.Repeat("%(z).0e", 100_000), `{"z":1` + strings.Repeat("0", 1<<20) + `}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			attrs, err := record.ParseAttrs([]byte(`{"args":` + c.args + `}`))
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, err = formatArgs(c.format, attrs[0].Value)
			if (err != nil) != c.fails {
				t.Errorf("error: %v", err)
			}
			if took := time.Since(start); took > patience { // it was a minute
				t.Errorf("it took %v", took)
			}
		})
	}
}

func FuzzFormatArgs(f *testing.F) {
	for _, c := range percentCases(f) {
		f.Add(c.Format, string(c.Args))
	}
	f.Fuzz(func(t *testing.T, format, args string) {
		attrs, err := record.ParseAttrs([]byte(`{"args":` + args + `}`))
		if err != nil || len(attrs) == 0 {
			return
		}
		text, err := formatArgs(format, attrs[0].Value)
		if err == nil && len(text) > 2*maxFormatted {
			t.Errorf("%d bytes", len(text))
		}
	})
}
