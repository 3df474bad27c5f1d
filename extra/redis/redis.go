// Package redis sends records to Redis: it publishes them on a channel, or appends them
// to a list, in the form of python-redis-log, so that its readers and Elva's page show
// them.
//
// [New] makes the sink. It sends each batch of the logger in one round trip. A batch that
// cannot be sent is tried again for Options.Patience and then fails: the logger counts it,
// tells of it, and hands it to the sink's fallback if there is one. While Redis is away,
// the batches that follow fail at once, but for one try now and then.
//
// What is published while nobody listens is gone, as Redis has it. After a connection that
// broke in the middle of a batch, records may be there twice. The sink keeps nothing on
// disk: sink/ship does.
package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// ErrClosed is the error of every WriteBatch after Close.
var ErrClosed = errors.New("redis: the sink is closed")

// errAway is why a batch is not even tried.
var errAway = errors.New("it did not answer a moment ago")

// Bounds of one round trip.
const (
	// chunkRecords and chunkBytes keep a round trip well under the timeout of one, and
	// Redis from being busy with it for long.
	chunkRecords = 1000
	chunkBytes   = 4 << 20
)

// Sink sends records to Redis. WriteBatch has one caller at a time; all other methods may
// be called concurrently.
type Sink struct {
	opts   Options
	where  string // without secrets
	client *goredis.Client
	stop   chan struct{} // closed by Close
	once   sync.Once

	// Of WriteBatch:
	failures int
	retryAt  time.Time // before then Redis is not asked
	buf      []byte
	chunk    []any // texts that are sent at once
}

var (
	_ weir.Sink      = (*Sink)(nil)
	_ weir.Starter   = (*Sink)(nil)
	_ weir.SelfNamed = (*Sink)(nil)
)

// New makes a sink for a server, as redis://localhost:6379/0, rediss://user:password@host:6380
// for TLS, or unix:///run/redis.sock. It does not wait for the server. Errors say what is
// wrong with the URL or an option; none of them shows the password.
func New(url string, o Options) (*Sink, error) {
	client, err := o.complete(url)
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	s := &Sink{opts: o, client: goredis.NewClient(client), stop: make(chan struct{})}
	s.where = "channel " + o.Channel
	if o.List != "" {
		s.where = "list " + o.List
	}
	s.where += " at " + client.Addr
	return s, nil
}

// SinkName implements weir.SelfNamed: "redis", the channel or list, and the server's
// address.
func (s *Sink) SinkName() string { return "redis " + s.where }

// Start implements weir.Starter.
func (s *Sink) Start(l *weir.Logger) error {
	o := s.client.Options()
	host, _, err := net.SplitHostPort(o.Addr)
	if o.Password != "" && o.TLSConfig == nil && o.Network == "tcp" && err == nil && !isLoopback(host) {
		l.Report(&weir.Error{
			Layer: weir.LayerSink, Service: "RedisSink", Category: weir.CategoryConfiguration, Severity: weir.SeverityWarning,
			Message:     s.SinkName() + ": the password is sent without TLS",
			UserMessage: "use rediss://, or a network that nobody else listens on",
		})
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// WriteBatch implements weir.Sink. Its error says why records were not sent, perhaps
// after others of the batch were.
func (s *Sink) WriteBatch(ctx context.Context, batch []record.Record) error {
	select {
	case <-s.stop:
		return ErrClosed
	default:
	}
	if now := time.Now(); now.Before(s.retryAt) {
		return s.explain(errAway)
	}
	until := time.Now().Add(s.opts.Patience)
	if s.failures > 0 {
		until = time.Now() // one try: the first batch that failed was waited for
	}
	bytes := 0
	for i := range batch {
		s.buf = s.opts.Format.Append(s.buf[:0], &batch[i])
		if n := len(s.buf); n > 0 && s.buf[n-1] == '\n' {
			s.buf = s.buf[:n-1]
		}
		s.chunk = append(s.chunk, string(s.buf))
		bytes += len(s.buf)
		if len(s.chunk) < chunkRecords && bytes < chunkBytes && i < len(batch)-1 {
			continue
		}
		err := s.deliver(ctx, until)
		clear(s.chunk)
		s.chunk, bytes = s.chunk[:0], 0
		if err != nil {
			s.failures++
			s.retryAt = time.Now().Add(pauseAfter(s.failures))
			return s.explain(err)
		}
	}
	s.failures, s.retryAt = 0, time.Time{}
	return nil
}

// deliver sends the chunk, again and again until it is there, time is up, or the error
// is one that does not go by.
func (s *Sink) deliver(ctx context.Context, until time.Time) error {
	left := s.chunk
	for tries := 1; ; tries++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		sent, err := s.send(ctx, left)
		if err == nil {
			return nil
		}
		left = left[sent:]
		wait := pauseAfter(tries)
		if !goesBy(err) || time.Now().Add(wait).After(until) {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.stop:
			timer.Stop()
			return err
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// send sends texts in one round trip, and returns how many are known to have arrived.
func (s *Sink) send(ctx context.Context, texts []any) (sent int, err error) {
	if s.opts.List != "" {
		return 0, s.push(ctx, texts)
	}
	replies, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for _, text := range texts {
			p.Publish(ctx, s.opts.Channel, text)
		}
		return nil
	})
	for sent < len(replies) && replies[sent].Err() == nil {
		sent++
	}
	return sent, err
}

// push appends texts to the list, and cuts what is too much at its other end, in one
// step for whoever reads it.
func (s *Sink) push(ctx context.Context, texts []any) error {
	if s.opts.MaxLen == 0 {
		return s.client.RPush(ctx, s.opts.List, texts...).Err()
	}
	var exec *goredis.Cmd
	_, err := s.client.Pipelined(ctx, func(p goredis.Pipeliner) error {
		// Not TxPipelined: it leaves replies unread when Redis refuses MULTI, and writes so
		// to the standard error.
		p.Do(ctx, "MULTI")
		p.Do(ctx, append([]any{"RPUSH", s.opts.List}, texts...)...)
		p.Do(ctx, "LTRIM", s.opts.List, -s.opts.MaxLen, -1)
		exec = p.Do(ctx, "EXEC")
		return nil
	})
	if err != nil {
		return err
	}
	replies, err := exec.Slice()
	for _, reply := range replies {
		if failed, ok := reply.(error); ok && err == nil {
			err = failed
		}
	}
	return err
}

// Close implements weir.Sink. It ends the wait of a WriteBatch that tries again.
func (s *Sink) Close() error {
	var err error
	s.once.Do(func() {
		close(s.stop)
		err = s.client.Close()
	})
	return err
}

// formatOf returns the form of the messages.
func (o *Options) formatOf() format.Formatter {
	if o.Format != nil {
		return o.Format
	}
	return format.RedisLog(format.RedisLogOptions{Username: userName(), Hostname: hostName()})
}
