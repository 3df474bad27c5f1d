package ship

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/weirlog/weir"
)

// TestWithALogger: the sink sees gaps in the logger's numbers, and its own have none; the
// logger's patience and error output are its own.
func TestWithALogger(t *testing.T) {
	srv, told := newServer(), &notes{}
	sink, err := New("http://weir.test", Options{HTTPClient: &http.Client{Transport: srv}, Token: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	l := weir.New("app", weir.WithErrorOutput(told), weir.WithSink(weir.ConfigureSink(sink, weir.SinkOptions{Level: slog.LevelWarn})))
	for range 50 {
		l.Info("not for the server")
		l.Warn("for it")
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if got := srv.messages(); len(got) != 50 || got[0] != "for it" {
		t.Errorf("%d stored", len(got))
	}
	for _, p := range srv.all() {
		if !strings.HasPrefix(p.key, sink.queue.source+"/") {
			t.Error(p.key)
		}
	}
	if !strings.Contains(told.String(), "sent without TLS") || strings.Contains(told.String(), "s3cret") {
		t.Errorf("people were told %q", told)
	}
	checkSum(t, sink)
}
