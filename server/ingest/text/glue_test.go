package text

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
)

// texts are the records' messages, each with its trace behind a bar.
func texts(records []record.Record) []string {
	out := messages(records)
	for i := range records {
		if trace := textAttr(&records[i], "stack_trace"); trace != "" {
			out[i] += " | " + trace
		}
	}
	return out
}

// TestGlue: lines that only look as if they belonged together stay apart.
func TestGlue(t *testing.T) {
	const at = "2024-01-02 03:04:05 "
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"an error by another":       {at + "WARN disk\nTimeoutError: x\nnext", []string{"disk", "TimeoutError: x", "next"}},
		"with more of it":           {at + "WARN disk\n  of it\nTimeoutError: x\n  more\nnext", []string{"disk\n  of it", "TimeoutError: x\n  more", "next"}},
		"two errors":                {at + "ERROR a\nTimeoutError: x\nValueError: y", []string{"a", "TimeoutError: x", "ValueError: y"}},
		"empty lines behind it":     {at + "ERROR a\nTimeoutError: x\n\nb", []string{"a", "TimeoutError: x", "", "b"}},
		"an error with frames":      {at + "WARN disk\nTimeoutError: x\n    at f (/a.js:1:2)", []string{"disk | TimeoutError: x\n    at f (/a.js:1:2)"}},
		"an error with a cause":     {at + "WARN disk\njava.io.IOException: x\nCaused by: java.io.IOException: y", []string{"disk | java.io.IOException: x\nCaused by: java.io.IOException: y"}},
		"a cause":                   {at + "WARN disk\nCaused by: java.io.IOException: y", []string{"disk | Caused by: java.io.IOException: y"}},
		"a daemon's line":           {"Jan  2 15:04:05 host cron[12]: started\nPermissionError: x\n    at f (/a.js:1:2)", []string{"started", "PermissionError: x | PermissionError: x\n    at f (/a.js:1:2)"}},
		"no level":                  {at + "started\nPermissionError: x\n    at f (/a.js:1:2)", []string{"started | PermissionError: x\n    at f (/a.js:1:2)"}},
		"an indented record":        {at + "INFO a\n    " + at + "ERROR c\n  d", []string{"a", "c\n  d"}},
		"an indented time":          {at + "INFO a\n    " + at + "c\n  INFO d", []string{"a\n    " + at + "c\n  INFO d"}},
		"a block behind empties":    {at + "INFO listening\n\n\n  usage: x", []string{"listening", "", "", "  usage: x"}},
		"a block behind an empty":   {at + "INFO listening\n\n  usage: x", []string{"listening", "", "  usage: x"}},
		"an announced block":        {at + "INFO usage:\n\n  x", []string{"usage:\n\n  x"}},
		"a block that goes on":      {at + "INFO a\n  b\n\n  c\n\n\n  d", []string{"a\n  b\n\n  c", "", "", "  d"}},
		"a trace behind empties":    {at + "ERROR a\n\n\n    at f (/a.js:1:2)", []string{"a\n\n |     at f (/a.js:1:2)"}},
		"a word behind a traceback": {"Traceback (most recent call last):\n  File \"x.py\", line 1, in f\nStarting\nnext", []string{"Traceback (most recent call last): | Traceback (most recent call last):\n  File \"x.py\", line 1, in f", "Starting", "next"}},
	} {
		records := readAll(t, []byte(c.in), testOptions())
		if got := texts(records); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		opts := testOptions()
		opts.Counts = &Counts{}
		pieces(t, []byte(c.in), []byte{3}, opts)
		lines := uint64(strings.Count(c.in, "\n") + 1)
		if n := opts.Counts.Records.Load() + opts.Counts.Joined.Load(); n != lines {
			t.Errorf("%s: %d lines counted of %d", name, n, lines)
		}
	}
}

