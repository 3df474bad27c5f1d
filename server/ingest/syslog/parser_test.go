package syslog

import (
	"bytes"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

// now is when the tests are; hosts far away are an hour ahead of UTC.
func now() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

func testParser() *Parser { return NewParser(time.FixedZone("CET", 3600), now) }

// messages reads the samples.
func messages(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		var b strings.Builder
		for line != "" {
			c, multibyte, rest, err := strconv.UnquoteChar(line, 0)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if c < 0x80 || multibyte {
				b.WriteRune(c)
			} else {
				b.WriteByte(byte(c))
			}
			line = rest
		}
		all = append(all, b.String())
	}
	return all
}

func TestMessages(t *testing.T) {
	p := testParser()
	var got bytes.Buffer
	for _, text := range messages(t) {
		r := p.Parse([]byte(text), "192.0.2.200")
		got.WriteString(strconv.QuoteToASCII(text) + "\n\t")
		got.Write(record.AppendJSON(nil, &r))
		got.WriteString("\n")
	}
	const golden = "testdata/messages.golden"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("run with -update and look at the difference; got\n%s", got.Bytes())
	}
}
