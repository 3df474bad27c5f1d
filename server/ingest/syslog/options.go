package syslog

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"time"
)

// Options shape a server; zero fields take the defaults.
type Options struct {
	// Address is host:port, for TCP and for UDP; the caller must give it.
	Address string
	// TLS, when it is set, makes the server speak TLS, and not listen on UDP. [LoadTLS]
	// reads one from files.
	TLS *tls.Config

	Zone  *time.Location   // of times that name none; default time.Local
	Clock func() time.Time // gives the year to times without one; default time.Now
	Log   *slog.Logger     // the server's own; default: none

	MaxMessage     int           // bytes; a longer message is split; default DefaultMaxMessage
	MaxConnections int           // at once; default DefaultMaxConnections
	MaxMemory      int64         // bytes that all connections' long messages may hold; default DefaultMaxMemory
	IdleTimeout    time.Duration // ends a connection on which nothing comes; default: none
	UDPBuffer      int           // bytes that the kernel is asked to hold; default DefaultUDPBuffer
	UDPQueue       int           // bytes of datagrams that wait to be stored; default DefaultUDPQueue
}

// Defaults of a server.
const (
	// DefaultMaxMessage is more than senders make: rsyslog cuts at 8 KiB and syslog-ng at
	// 64 KiB unless told.
	DefaultMaxMessage = 1 << 20
	// leastMaxMessage is what RFC 5424 asks every receiver to take.
	leastMaxMessage = 2 << 10
	// DefaultMaxConnections is a fleet with a connection for each machine; idle they hold
	// 30 MB.
	DefaultMaxConnections = 1_000
	// DefaultMaxMemory lets 64 senders send the longest messages at the same time; those
	// beyond it are split.
	DefaultMaxMemory = 64 << 20
	// DefaultUDPBuffer holds 10,000 messages, a tenth of a second at full speed: longer than the
	// reader ever is away.
	DefaultUDPBuffer = 4 << 20
	// DefaultUDPQueue holds a second at 100,000 messages of 150 bytes, which a commit that
	// stalls was seen to take.
	DefaultUDPQueue = 16 << 20
)

// There is no default IdleTimeout: a client that logs once a day finds out that its
// connection is gone by losing a message. Keep-alive ends connections whose other side is
// gone.

func (o Options) withDefaults() (Options, error) {
	if o.Address == "" {
		return o, errors.New("no address for syslog: give one such as 127.0.0.1:5514")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	o.MaxMessage = max(o.MaxMessage, leastMaxMessage)
	if o.MaxConnections <= 0 {
		o.MaxConnections = DefaultMaxConnections
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = DefaultMaxMemory
	}
	if o.UDPBuffer <= 0 {
		o.UDPBuffer = DefaultUDPBuffer
	}
	if o.UDPQueue <= 0 {
		o.UDPQueue = DefaultUDPQueue
	}
	return o, nil
}