func TestPythonError(t *testing.T) {
	for in, want := range map[string]bool{
		"ValueError: x": true, "KeyboardInterrupt": true, "SystemExit: 1": true, "StopIteration": true, "app.Problem: x": true, "app.Problem": true,
		"Problem: x": true, "socket.timeout: timed out": true, "zlib.error": true, "DeprecationWarning": true, "queue.Empty": true, "ValueError:": true,
		"Starting": false, "starting: x": false, "main.go: x": false, "done": false, "Starting:": false, "Problem:x": false, "": false, "x.y.z": false,
	} {
		if _, got := pythonError(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// TestPrintedObject: an object that a program of text prints is text, by itself or in
// the record that announces it; nothing of it becomes the record's time or message.
func TestPrintedObject(t *testing.T) {
	const at = "2024-01-02 03:04:05 INFO "
	hello := strings.Repeat(at+"hello\n", 9)
	remote := "{\n  \"status\": \"ok\",\n\n  \"time\": \"2001-01-01T00:00:00Z\",\n  \"message\": \"from the remote\"\n}"
	list := "[\n  {\"message\": \"a\"},\n  {\"message\": \"b\"}\n]"
	object := "{\n  \"a\": 1,\n  \"b\": 2\n}"
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"in text":              {hello + object, []string{object}},
		"early":                {at + "hello\n" + object, []string{object}},
		"early on one line":    {at + "hello\n" + `{"a":1}`, []string{`{"a":1}`}},
		"with a message":       {hello + "{\n  \"msg\": \"m\"\n}", []string{"m"}},
		"announced":            {hello + at + "response:\n" + remote + "\nnext", []string{"response:\n" + remote, "next"}},
		"assigned":             {hello + at + "response =\n" + remote, []string{"response =\n" + remote}},
		"a list":               {hello + at + "response:\n" + list, []string{"response:\n" + list}},
		"indented":             {hello + at + "response:\n  {\n  \"message\": 1\n  }", []string{"response:\n  {\n  \"message\": 1\n  }"}},
		"on one line":          {hello + at + "response:\n{\"message\":\"m\"}", []string{"response:\n{\"message\":\"m\"}"}},
		"a record":             {hello + at + "listening:\n{\"level\":\"info\",\"message\":\"m\"}", []string{"listening:", "m"}},
		"a record in between":  {hello + at + "response:\n{\n  \"a\": 1,\n" + at + "m\n}", []string{"response:\n{\n  \"a\": 1,", "m", "}"}},
		"an indented record":   {hello + at + "response:\n{\n  \"a\": 1,\n  " + at + "m", []string{"response:\n{\n  \"a\": 1,", "m"}},
		"a level in brackets":  {hello + at + "response:\n[WARN] m", []string{"response:", "m"}},
		"behind an empty line": {hello + at + "response:\n\n" + object, []string{"response:", "", object}},
		"not announced":        {hello + at + "response\n" + object, []string{"response", object}},
	} {
		records := readAll(t, []byte(c.in), testOptions())
		got := messages(records)[strings.Count(c.in[:strings.LastIndex(c.in, "hello")+len("hello")], "\n")+1:]
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		for i := range records {
			if records[i].Time.Year() == 2001 {
				t.Errorf("%s: a record has the remote's time", name)
			}
		}
	}
	if r := readAll(t, []byte(object+"\n"+object), testOptions()); len(r) != 2 || r[1].Message != "" || len(r[1].Attrs) != 2 {
		t.Errorf("a stream of objects: %+v", r)
	}
}

// TestFramesBehindTheBound: a frame that begins the next part does not count for the
// one in front.
func TestFramesBehindTheBound(t *testing.T) {
	for name, in := range map[string]string{
		"empty lines":  "java.lang.Error: x\n  detail\n" + strings.Repeat("\n", DefaultMaxJoinLines-2) + "\tat a.b(C.java:1)\n",
		"one megabyte": "TypeError: x\n  " + strings.Repeat("d", DefaultMaxJoinBytes-40) + "\n\n    at f (/srv/a.js:1:2)\n",
	} {
		records := readAll(t, []byte(in), testOptions())
		text := ""
		for i := range records {
			text += textAttr(&records[i], "stack_trace") + "\n"
		}
		if len(records) != 2 || text != in || records[0].Message != in[:strings.IndexByte(in, '\n')] {
			t.Errorf("%s: %d records, %d of %d bytes", name, len(records), len(text), len(in))
		}
	}
	opts := testOptions()
	opts.MaxJoinLines = 1
	for i, r := range readAll(t, []byte("2024-01-02 03:04:05 ERROR head\nTimeoutError: x\n\tat a.b(C.java:1)\n\tat a.b(C.java:2)"), opts) {
		if r.Message == "" {
			t.Errorf("part %d has no message", i+1)
		}
	}
}

// TestManyValues: a line of very many values does not take much more memory than its
// bytes, and what is too much of it is kept as text.
func TestManyValues(t *testing.T) {
	list := "[" + strings.Repeat("0,", 2<<20) + "0]"
	line := []byte(`{"msg":"m","list":` + list + `,"small":[1,2]}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := NewParser(testOptions())
	r := p.Parse(line)
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 60 {
		t.Errorf("%d MiB for a line of %d MiB", n, len(line)>>20)
	}
	if r.Message != "m" || textAttr(&r, "list") != list || textAttr(&r, "small") != "[1 2]" || !strings.Contains(textAttr(&r, "_repaired"), "more than 200000 values") {
		t.Errorf("message %q, attributes %d", r.Message, len(r.Attrs))
	}
}
