package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLedger posts by both doors, good and bad, and compares the books with what
// is there.
func TestLedger(t *testing.T) {
	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	want := 0
	for _, c := range []struct {
		path, encoding, body string
		status, records      int
	}{
		{"/api/v1/records", "", `{"message":"one"}`, http.StatusOK, 1},
		{"/api/v1/records", "", "{\"message\":\"a\"}\n\nnot json\n{\"msg\":\"c\",\"lvl\":\"warn\"}", http.StatusOK, 3},
		{"/api/v1/records", "gzip", `[{"message":"x"},{"message":"y","n":NaN},5]`, http.StatusOK, 3},
		{"/logs", "", `{"logs":[{"level":"CRITICAL","message":"m","user_id":7,"created_at":null},"text"]}`, http.StatusOK, 2},
		{"/logs", "GZIP", `{"logs":[{"level":"INFO","message":"\ud800 \u0000"}]}`, http.StatusOK, 1},
		{"/logs", "", `{"x":1}`, http.StatusBadRequest, 0},
		{"/logs", "", `{"logs":`, http.StatusBadRequest, 0},
	} {
		body := []byte(c.body)
		if c.encoding != "" {
			body = zipped(t, body)
		}
		status, answer, err := p.post(c.path, "application/json", c.encoding, body)
		if err != nil {
			t.Fatal(err)
		}
		if status != c.status {
			t.Errorf("POST %s %s: %d %s, want %d", c.path, c.body, status, answer, c.status)
		}
		var got struct{ Count int }
		if err := json.Unmarshal([]byte(answer), &got); err != nil || got.Count != c.records {
			t.Errorf("POST %s %s: answer %s, want a count of %d", c.path, c.body, answer, c.records)
		}
		want += c.records
	}
	if got := len(p.records("")); got != want {
		t.Errorf("%d records are stored, %d were acknowledged", got, want)
	}
	received, stored := p.metric("weir_records_received_total"), p.metric("weir_records_stored_total")
	rest := p.metric("weir_records_deduplicated_total") + p.metric("weir_records_refused_total") + p.metric("weir_records_pending")
	if received != stored+rest || stored != float64(want) {
		t.Errorf("the ledger says received %v, stored %v, deduplicated+refused+pending %v; %d were acknowledged", received, stored, rest, want)
	}
	if got := p.records("level:warning"); len(got) != 1 || got[0]["message"] != "c" {
		t.Errorf("level:warning found %v", got)
	}
}

func TestRestartKeepsRecordsAndOrder(t *testing.T) {
	data := t.TempDir()
	var ids []string
	for i := range 3 {
		p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
		if status, answer, err := p.post("/api/v1/records", "", "", fmt.Appendf(nil, `{"message":"run %d"}`, i)); err != nil || status != http.StatusOK {
			t.Fatal(status, answer, err)
		}
		ids = ids[:0]
		for n, r := range p.records("") {
			if r["message"] != fmt.Sprintf("run %d", n) {
				t.Errorf("record %d says %v", n, r["message"])
			}
			ids = append(ids, r["id"].(string))
		}
		if code := p.stop(syscall.SIGTERM); code != exitDone {
			t.Errorf("SIGTERM ended the server with %d\n%s", code, p.errors())
		}
	}
	if len(ids) != 3 || ids[0] >= ids[1] || ids[1] >= ids[2] {
		t.Errorf("ids %v are not ascending", ids)
	}
}

