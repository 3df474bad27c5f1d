package dashboard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// newMemory is a memory whose clock stands still, with n records.
func newMemory(ring, n int) *view.Memory {
	m := view.NewMemory(hub.Options{MaxRecords: ring}, func() time.Time { return noon })
	emit(m, n)
	return m
}

// emit commits n records, numbered from the first on.
func emit(m *view.Memory, n int) {
	for range n {
		seq := m.Hub().Stats().Published + 1
		message := "an even one"
		if seq%2 == 1 {
			message = "an odd one"
		}
		m.Commit([]record.Record{{Seq: seq, SourceID: "s", Message: message, Severity: record.SeverityInfo, Logger: "test"}})
	}
}

func serve(t *testing.T, b view.Backend, opts dashboard.Options) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(dashboard.New(b, opts))
	t.Cleanup(s.Close)
	t.Cleanup(b.Hub().Close) // first: it ends the streams
	return s
}

// fetch sends a request with headers, in pairs, and reads the whole answer.
func fetch(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
			continue
		}
		req.Header.Add(headers[i], headers[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// errorCode returns the code of an error body, which must have a hint.
func errorCode(t *testing.T, body string) string {
	t.Helper()
	var e dashboard.ErrorBody
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error.Message == "" || e.Error.Hint == "" {
		t.Errorf("the error %q is not one: %v", body, err)
	}
	return e.Error.Code
}

// event is a server-sent event.
type event struct{ id, name, data string }

// reader reads a stream.
type reader struct {
	t      *testing.T
	lines  *bufio.Reader
	cancel context.CancelFunc
	body   io.ReadCloser
}

func open(t *testing.T, url string, headers ...string) *reader {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t, bufio.NewReader(resp.Body), cancel, resp.Body}
	t.Cleanup(r.close)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", url, resp.Status)
	}
	return r
}

func (r *reader) close() {
	r.cancel()
	r.body.Close()
}

func (r *reader) line() (string, bool) {
	line, err := r.lines.ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err == nil
}

// event returns the next event; ok is false at the end of the stream.
func (r *reader) event() (e event, ok bool) {
	for {
		line, ok := r.line()
		if !ok {
			return event{}, false
		}
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				return e, true
			}
		}
	}
}

// records returns the records of an event.
func (e event) records(t *testing.T) []record.Record {
	t.Helper()
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(e.data), &raw); err != nil {
		t.Fatalf("%q: %v", e.data, err)
	}
	return parseAll(t, raw)
}

func parseAll(t *testing.T, raw []json.RawMessage) []record.Record {
	t.Helper()
	out := make([]record.Record, len(raw))
	for i := range raw {
		r, _, err := record.ParseJSON(raw[i], record.ParseOptions{})
		if err != nil {
			t.Fatalf("%s: %v", raw[i], err)
		}
		out[i] = r
	}
	return out
}
