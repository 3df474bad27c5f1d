package weirhttp_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// capture keeps what it is given.
type capture struct {
	mu      sync.Mutex
	records []record.Record
}

func (c *capture) WriteBatch(_ context.Context, batch []record.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range batch {
		c.records = append(c.records, batch[i].Clone())
	}
	return nil
}

func (c *capture) Close() error { return nil }

// newLogger returns a logger and a function that returns what was logged until then.
func newLogger(t testing.TB, opts ...weir.Option) (*weir.Logger, func() []record.Record) {
	t.Helper()
	c := &capture{}
	log := weir.New("shop", append([]weir.Option{weir.WithSink(c), weir.WithErrorOutput(io.Discard)}, opts...)...)
	t.Cleanup(func() { _ = log.Close() })
	return log, func() []record.Record {
		t.Helper()
		if err := log.Flush(context.Background()); err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return append([]record.Record(nil), c.records...)
	}
}

// text returns a field or an attribute of a record, "" when it has none.
func text(r record.Record, key string) string {
	switch key {
	case "trace_id":
		return r.TraceID
	case "span_id":
		return r.SpanID
	}
	value := ""
	for _, a := range r.Attrs {
		if a.Key == key {
			value = a.Value.String()
		}
	}
	return value
}

// count returns how many attributes of the key a record has.
func count(r record.Record, key string) (n int) {
	for _, a := range r.Attrs {
		if a.Key == key {
			n++
		}
	}
	return n
}

// only returns the one record with a message.
func only(t *testing.T, records []record.Record, message string) record.Record {
	t.Helper()
	var found []record.Record
	for _, r := range records {
		if r.Message == message {
			found = append(found, r)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d records %q in %v", len(found), message, messages(records))
	}
	return found[0]
}

func messages(records []record.Record) (all []string) {
	for _, r := range records {
		all = append(all, r.Message)
	}
	return all
}

// do sends a request through a handler without a network.
func do(h http.Handler, method, target string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func severity(level slog.Level) record.Severity { return record.SeverityOf(int(level)) }
