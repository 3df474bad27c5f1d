package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
)

// GRPCOptions shape the server for gRPC; zero fields take the defaults. How large a
// message may be, as sent and unpacked, is the gate's to say.
type GRPCOptions struct {
	TLS *tls.Config // with it the server speaks TLS only

	MaxStreams  int           // calls that one connection may have at once; default DefaultMaxStreams
	ReadTimeout time.Duration // for one message to come in; default DefaultReadTimeout
	IdleTimeout time.Duration // ends a connection without calls; default DefaultIdleTimeout
	PingAfter   time.Duration // of silence the client is asked whether it is there; default DefaultPingAfter

	Log *slog.Logger // the server's own; default: none
}

// Defaults of the server for gRPC.
const (
	// DefaultMaxStreams is what HTTP/2 asks a server to allow at least. An SDK has one
	// call at a time, a collector ten.
	DefaultMaxStreams = 100
	// DefaultReadTimeout is three times what SDKs wait for a whole call. Without it a
	// sender that stands still would keep the room that its message was given.
	DefaultReadTimeout = 30 * time.Second
	// DefaultIdleTimeout is longer than senders wait between batches; those that are
	// quieter connect again by themselves.
	DefaultIdleTimeout = 10 * time.Minute
	// DefaultPingAfter finds out that the other side is gone before a proxy in between
	// forgets the connection.
	DefaultPingAfter = time.Minute
)

// Bounds that nobody has a reason to change.
const (
	pingTimeout    = 15 * time.Second // for the answer to a ping
	writeTimeout   = 30 * time.Second // without a byte of an answer going out
	maxHeaderBytes = 64 << 10         // of one call: those of SDKs have less than one
	// receiveBuffer is what one connection may send before somebody reads it: five
	// batches of an SDK's 512 records, packed, so that a call need not wait for another.
	receiveBuffer = 512 << 10
)

// GRPC serves opentelemetry.proto.collector.logs.v1.LogsService.
//
// It stands on net/http's HTTP/2: so the bytes of a message are counted, bounded and
// unpacked by the same gate as those of every other request, while they come in. A
// library for gRPC hands over messages that it has read and unpacked as a whole,
// whatever else the server holds at the time.
type GRPC struct {
	door
	http *http.Server
	tls  bool
}

// NewGRPC makes a server behind a gate.
func NewGRPC(g *gate.Gate, opts GRPCOptions) *GRPC {
	opts = opts.withDefaults()
	s := &GRPC{door: newDoor(g), tls: opts.TLS != nil}
	var protocols http.Protocols
	protocols.SetHTTP1(true) // only to tell those who speak it where to go
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	s.http = &http.Server{
		Handler:           s,
		TLSConfig:         opts.TLS,
		Protocols:         &protocols,
		ReadHeaderTimeout: opts.ReadTimeout,
		ReadTimeout:       opts.ReadTimeout,
		IdleTimeout:       opts.IdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(opts.Log.Handler(), slog.LevelDebug),
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          opts.MaxStreams,
			MaxReceiveBufferPerConnection: receiveBuffer,
			MaxReceiveBufferPerStream:     receiveBuffer,
			SendPingTimeout:               opts.PingAfter,
			PingTimeout:                   pingTimeout,
			WriteByteTimeout:              writeTimeout,
		},
	}
	return s
}

func (o GRPCOptions) withDefaults() GRPCOptions {
	if o.MaxStreams <= 0 {
		o.MaxStreams = DefaultMaxStreams
	}
	if o.ReadTimeout <= 0 {
		o.ReadTimeout = DefaultReadTimeout
	}
	if o.IdleTimeout <= 0 {
		o.IdleTimeout = DefaultIdleTimeout
	}
	if o.PingAfter <= 0 {
		o.PingAfter = DefaultPingAfter
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Serve answers calls on l, which it closes, until Stop: then it returns nil, which may
// be before the last calls are answered.
func (s *GRPC) Serve(l net.Listener) error {
	serve := s.http.Serve
	if s.tls {
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	if err := serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve OTLP over gRPC: %w", err)
	}
	return nil
}

// Stop takes no more calls, and returns when those under way are answered. When ctx ends
// first they are cut off.
func (s *GRPC) Stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("stop OTLP over gRPC: %w", errors.Join(err, s.http.Close()))
	}
	return err
}

// stopGrace is how long Run lets calls under way go on: as long as a call may wait for
// the store, and a bit.
const stopGrace = 10 * time.Second

// Run is Serve until ctx ends, and then Stop.
func (s *GRPC) Run(ctx context.Context, l net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	return errors.Join(s.Stop(grace), <-served)
}
