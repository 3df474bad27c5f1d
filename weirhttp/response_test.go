package weirhttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/weirhttp"
)

// bare is a ResponseWriter without any other ability.
type bare struct{ http.ResponseWriter }

type (
	canFlush    struct{}
	canHijack   struct{}
	canReadFrom struct{}
	canPush     struct{}
)

func (canFlush) Flush()                                        {}
func (canHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, errors.New("no") }
func (canReadFrom) ReadFrom(io.Reader) (int64, error)          { return 0, nil }
func (canPush) Push(string, *http.PushOptions) error           { return nil }

// TestAbilities: a handler sees exactly what the server's ResponseWriter can do.
func TestAbilities(t *testing.T) {
	type (
		w = http.ResponseWriter
		F = canFlush
		H = canHijack
		R = canReadFrom
		P = canPush
	)
	b := bare{httptest.NewRecorder()}
	b.ResponseWriter = struct{ w }{b.ResponseWriter}
	for _, c := range []struct {
		name string
		w    http.ResponseWriter
		can  string // of the letters; P counts where HTTP/2 has it
	}{
		{"", b, ""},
		{"F", struct {
			w
			F
		}{w: b}, "F"},
		{"H", struct {
			w
			H
		}{w: b}, "H"},
		{"R", struct {
			w
			R
		}{w: b}, "R"},
		{"P", struct {
			w
			P
		}{w: b}, "P"},
		{"FH", struct {
			w
			F
			H
		}{w: b}, "FH"},
		{"FR", struct {
			w
			F
			R
		}{w: b}, "FR"},
		{"HR", struct {
			w
			H
			R
		}{w: b}, "HR"},
		{"FHR", struct {
			w
			F
			H
			R
		}{w: b}, "FHR"},
		{"FP", struct {
			w
			F
			P
		}{w: b}, "FP"},
		{"FHRP", struct {
			w
			F
			H
			R
			P
		}{w: b}, "FHRP"},
	} {
		log, _ := newLogger(t)
		got := ""
		h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, ok := w.(http.Flusher); ok {
				got += "F"
			}
			if _, ok := w.(http.Hijacker); ok {
				got += "H"
			}
			if _, ok := w.(io.ReaderFrom); ok {
				got += "R"
			}
			if _, ok := w.(http.Pusher); ok {
				got += "P"
			}
		}))
		h.ServeHTTP(c.w, httptest.NewRequest(http.MethodGet, "/", nil))
		if got != c.can {
			t.Errorf("%s: a handler sees %q", c.name, got)
		}
	}
}

func TestResponseOverTheNetwork(t *testing.T) {
	for _, c := range []struct {
		name   string
		handle func(t *testing.T, w http.ResponseWriter)
		status string
		bytes  string
		body   string
	}{
		{"nothing written", func(*testing.T, http.ResponseWriter) {}, "200", "0", ""},
		{"io.WriteString", func(_ *testing.T, w http.ResponseWriter) { _, _ = io.WriteString(w, "text") }, "200", "4", "text"},
		{"io.Copy", func(_ *testing.T, w http.ResponseWriter) { _, _ = io.Copy(w, strings.NewReader("copied")) }, "200", "6", "copied"},
		{"the first status counts", func(_ *testing.T, w http.ResponseWriter) {
			w.WriteHeader(http.StatusAccepted)
		}, "202", "0", ""},
		{"an informational status", func(_ *testing.T, w http.ResponseWriter) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusTeapot)
		}, "418", "0", ""},
		{"a flush sends the header", func(t *testing.T, w http.ResponseWriter) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}, "200", "0", ""},
		{"deadlines", func(t *testing.T, w http.ResponseWriter) {
			c := http.NewResponseController(w)
			if err := errors.Join(c.SetWriteDeadline(time.Now().Add(time.Hour)), c.SetReadDeadline(time.Time{}), c.EnableFullDuplex()); err != nil {
				t.Error(err)
			}
		}, "200", "0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			log, records := newLogger(t)
			s := httptest.NewServer(weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.handle(t, w) })))
			resp, err := http.Get(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			s.Close()
			if err != nil || string(body) != c.body {
				t.Errorf("read %q, %v", body, err)
			}
			r := only(t, records(), "Request completed")
			if text(r, "status_code") != c.status || text(r, "bytes") != c.bytes {
				t.Errorf("status %s, %s bytes", text(r, "status_code"), text(r, "bytes"))
			}
		})
	}
}

func TestHijack(t *testing.T) {
	log, records := newLogger(t)
	returned := make(chan struct{}) // a server's Close does not wait for a hijacked connection
	h := weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	}))
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(returned)
		h.ServeHTTP(w, r)
	}))
	r, err := http.NewRequest(http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", resp, err)
	}
	resp.Body.Close()
	<-returned
	s.Close()
	got := only(t, records(), "Request completed")
	if text(got, "status_code") != "101" || text(got, "hijacked") != "true" {
		t.Errorf("completed: %v", got.Attrs)
	}
}

func TestHTTP2(t *testing.T) {
	log, records := newLogger(t)
	s := httptest.NewUnstartedServer(weirhttp.Middleware(log, weirhttp.Options{})(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "h2")
		if _, ok := w.(http.Hijacker); ok {
			t.Error("HTTP/2 has no Hijacker")
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	})))
	s.EnableHTTP2 = true
	s.StartTLS()
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "h2" || resp.ProtoMajor != 2 {
		t.Errorf("read %q over HTTP/%d, %v", body, resp.ProtoMajor, err)
	}
	s.Close()
	if got := text(only(t, records(), "Request completed"), "bytes"); got != "2" {
		t.Errorf("%s bytes", got)
	}
}
