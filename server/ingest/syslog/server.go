package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"golang.org/x/sync/semaphore"
)

// The protocols of the ledger.
const (
	protocolTCP = "syslog-tcp"
	protocolUDP = "syslog-udp"
	protocolTLS = "syslog-tls"
)

// The reasons of troubles with senders.
const (
	troubleConnections = "connections" // there were too many
	troubleConnection  = "connection"  // one broke
	troubleHandshake   = "handshake"   // TLS was not agreed upon
	troubleFraming     = "framing"     // lengths in front of messages are wrong
	troubleKernel      = "kernel"      // the socket's buffer was full
	troubleMemory      = "memory"      // a message was split because others use the memory
)

// Server takes messages in. Its methods may be called concurrently; Run only once.
type Server struct {
	opts   Options
	gate   *gate.Gate
	parser *Parser
	tcp    *net.TCPListener
	udp    *datagrams // nil with TLS

	protocol string              // of the streams
	places   chan struct{}       // a token for each connection
	memory   *memory             // of long messages
	batches  *semaphore.Weighted // of connections that have parsed and not yet stored

	troubles  *troubles
	endWait   time.Duration // the constants of these names; tests have less time
	restWait  time.Duration
	storeTime time.Duration

	stopOnce sync.Once
	stop     chan struct{} // closed by Close
}

// batchesAtOnce bounds the parsed records that connections hold while the store is
// away, to a megabyte for each of so many; the others wait with their bytes.
const batchesAtOnce = 64

// Listen opens the sockets: TCP, and UDP on the same port unless TLS is spoken. The
// caller calls Run, or Close.
func Listen(g *gate.Gate, opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts:     opts,
		gate:     g,
		parser:   NewParser(opts.Zone, opts.Clock),
		protocol: protocolTCP,
		places:   make(chan struct{}, opts.MaxConnections),
		memory:   newMemory(opts.MaxMemory),
		batches:  semaphore.NewWeighted(batchesAtOnce),
		stop:     make(chan struct{}),

		troubles:  newTroubles(g, opts.Clock),
		endWait:   endWait,
		restWait:  restWait,
		storeTime: storeTime,
	}
	if opts.TLS != nil {
		s.protocol = protocolTLS
	}
	if err := s.listen(); err != nil {
		return nil, fmt.Errorf("listen for syslog on %s: %w", opts.Address, err)
	}
	return s, nil
}

// portTries is how often another port is taken when any will do and the one that TCP
// got is taken for UDP.
const portTries = 10

func (s *Server) listen() error {
	for try := 1; ; try++ {
		l, err := net.Listen("tcp", s.opts.Address)
		if err != nil {
			return err
		}
		s.tcp = l.(*net.TCPListener)
		if s.opts.TLS != nil {
			return nil
		}
		s.udp, err = s.listenUDP(s.tcp.Addr().(*net.TCPAddr).Port)
		if err == nil {
			return nil
		}
		err = errors.Join(err, s.tcp.Close())
		if _, port, _ := net.SplitHostPort(s.opts.Address); port != "0" || try == portTries {
			return err
		}
	}
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.tcp.Addr() }

// drainTime is how long a server that stops waits for the rest of what was on its way:
// a sender over TCP takes that for delivered.
const drainTime = 250 * time.Millisecond

// storeTime is how long a server that stops tries to store what it has read: a second
// less than the four that it gives all receivers together, so that what is not stored
// then is still counted.
const storeTime = 3 * time.Second

// Run takes messages in until ctx ends or Close is called, and returns when all that
// it has read is stored. What could not be stored in time is counted as refused.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	storing, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	ended := context.AfterFunc(ctx, func() { time.AfterFunc(s.storeTime, giveUp) })
	defer ended()
	defer context.AfterFunc(ctx, func() { s.tcp.Close() })() //nolint:errcheck // it is closed in any case
	go func() {
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	var wg sync.WaitGroup
	var accepted, received error
	wg.Go(func() { accepted = s.accept(ctx, storing); cancel() })
	if s.udp != nil {
		wg.Go(func() { received = s.udp.run(ctx, storing); cancel() })
	}
	wg.Wait()
	if err := errors.Join(accepted, received); err != nil {
		return fmt.Errorf("take in syslog on %s: %w", s.Addr(), err)
	}
	return nil
}

// Close ends Run, or closes the sockets of a server that was never run.
func (s *Server) Close() error {
	s.stopOnce.Do(func() { close(s.stop) })
	err := s.tcp.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	return err
}

// overLimitPause keeps clients that come again at once from filling the log.
const overLimitPause = 100 * time.Millisecond

// acceptPause is how long the server waits when the system has no more descriptors.
const acceptPause = 50 * time.Millisecond

// accept serves connections until ctx ends, and waits for them.
func (s *Server) accept(ctx, storing context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	for {
		conn, err := s.tcp.AcceptTCP()
		switch {
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			if err == nil {
				conn.Close() //nolint:errcheck // nothing was said on it
			}
			return nil
		case err != nil:
			if s.troubles.isTime("accept") {
				s.opts.Log.Error("accept a syslog connection", "error", err)
			}
			wait(ctx, acceptPause)
			continue
		}
		source := intake.Source{Protocol: s.protocol, Sender: hostOf(conn.RemoteAddr())}
		select {
		case s.places <- struct{}{}:
		default:
			s.troubles.tell(source, troubleConnections, fmt.Sprintf("%d connections are open, which is the limit: this one was closed", s.opts.MaxConnections))
			conn.Close() //nolint:errcheck // its sender comes again
			wait(ctx, overLimitPause)
			continue
		}
		wg.Go(func() {
			defer func() { <-s.places }()
			s.serve(ctx, storing, conn, source)
		})
	}
}

// handshakeTime bounds the agreement upon TLS.
const handshakeTime = 10 * time.Second

// serve takes in what comes over one connection.
func (s *Server) serve(ctx, storing context.Context, tcp *net.TCPConn, source intake.Source) {
	var conn net.Conn = tcp
	if s.opts.TLS != nil {
		secure := tls.Server(tcp, s.opts.TLS)
		limited, cancel := context.WithTimeout(ctx, handshakeTime)
		err := secure.HandshakeContext(limited)
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				s.troubles.tell(source, troubleHandshake, err.Error())
			}
			tcp.Close() //nolint:errcheck // nothing was said on it
			return
		}
		conn = secure
	}
	st := &stream{server: s, conn: conn, source: source, framer: newFramer(s.memory, s.opts.MaxMessage)}
	st.run(ctx, storing)
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}

// wait waits, and reports whether ctx has not ended.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
