// Package ship sends records to a server: `weir serve`, or any log-collector.
//
// [New] makes the sink. It copies each record's text into a batch in memory; one
// goroutine posts the batches, in order and one at a time, again and again until
// the server has them. A Weir server stores each record once, however often a batch is
// sent and whoever crashed in between, because every batch carries the sink's own numbers
// of its records. With Options.Spool, what does not fit into memory while the server is away, and
// what is left at the end, waits on disk and is sent first by the next start.
//
// The sink never keeps the logger waiting for long: without a spool the oldest records are
// dropped when there is no room. [Sink.Stats] counts what is lost and why, and the logger's
// Stats have the sum as Lost. What is in memory is lost when the program is killed.
//
// The sink answers before the server has a record, so weir.SinkOptions.Fallback would never
// get one: the logger refuses a fallback for this sink. Options.Spool is what keeps records
// while the server is away.
package ship

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// ErrClosed is the error of every call after Close.
var ErrClosed = errors.New("ship: the sink is closed")

// Sink ships records. WriteBatch and WriteLines have one caller at a time; all other
// methods may be called concurrently.
type Sink struct {
	opts   Options
	server *url.URL
	client *http.Client
	gzip   gzipper

	counters counters
	notices  notices

	mu      sync.Mutex // guards what follows; held while a spool file is written
	queue   queue
	spool   *spool   // nil: there is none
	work    []*batch // what the sender has in hand, in order; changed by the sender only
	away    bool     // the last request failed
	closing bool
	flushes []*flush
	given   context.Context // of the last WriteBatch: ends when the logger gives up

	uncounted struct{ records, bytes int } // taken by the call under way

	// wake tells the sender that there is something new; room tells a waiting
	// WriteBatch that something was settled. Both have a capacity of one.
	wake, room chan struct{}
	stop       chan struct{} // closed once, by Close
	ctx        context.Context
	cancel     context.CancelFunc // ends ctx: nothing more is sent
	done       chan struct{}      // closed by the sender at its end
}

var (
	_ weir.LineSink  = (*Sink)(nil)
	_ weir.Starter   = (*Sink)(nil)
	_ weir.Late      = (*Sink)(nil)
	_ weir.SelfNamed = (*Sink)(nil)
)

// New makes a sink for a server, as "https://logs.example.com" or
// "http://127.0.0.1:5678", with a path when it is not at the root. It does not wait for the
// server. Errors say what is wrong with the address, an option or the spool; none of them holds
// the token.
func New(server string, o Options) (*Sink, error) {
	if err := o.complete(); err != nil {
		return nil, fmt.Errorf("ship: %w", err)
	}
	u, err := parseServer(server)
	if err != nil {
		return nil, fmt.Errorf("ship: %w", err)
	}
	client, err := newClient(&o)
	if err != nil {
		return nil, fmt.Errorf("ship: %w", err)
	}
	s := &Sink{
		opts:   o,
		server: u,
		client: client,
		wake:   make(chan struct{}, 1),
		room:   make(chan struct{}, 1),
		stop:   make(chan struct{}),
		done:   make(chan struct{}),
	}
	s.notices.where, s.notices.w, s.notices.lost.spool = origin(u), o.ErrorOutput, o.Spool != ""
	s.queue = queue{source: newSource(), opts: &s.opts}
	if o.Spool != "" {
		if s.spool, err = s.openSpool(); err != nil {
			return nil, fmt.Errorf("ship: %w", err)
		}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	go (&sender{Sink: s, protocol: o.Protocol}).run()
	return s, nil
}

// newSource names this sink. It is not the logger's source id: the records that reach
// the sink may have gaps there, and the key of a batch has none.
func newSource() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

// SinkName implements weir.SelfNamed: "ship" and the server's address.
func (s *Sink) SinkName() string { return "ship " + s.notices.where }

// Lost implements weir.Late: what was dropped for any reason, and what the server refused
// and the spool does not keep aside. It counts records of earlier starts too.
func (s *Sink) Lost() uint64 { return s.Stats().Lost() }

// Start implements weir.Starter: from now on people are told through the logger.
func (s *Sink) Start(l *weir.Logger) error {
	s.notices.startWith(l)
	if s.opts.Token != "" && s.server.Scheme == "http" && !isLoopback(s.server.Hostname()) {
		s.notices.unsafe("the token is sent without TLS", "use https, or a network that nobody else listens on")
	}
	return nil
}

// WriteBatch implements weir.Sink: it copies the records' text and returns. When
// there is no room it puts the oldest batches into the spool; without one it waits up to half a
// second for a server that answers, and then drops the oldest. Its only error is ErrClosed.
func (s *Sink) WriteBatch(ctx context.Context, batch []record.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return ErrClosed
	}
	s.watch(ctx)
	defer s.count()
	patience := roomWait
	for i := range batch {
		b := s.queue.buffer()
		start := len(b)
		b = append(record.AppendJSON(b, &batch[i]), '\n')
		s.taken(ctx, b, len(b)-start, &patience)
	}
	return nil
}

