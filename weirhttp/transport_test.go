package weirhttp_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/weirhttp"
)

// seen returns the headers that another server gets when a request is sent with ctx.
func seen(t *testing.T, ctx context.Context, own http.Header) http.Header {
	t.Helper()
	got := make(chan http.Header, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header }))
	defer s.Close()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range own {
		r.Header[k] = v
	}
	before := fmt.Sprint(r.Header)
	client := &http.Client{Transport: weirhttp.Transport(nil)}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	client.CloseIdleConnections()
	if fmt.Sprint(r.Header) != before {
		t.Error("the caller's request was changed")
	}
	return <-got
}

// inside returns the context of a request that came in with the headers.
func inside(t *testing.T, header map[string]string) (ctx context.Context) {
	t.Helper()
	log, _ := newLogger(t)
	h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { ctx = context.WithoutCancel(r.Context()) }))
	do(h, http.MethodGet, "/", header)
	return ctx
}

func TestTransportPassesTheTraceOn(t *testing.T) {
	in := inside(t, map[string]string{"Traceparent": "00-" + someTrace + "-" + someSpan + "-01", "Tracestate": "vendor=1"})
	const other = "4bf92f3577b34da6a3ce929d0e0e4736"
	for _, c := range []struct {
		name        string
		ctx         context.Context
		own         http.Header
		id          string
		traceparent string // its beginning
		state       string
	}{
		{"no trace", context.Background(), nil, "", "", ""},
		{"as it came", in, nil, someTrace, "00-" + someTrace + "-" + someSpan + "-01", "vendor=1"},
		{"from x-trace-id", inside(t, map[string]string{"X-Trace-Id": someTrace}), nil, someTrace, "00-" + someTrace + "-", ""},
		{"of weir.With", weir.With(context.Background(), "trace_id", someTrace, "span_id", someSpan), nil, someTrace, "00-" + someTrace + "-" + someSpan + "-00", ""},
		{"a dashed UUID", weir.With(context.Background(), "trace_id", "0af76519-16cd-43dd-8448-eb211c80319c"), nil, someTrace, "00-" + someTrace + "-", ""},
		{"an inner one wins", weir.With(in, "trace_id", other), nil, other, "00-" + other + "-", ""},
		{"an id of another make", weir.With(in, "trace_id", "req-42"), nil, "req-42", "", ""},
		{"an id that would forge a header", weir.With(context.Background(), "trace_id", "a\r\nb: c"), nil, "", "", ""},
		{"headers of the caller's own stay", in, http.Header{"Traceparent": {"own"}, "X-Trace-Id": {"mine"}}, "mine", "own", ""},
	} {
		got := seen(t, c.ctx, c.own)
		if got.Get("X-Trace-Id") != c.id {
			t.Errorf("%s: x-trace-id is %q, want %q", c.name, got.Get("X-Trace-Id"), c.id)
		}
		tp := got.Get("Traceparent")
		if !strings.HasPrefix(tp, c.traceparent) || c.traceparent == "" && tp != "" || c.own == nil && tp != "" && len(tp) != 55 {
			t.Errorf("%s: traceparent is %q, want %q", c.name, tp, c.traceparent)
		}
		if got.Get("Tracestate") != c.state {
			t.Errorf("%s: tracestate is %q, want %q", c.name, got.Get("Tracestate"), c.state)
		}
	}
	if tp := seen(t, weir.With(in, "trace_id", other), nil).Get("Traceparent"); strings.Contains(tp, someSpan) {
		t.Errorf("another trace got the span of the first: %s", tp)
	}
}

func ExampleTransport() {
	downstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println("the other service sees", r.Header.Get("X-Trace-Id"))
	}))
	defer downstream.Close()

	client := &http.Client{Transport: weirhttp.Transport(nil)}
	ctx := weir.With(context.Background(), "trace_id", "0af7651916cd43dd8448eb211c80319c")
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, downstream.URL, nil)
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		panic(err)
	}
	resp.Body.Close()
	// Output: the other service sees 0af7651916cd43dd8448eb211c80319c
}
