package ship

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// quick are options for tests on a real network: pauses are short.
func quick(t *testing.T) Options {
	return Options{RetryMin: time.Millisecond, RetryMax: 5 * time.Millisecond, Timeout: 10 * time.Second, BatchRecords: 100, FlushInterval: 5 * time.Millisecond, ErrorOutput: t.Output()}
}

// reset breaks the connection in a way that the sender notices.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, not an end
	}
	_ = conn.Close()
}

// TestNetworkFaults: connections that are refused, reset, cut and slow cost nothing.
func TestNetworkFaults(t *testing.T) {
	srv := newServer()
	cut := func(w http.ResponseWriter, _ *http.Request) {
		conn, b, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprint(b, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"status\":")
		_ = errors.Join(b.Flush(), conn.Close())
	}
	slow := func(w http.ResponseWriter, _ *http.Request) {
		for _, b := range []byte(`{"status":"ok","count":100,"deduplicated":0}`) {
			_, _ = w.Write([]byte{b})
			_ = http.NewResponseController(w).Flush()
		}
	}
	srv.next(reset, srv.storeThen(reset), cut, srv.storeThen(cut), status(500), srv.storeThen(slow), reset, reset, reset, reset, reset, reset, reset, reset)
	ts := httptest.NewServer(srv)
	defer ts.Close()
	sink := mustNew(t, ts.URL, quick(t))
	write(t, sink, 1, 1000)
	mustFlush(t, sink)
	wantInOrder(t, srv, 1, 1000)
	if st := sink.Stats(); st.Sent != 1000 || st.Refused != 0 {
		t.Errorf("%+v", st)
	}
}

// TestResetInTheMiddleOfABody: a server that stops reading large bodies gets them in
// smaller ones.
func TestResetInTheMiddleOfABody(t *testing.T) {
	srv := newServer()
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > 15_000 {
			_, _ = io.CopyN(io.Discard, r.Body, 1000)
			reset(w, r)
			return
		}
		srv.ServeHTTP(w, r)
	}))
	defer ts.Close()
	o := quick(t)
	o.Compression = CompressionNone
	sink := mustNew(t, ts.URL, o)
	write(t, sink, 1, 200)
	mustFlush(t, sink)
	wantInOrder(t, srv, 1, 200)
}

// TestServerComesLate: nothing listens at first.
func TestServerComesLate(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	sink := mustNew(t, "http://"+address, quick(t))
	write(t, sink, 1, 300)
	for sink.Stats().LastError == "" {
		runtime.Gosched() // until the first try has failed
	}
	if l, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	srv := newServer()
	ts := &httptest.Server{Listener: l, Config: &http.Server{Handler: srv}}
	ts.Start()
	defer ts.Close()
	mustFlush(t, sink)
	wantInOrder(t, srv, 1, 300)
}

// TestToken: it is sent to the server, and is in no text.
func TestToken(t *testing.T) {
	const token = "s3cret-token"
	srv := newServer()
	ts := httptest.NewServer(srv)
	defer ts.Close()
	told := &notes{}
	o := quick(t)
	o.Token, o.ErrorOutput, o.Spool = token, told, t.TempDir()
	srv.next(status(401), status(500), reset)
	sink := mustNew(t, ts.URL+"/", o)
	write(t, sink, 1, 300)
	mustFlush(t, sink)
	for _, p := range srv.all() {
		if p.auth != "Bearer "+token {
			t.Errorf("Authorization: %q", p.auth)
		}
	}
	ts.Close()
	write(t, sink, 301, 100)
	mustClose(t, sink)
	if text := fmt.Sprintf("%+v %s", sink.Stats(), told); strings.Contains(text, token) || !strings.Contains(text, "records wait") {
		t.Errorf("the token, or nothing, is told: %s", text)
	}
}

// TestRedirects: one within the server is followed with the body, one to another host,
// or that would lose the body, is not: no record and no token goes there.
func TestRedirects(t *testing.T) {
	var strays atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strays.Add(1) }))
	defer stranger.Close()
	srv := newServer()
	var away, plain atomic.Int32
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && away.Add(1) == 1:
			http.Redirect(w, r, stranger.URL+weirPath, http.StatusTemporaryRedirect)
		case r.Method == http.MethodPost && plain.Add(1) == 1:
			http.Redirect(w, r, "/there"+weirPath, http.StatusFound)
		case strings.HasPrefix(r.URL.Path, "/here"):
			http.Redirect(w, r, strings.Replace(r.URL.Path, "/here", "/there", 1), http.StatusPermanentRedirect)
		default:
			http.StripPrefix("/there", srv).ServeHTTP(w, r)
		}
	}))
	defer ts.Close()
	o := quick(t)
	told := &notes{}
	o.Token, o.ErrorOutput = "s3cret", told
	sink := mustNew(t, ts.URL+"/here", o)
	write(t, sink, 1, 150)
	mustFlush(t, sink)
	wantInOrder(t, srv, 1, 150)
	if strays.Load() != 0 {
		t.Error("something was sent to another host")
	}
	for _, p := range srv.all() {
		if p.auth != "Bearer s3cret" {
			t.Errorf("Authorization: %q", p.auth)
		}
	}
	if !strings.Contains(told.String(), "redirects to "+stranger.URL) {
		t.Error(told)
	}
}

// TestTLS: a server with a certificate of one's own is trusted through a file or a
// configuration, and not otherwise.
func TestTLS(t *testing.T) {
	srv := newServer()
	ts := httptest.NewUnstartedServer(srv)
	ts.Config.ErrorLog = nil
	ts.StartTLS()
	defer ts.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ts.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ts.Certificate())
	from := 1
	for name, set := range map[string]func(*Options){
		"file":          func(o *Options) { o.CAFile = file },
		"configuration": func(o *Options) { o.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12} },
		"both":          func(o *Options) { o.TLS, o.CAFile = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, file },
		"client":        func(o *Options) { o.HTTPClient = ts.Client() },
	} {
		o := quick(t)
		set(&o)
		sink := mustNew(t, ts.URL, o)
		write(t, sink, from, 10)
		from += 10
		mustFlush(t, sink)
		if len(srv.messages()) != from-1 {
			t.Errorf("%s: %d stored", name, len(srv.messages()))
		}
	}
	sink := mustNew(t, ts.URL, quick(t))
	write(t, sink, from, 10)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := sink.Flush(ctx); err == nil || !strings.Contains(sink.Stats().LastError, "certificate") {
		t.Errorf("a stranger's certificate: %v, %+v", err, sink.Stats())
	}
}

// TestProxy: requests go through the proxy.
func TestProxy(t *testing.T) {
	srv := newServer()
	var through atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "weir.test" { // absolute, as a proxy gets it
			through.Add(1)
		}
		srv.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	o := quick(t)
	o.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }
	sink := mustNew(t, "http://weir.test", o)
	write(t, sink, 1, 100)
	mustFlush(t, sink)
	wantInOrder(t, srv, 1, 100)
	if through.Load() == 0 {
		t.Error("nothing went through the proxy")
	}
}