// TestStopDoesNotWaitForASlowSender stops a server in the middle of a request whose
// body does not end, with one signal and with two.
func TestStopDoesNotWaitForASlowSender(t *testing.T) {
	for name, c := range map[string]struct{ signals, code int }{"once": {1, exitDone}, "twice": {2, exitFailed}} {
		t.Run(name, func(t *testing.T) {
			p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
			conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /api/v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
			p.get("/healthz") // by now the request has begun, or will be refused
			if c.signals == 2 {
				if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
					t.Fatal(err)
				}
				for deadline := time.Now().Add(patience); !strings.Contains(p.errors(), "stopping"); runtime.Gosched() {
					if time.Now().After(deadline) {
						t.Fatal("the first signal was not seen")
					}
				}
				time.Sleep(2 * echo) // a second signal that comes sooner is the first one's echo
			}
			began := time.Now()
			if code := p.stop(syscall.SIGTERM); code != c.code {
				t.Errorf("ended with %d\n%s", code, p.errors())
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestSecondServerNamesTheFirst(t *testing.T) {
	data := t.TempDir()
	first := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	for _, c := range []struct {
		name, says string
		args       []string
	}{
		{"port", "is taken", []string{"--listen", strings.TrimPrefix(first.url, "http://"), "--data", t.TempDir()}},
		{"directory", fmt.Sprint(first.cmd.Process.Pid), []string{"--listen", "127.0.0.1:0", "--data", data}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, code := runWeir(t, nil, append([]string{"serve"}, c.args...)...)
			if code != exitFailed || !strings.Contains(out, c.says) {
				t.Errorf("ended with %d and said %q; want %d and %q", code, out, exitFailed, c.says)
			}
		})
	}
}

// TestPipesSideBySide runs two pipes at once, on the default port.
func TestPipesSideBySide(t *testing.T) {
	lines := map[string][]string{
		"\n":   {`{"time":"2026-01-02T03:04:05Z","level":"WARN","msg":"from slog","n":1}`, "2015-10-18 18:01:47,978 INFO [main] a.b.C: plain", "", "no time here"},
		"\r\n": {"level=error msg=\"from logfmt\" n=2", "081109 203615 148 INFO dfs.DataNode: block"},
	}
	var running []*process
	for end, text := range lines {
		input := strings.NewReader(strings.Join(text, end))
		p := start(t, input, "--no-open")
		for _, other := range running {
			if other.url == p.url {
				t.Errorf("two pipes serve at %s", p.url)
			}
		}
		running = append(running, p)
		p.until(len(text))
		for i, r := range p.records("") {
			if r["level"] == nil && strings.Contains(text[i], "level") {
				t.Errorf("%q became %v", text[i], r)
			}
		}
		if got := p.output(); got != strings.Join(text, end) {
			t.Errorf("passed through %q", got)
		}
	}
	for _, p := range running {
		if code := p.stop(syscall.SIGINT); code != exitDone {
			t.Errorf("Ctrl-C ended the pipe with %d\n%s", code, p.errors())
		}
	}
}

func TestPipeEndsWithItsInputWhenAsked(t *testing.T) {
	data := filepath.Join(t.TempDir(), "kept")
	var input strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&input, "level=info msg=\"line %d\"\n", i)
	}
	if out, code := runWeir(t, strings.NewReader(input.String()), "--no-open", "--quiet", "--exit", "--data", data); code != exitDone {
		t.Fatalf("ended with %d: %s", code, out)
	}
	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	if got := len(p.records("")); got != 5000 {
		t.Errorf("%d records were kept, want 5000", got)
	}
	if got := len(p.records(`"line 4999"`)); got != 1 {
		t.Errorf("the last line was found %d times", got)
	}
}

// until waits until the server has stored n records.
func (p *process) until(n int) {
	p.t.Helper()
	for range 1000 {
		if p.metric("weir_records_stored_total") >= float64(n) {
			return
		}
	}
	p.t.Fatalf("%d records were not stored\n%s", n, p.errors())
}

func runWeir(t *testing.T, stdin *strings.Reader, args ...string) (output string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: append([]string{"weir"}, args...), Env: append(os.Environ(), "CI=true")}
	if stdin != nil {
		cmd.Stdin = stdin
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func zipped(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOddTextInTheMiddleOfABatch sends what breaks databases, between two ordinary
// records, through the whole server.
func TestOddTextInTheMiddleOfABatch(t *testing.T) {
	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	huge := strings.Repeat("x", 5<<20)
	body := "{\"message\":\"before\"}\n" +
		`{"message":"nul \u0000 here","k":"\u0000"}` + "\n" +
		"{\"message\":\"byte \xff here\"}\n" +
		`{"message":"half \ud800 pair"}` + "\n" +
		`{"message":"` + huge + `"}` + "\n" +
		`{"message":"after"}`
	status, answer, err := p.post("/api/v1/records", "", "", []byte(body))
	if err != nil || status != http.StatusOK || !strings.Contains(answer, `"count":6,"repaired":3`) {
		t.Fatal(status, answer, err)
	}
	got := p.records("")
	for i, want := range []struct{ message, replaced string }{
		{"before", ""},
		{"nul \ufffd here", "4:00"},
		{"byte \ufffd here", "5:ff"},
		{"half \ufffd\ufffd\ufffd pair", "5:ed,6:a0,7:80"},
		{huge, ""},
		{"after", ""},
	} {
		if i >= len(got) {
			t.Fatalf("%d records came back", len(got))
		}
		metadata, _ := got[i]["metadata"].(map[string]any)
		replaced, _ := metadata["_replaced"].(map[string]any)
		if message, _ := got[i]["message"].(string); message != want.message {
			t.Errorf("record %d says %.40q, want %.40q", i, message, want.message)
		}
		if note, _ := replaced["message"].(string); note != want.replaced {
			t.Errorf("record %d notes %q, want %q", i, note, want.replaced)
		}
	}
}

// TestASignalDuringAPipeStoresWhatWasPassedThrough ends a pipe in full flow.
func TestASignalDuringAPipeStoresWhatWasPassedThrough(t *testing.T) {
	data := t.TempDir()
	p := start(t, nil, "--no-open", "--listen", "127.0.0.1:0", "--data", data)
	go func() {
		for i := 0; ; i++ {
			if _, err := fmt.Fprintf(p.stdin, "line %d\n", i); err != nil {
				return // it has ended
			}
		}
	}()
	p.until(1000)
	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("ended with %d\n%s", code, p.errors())
	}
	lines := strings.Split(p.output(), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	server := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	if got := len(server.records("")); got != len(lines) {
		t.Errorf("%d lines were passed through, %d are stored", len(lines), got)
	}
}

// TestPlacesAtTheEndOfTime searches behind the largest position there can be.
func TestPlacesAtTheEndOfTime(t *testing.T) {
	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", t.TempDir())
	if status, answer, err := p.post("/api/v1/records", "", "", []byte(`{"message":"one"}`)); err != nil || status != http.StatusOK {
		t.Fatal(status, answer, err)
	}
	for path, want := range map[string]string{
		"after=9223372036854775807":  `{"records":[],"complete":true`,
		"before=9223372036854775807": `"message":"one"`,
		"before=c1y2p0ij32e8e7":      `"message":"one"`,
	} {
		if got := p.get("/api/v1/records?" + path); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}
