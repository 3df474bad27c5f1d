package redis

import (
	"bytes"
	"flag"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

func read(t testing.TB, p *parser, m message) []record.Record {
	t.Helper()
	var all []record.Record
	for r := range p.records(&m) {
		all = append(all, r)
	}
	if len(all) == 0 {
		t.Fatalf("nothing became of %q", m.text)
	}
	return all
}

func channelMessage(text string) message {
	return message{text: text, marks: []slog.Attr{slog.String("channel", "app:log")}}
}

// TestMessages compares what becomes of each line of testdata/messages.txt.
func TestMessages(t *testing.T) {
	data, err := os.ReadFile("testdata/messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	p := newParser(record.Resource{Service: "from the URL"})
	var got bytes.Buffer
	for line := range strings.Lines(string(data)) {
		for _, r := range read(t, p, channelMessage(strings.TrimSuffix(line, "\n"))) {
			got.Write(append(record.AppendJSON(nil, &r), '\n'))
		}
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
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	for i := range max(len(wantLines), len(gotLines)) {
		g, w := "", ""
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Errorf("line %d is\n%s\nwant\n%s", i+1, g, w)
		}
	}
}

func TestSeveralInOne(t *testing.T) {
	p := newParser(record.Resource{})
	for text, want := range map[string][]string{
		"{\"message\":\"a\"}\n{\"message\":\"b\"}\r\n\n{\"message\":\"c\"}\n": {"a", "b", "c"},
		" [ {\"message\":\"a\"} , {\"msg\":\"b\"} ] ":                         {"a", "b"},
		"{\n \"message\":\n \"pretty\"\n}\n":                                  {"pretty"},
		"{\"message\":\"a\"}\nand text":                                       {"{\"message\":\"a\"}\nand text"},
		"[]":                                                                  {"[]"},
		"[{\"message\":\"a\"},5]":                                             {"[{\"message\":\"a\"},5]"},
		"[{\"message\":\"a\"}":                                                {"[{\"message\":\"a\"}"},
		"":                                                                    {""},
		"line one\nline two":                                                  {"line one\nline two"},
		"\xff\x00":                                                            {"\xff\x00"},
	} {
		got := read(t, p, channelMessage(text))
		if len(got) != len(want) {
			t.Errorf("%q became %d records", text, len(got))
			continue
		}
		for i := range got {
			if got[i].Message != want[i] {
				t.Errorf("%q: record %d is %q", text, i, got[i].Message)
			}
			if v, ok := got[i].Lookup("channel"); !ok || v.String() != "app:log" {
				t.Errorf("%q: record %d has the channel %v", text, i, v)
			}
		}
	}
}

func TestEntries(t *testing.T) {
	p := newParser(record.Resource{})
	one := entryMessage("events", goredis.XMessage{ID: "1764000000123-7", Values: map[string]any{"data": `{"message":"in one","level":"WARN"}`}})
	got := read(t, p, one)[0]
	if got.Message != "in one" || got.Severity != record.SeverityWarn || !got.Time.Equal(time.UnixMilli(1764000000123)) {
		t.Errorf("%+v", got)
	}
	several := entryMessage("events", goredis.XMessage{ID: "5-1", Values: map[string]any{
		"level": "error", "message": "said \"so\" \\ \x01\xff", "user": `{"plan":"pro"}`, "n": "12", "list": "[1,", "stream": "own",
	}})
	got = read(t, p, several)[0]
	if got.Message != "said \"so\" \\ \x01\xff" || got.Severity != record.SeverityError || !got.Time.IsZero() {
		t.Errorf("%+v", got)
	}
	for name, want := range map[string]string{"user.plan": "pro", "n": "12", "list": "[1,", "stream": "own", "redis_stream": "events", "stream_id": "5-1"} {
		if v, ok := got.Lookup(name); !ok || v.String() != want {
			t.Errorf("%s is %v", name, v)
		}
	}
}

func TestPythonSeverity(t *testing.T) {
	for number, want := range map[int64]record.Severity{
		1: 1, 9: 1, 10: record.SeverityDebug, 15: 7, 20: record.SeverityInfo, 25: 11, 30: record.SeverityWarn, 35: 15,
		40: record.SeverityError, 50: record.SeverityFatal, 60: 24, 1 << 40: 24,
	} {
		if got := pythonSeverity(number); got != want {
			t.Errorf("%d is %d, want %d", number, got, want)
		}
	}
}

func FuzzMessage(f *testing.F) {
	data, err := os.ReadFile("testdata/messages.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		f.Add(strings.TrimSuffix(line, "\n"))
	}
	f.Add("{\"message\":\"a\"}\n{\"message\":\"b\"}")
	f.Fuzz(func(t *testing.T, text string) {
		p := newParser(record.Resource{})
		for _, r := range read(t, p, channelMessage(text)) {
			record.Normalize(&r)
			if _, _, err := record.ParseJSON(record.AppendJSON(nil, &r), record.ParseOptions{}); err != nil {
				t.Errorf("%q became a record that cannot be read: %v", text, err)
			}
		}
		m := entryMessage("s", goredis.XMessage{ID: text, Values: map[string]any{"message": text, text: "x"}})
		read(t, p, m)
	})
}
