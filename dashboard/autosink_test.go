package dashboard

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/null"
)

// failing is a listener whose socket is gone.
type failing struct{ net.Listener }

func (failing) Accept() (net.Conn, error) { return nil, errors.New("socket is gone") }

// TestPageThatEndsIsReported: the logger's diagnostics get it, and logging goes on.
func TestPageThatEndsIsReported(t *testing.T) {
	reported := make(chan error, 1)
	log := weir.New("shop", weir.WithSink(null.New()), weir.WithDiagnostics(func(err error) { reported <- err }))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newAutoSink(newAutoOptions([]AutoOption{Address("127.0.0.1:5678"), NoOpen()}))
	s.serve(failing{listener}, log)
	<-s.served
	var e *weir.Error
	if err := <-reported; !errors.As(err, &e) || e.Code() != "SINK::Page::IO::ERROR" || !strings.HasPrefix(e.Error(), "the live page has ended: socket is gone (") || e.Context["address"] != "127.0.0.1:5678" {
		t.Errorf("reported %+v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

// TestPageThatCannotStart: New's diagnostics get a *weir.Error that says what to do.
func TestPageThatCannotStart(t *testing.T) {
	s := newAutoSink(newAutoOptions([]AutoOption{Address("203.0.113.1:5678"), NoOpen()}))
	var reported []error
	log := weir.New("shop", weir.WithSink(null.New(), s), weir.WithDiagnostics(func(err error) { reported = append(reported, err) }))
	var e *weir.Error
	if len(reported) != 1 || !errors.As(reported[0], &e) || !strings.Contains(e.Error(), "start sink page: serve the live page: ") || !strings.Contains(e.Error(), "WEIR_DASHBOARD=off") {
		t.Errorf("reported %v", reported)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}
