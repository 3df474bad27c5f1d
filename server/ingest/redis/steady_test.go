package redis

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestSteadyConn: a connection on which something moves does not time out, and one on
// which nothing does is given up.
func TestSteadyConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		conn, err := steadyDialer(func(context.Context, string, string) (net.Conn, error) { return near, nil })(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer near.Close() //nolint:errcheck // of a test
		const wait = 3 * time.Second
		deadline := func() {
			if err := conn.SetDeadline(time.Now().Add(wait)); err != nil {
				t.Fatal(err)
			}
		}
		go func() { // says a byte every two seconds, ten times
			for range 10 {
				time.Sleep(2 * time.Second)
				far.Write([]byte("x")) //nolint:errcheck // the reader tells
			}
		}()
		deadline()
		if _, err := io.ReadFull(conn, make([]byte, 10)); err != nil {
			t.Error(err)
		}
		began := time.Now()
		if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != wait {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		go func() { // takes a part every two seconds, ten times
			for range 10 {
				time.Sleep(2 * time.Second)
				io.ReadFull(far, make([]byte, writeAtOnce)) //nolint:errcheck // the writer tells
			}
		}()
		deadline()
		if n, err := conn.Write(make([]byte, 11*writeAtOnce)); !errors.Is(err, os.ErrDeadlineExceeded) || n != 10*writeAtOnce {
			t.Errorf("%d bytes, %v", n, err)
		}
		if err := conn.SetDeadline(time.Time{}); err != nil {
			t.Error(err)
		}
		go func() {
			time.Sleep(time.Hour)
			far.Write([]byte("x")) //nolint:errcheck // the reader tells
		}()
		if _, err := conn.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
	})
}
