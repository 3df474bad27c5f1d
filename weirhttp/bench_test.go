package weirhttp_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirhttp"
)

type discard struct{}

func (discard) WriteBatch(context.Context, []record.Record) error { return nil }
func (discard) Close() error                                      { return nil }

// nowhere is a ResponseWriter that costs nothing.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) WriteHeader(int)             {}
func (n *nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) Flush()                      {}

var answers = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })

func typicalRequest() *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/api/users/7", nil)
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("Traceparent", "00-"+someTrace+"-"+someSpan+"-01")
	return r
}

// BenchmarkMiddleware is what the middleware adds to a request, with its record.
func BenchmarkMiddleware(b *testing.B) {
	for _, c := range []struct {
		name  string
		wrap  bool
		level weir.Option
		o     weirhttp.Options
	}{
		{"without", false, nil, weirhttp.Options{}},
		{"completed", true, nil, weirhttp.Options{}},
		{"received and completed", true, nil, weirhttp.Options{Received: true}},
		{"context only", true, nil, weirhttp.Options{Skip: func(*http.Request) bool { return true }}},
	} {
		b.Run(c.name, func(b *testing.B) {
			log := weir.New("shop", weir.WithSink(discard{}))
			defer log.Close()
			var h http.Handler = answers
			if c.wrap {
				h = weirhttp.Middleware(log, c.o)(h)
			}
			r, w := typicalRequest(), &nowhere{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}
