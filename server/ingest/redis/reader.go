// Package redis takes records from Redis: what is published on channels, and what
// waits in lists and streams.
//
// [New] reads the URLs of what to read, [Reader.Run] reads until its context ends. A
// message is python-redis-log's JSON, any other JSON that package record understands,
// several of them, or text.
//
// What is published is lost to whoever does not listen: after a lost connection, and
// when the store does not keep up, the reader says so in a record of the logger
// weir.redis and in the ledger. Lists and streams lose nothing: an element of a list
// waits in a list of its own, an entry of a stream is pending, until its records are
// durable. When the server is killed in between, or the connection breaks before Redis
// has confirmed, they are stored once more: duplicates are possible, losses are not.
//
// It does not read keys of other types, does not follow the nodes of a cluster, and
// removes nothing from streams.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// Protocol is the reader's name in the ledger.
const Protocol = "redis"

// logger is the name of the reader's own records: gaps.
const logger = "weir.redis"

// Gate is where records go; *gate.Gate is one. Its methods may be called concurrently.
type Gate interface {
	Keep(ctx context.Context, source intake.Source, batch []record.Record) (done int, err error)
	Lose(source intake.Source, n int)
	Trouble(source intake.Source, reason, message string)
	SetState(source intake.Source, state string)
}

// Options bound a Reader; zero fields take the defaults.
type Options struct {
	// BufferMessages and BufferBytes bound what was published and waits for the store, for
	// each URL. Defaults DefaultBufferMessages and DefaultBufferBytes.
	BufferMessages int
	BufferBytes    int
	// Batch is how many messages are taken at once. Default DefaultBatch.
	Batch int
	// ClaimIdle is how long an entry of a stream stays with another consumer that does not
	// confirm it. Default DefaultClaimIdle.
	ClaimIdle time.Duration
	// StopGrace is how long Run goes on storing what it took in once its context has
	// ended. Default DefaultStopGrace.
	StopGrace time.Duration

	Log   *slog.Logger // the server's own; default: none
	Clock func() time.Time
}

// Defaults of a reader.
const (
	// DefaultBufferMessages and DefaultBufferBytes are some seconds of a busy channel:
	// publishers do not wait, so this is what a store may stall without a loss.
	DefaultBufferMessages = 100_000
	DefaultBufferBytes    = 64 << 20
	// DefaultBatch makes a commit of the store worth it: 200,000 elements of a list took
	// 11 s in batches of 500, and 6 s in these. It is also what may come twice after a kill.
	DefaultBatch = 2000
	// DefaultClaimIdle is longer than a store is usually away: an entry that is taken from
	// a consumer which still works on it is stored twice.
	DefaultClaimIdle = 5 * time.Minute
	// DefaultStopGrace is a second less than the four that the server gives all receivers
	// together when it stops: what is not stored then is still counted.
	DefaultStopGrace = 3 * time.Second
)

// Reader reads from Redis.
type Reader struct {
	gate    Gate
	opts    Options
	sources []*source
}

// New reads the URLs. It connects to nothing yet. Its errors name a URL by its place,
// and show no part of it that may be a password.
func New(g Gate, urls []string, opts Options) (*Reader, error) {
	opts = opts.withDefaults()
	r := &Reader{gate: g, opts: opts}
	var wrong []error
	for i, text := range urls {
		s, err := parseURL(text)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("source %d of Redis: %w", i+1, err))
			continue
		}
		r.sources = append(r.sources, s)
	}
	return r, errors.Join(wrong...)
}

func (o Options) withDefaults() Options {
	number := func(n *int, otherwise int) {
		if *n <= 0 {
			*n = otherwise
		}
	}
	duration := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	number(&o.BufferMessages, DefaultBufferMessages)
	number(&o.BufferBytes, DefaultBufferBytes)
	number(&o.Batch, DefaultBatch)
	duration(&o.ClaimIdle, DefaultClaimIdle)
	duration(&o.StopGrace, DefaultStopGrace)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// Sources describes what is read, without secrets: "channel app at localhost:6379".
func (r *Reader) Sources() []string {
	var all []string
	for _, s := range r.sources {
		for _, of := range []struct {
			kind  string
			names []string
		}{{"channel", s.channels}, {"pattern", s.patterns}, {"list", s.lists}, {"stream", s.streams}} {
			for _, name := range of.names {
				all = append(all, s.sender(of.kind, name))
			}
		}
	}
	return all
}

func (s *source) sender(kind, name string) string { return kind + " " + name + " at " + s.at }

// Run reads until ctx ends, and then returns nil once what it took in is stored, or
// counted as lost.
func (r *Reader) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for _, s := range r.sources {
		client := goredis.NewClient(s.options)
		longer, cancel := withGrace(ctx, r.opts.StopGrace)
		// A reply that does not come holds up the stop no longer than that.
		hangUp := context.AfterFunc(longer, func() { _ = client.Close() })
		var users sync.WaitGroup
		if len(s.channels)+len(s.patterns) > 0 {
			users.Go(func() { newSubscriber(r, s, client).run(ctx) })
		}
		for _, key := range s.lists {
			users.Go(func() { newList(r, s, client, key).run(ctx) })
		}
		for _, key := range s.streams {
			users.Go(func() { newStream(r, s, client, key).run(ctx) })
		}
		all.Go(func() {
			users.Wait()
			hangUp()
			cancel()
			_ = client.Close() // nothing is on its way any more; it may be closed already
		})
	}
	all.Wait()
	return nil
}

// withGrace returns a context that ends a while after ctx, so that what was taken in
// can still be stored.
func withGrace(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}
