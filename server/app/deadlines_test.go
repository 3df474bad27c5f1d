package app

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// serveBubble serves over pipes in a synctest bubble, where time is not real, and
// returns a client's connection.
func serveBubble(t *testing.T, h http.Handler) net.Conn {
	client, inner := net.Pipe()
	l := &oneListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
	l.conns <- inner
	server := &http.Server{Handler: h, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return client
}

// oneListener has one connection to accept.
type oneListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *oneListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *oneListener) Close() error   { close(l.closed); return nil }
func (l *oneListener) Addr() net.Addr { return &net.TCPAddr{} }

// TestBodyThatStandsStill: whether the handler reads the body or not, one that does not
// come ends the connection.
func TestBodyThatStandsStill(t *testing.T) {
	for name, read := range map[string]bool{"read": true, "not read": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := serveBubble(t, timed(patient(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if read {
						_, err := io.ReadAll(r.Body)
						fmt.Fprint(w, err)
					}
				}))))
				begin := time.Now()
				fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
				go func() {
					time.Sleep(bodyPause / 2)
					_, _ = conn.Write(make([]byte, 10)) // it goes on, and stops again
				}()
				if _, err := io.ReadAll(conn); err != nil {
					t.Error(err)
				}
				if took := time.Since(begin); took < bodyPause || took > 2*bodyPause {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestAnswerThatNobodyReads gives up.
func TestAnswerThatNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := make(chan error, 1)
		conn := serveBubble(t, timed(patient(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, err := w.Write(make([]byte, 1<<20))
			failed <- err
		}))))
		fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		begin := time.Now()
		if err := <-failed; err == nil || time.Since(begin) > 2*answerPause {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

// TestNextRequestHasItsOwnTime: the bound of one answer does not end the next one's.
func TestNextRequestHasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := http.NewServeMux()
		h.Handle("/one", timed(patient(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "1") }))))
		h.Handle("/two", timed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "2") })))
		conn := serveBubble(t, h)
		in := bufio.NewReader(conn)
		for _, path := range []string{"/one", "/two"} {
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", path)
			answer, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(answer.Body)
			if err != nil || !strings.Contains("/one1/two2", path+string(text)) {
				t.Errorf("%s: %q %v", path, text, err)
			}
			time.Sleep(2 * answerPause)
		}
	})
}