// AcceptsLines implements weir.LineSink.
func (s *Sink) AcceptsLines() bool { return true }

// WriteLines implements weir.LineSink: it is WriteBatch for records that are JSON
// lines already.
func (s *Sink) WriteLines(ctx context.Context, lines []byte, _ int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return ErrClosed
	}
	s.watch(ctx)
	defer s.count()
	patience := roomWait
	for line := range eachLine(lines) {
		s.taken(ctx, append(s.queue.buffer(), line...), len(line), &patience)
	}
	return nil
}

// watch lets the end of the logger's patience end Close as well. The lock is held.
func (s *Sink) watch(ctx context.Context) {
	if s.given == nil {
		s.notices.begin()
	}
	s.given = ctx
}

// taken adds the record in the last n bytes of b, which is the open batch's buffer. The
// lock is held, and given up while it waits for room.
func (s *Sink) taken(ctx context.Context, b []byte, n int, patience *time.Duration) {
	if n > s.opts.QueueBytes {
		s.counters.change(func(c *Stats) { c.Records++; c.drop(DroppedTooLarge, 1) })
		s.notices.dropped(DroppedTooLarge, 1)
		s.queue.keep(b[:len(b)-n])
		return
	}
	s.uncounted.records++
	s.uncounted.bytes += n
	if s.queue.add(b, n) {
		s.count()
		signal(s.wake)
	}
	if s.queue.over() {
		s.count()
		s.makeRoom(ctx, patience)
	}
}

// count tells Stats what was taken. Nobody can settle a record before that. The lock is
// held.
func (s *Sink) count() {
	u := s.uncounted
	s.uncounted.records, s.uncounted.bytes = 0, 0
	s.counters.change(func(c *Stats) {
		c.Records += uint64(u.records)
		c.Queued += u.records
		c.QueuedBytes += u.bytes
	})
}

// Flush sends what was written before, without waiting for a batch to be full, and
// returns once the server has it. What is dropped or refused meanwhile is not waited for.
// Its error is ctx's, or ErrClosed.
func (s *Sink) Flush(ctx context.Context) error {
	s.notices.begin()
	f, err := s.beginFlush()
	if err != nil || f == nil {
		return err
	}
	select {
	case <-f.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("ship: flush: %w", ctx.Err())
	case <-s.done:
		return ErrClosed
	}
}

// Close implements weir.Sink: it sends what is left, for CloseTimeout at most and no longer than
// the logger waits, puts the rest into the spool or drops it, and ends the sender. While the server
// is away and there is a spool, one try is all.
//
// Its error is a [*weir.Error] that says how many records were lost since New, by that and
// before, why, and what to do. The logger's error output or diagnostics get it too, because few
// programs look at what Close returns.
func (s *Sink) Close() error {
	if !s.beginClose() {
		<-s.done
		return nil
	}
	timer := time.AfterFunc(s.opts.CloseTimeout, s.cancel)
	defer timer.Stop()
	if ctx := s.givenContext(); ctx != nil && (s.opts.Spool != "" || ctx.Err() == nil) {
		defer context.AfterFunc(ctx, s.cancel)()
	}
	<-s.done
	s.cancel()
	s.client.CloseIdleConnections()
	stats := s.Stats()
	if stats.Lost() == 0 {
		return nil
	}
	err := s.notices.lostError(losses{by: stats.losses(), spool: s.opts.Spool != ""}, stats.Records+stats.Adopted)
	s.notices.end(err)
	return err
}

func (s *Sink) beginClose() (first bool) {
	s.notices.begin()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.closing = true
	close(s.stop)
	signal(s.wake)
	return true
}

func (s *Sink) givenContext() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given
}

// signal is sent to a channel of capacity one.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is known already
	}
}
