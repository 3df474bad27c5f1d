package redis

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/server/intake"
)

// pingEvery is how often an idle connection is tried. One that is silent for twice as
// long is taken for dead: a machine that vanished says nothing.
const pingEvery = 10 * time.Second

// errSilent is a connection that does not answer.
var errSilent = errors.New("nothing came for 20 seconds, not even the answer to a ping")

// subscriber listens to the channels and patterns of one URL, over one connection. One
// goroutine reads and never waits for the store, one stores, one pings.
type subscriber struct {
	reader *Reader
	from   *source
	client *goredis.Client
	link   *link
	buffer *buffer

	channels map[string]intake.Source
	patterns map[string]intake.Source

	mu    sync.Mutex
	alive time.Time // when something came last

	// Of the goroutine that reads:
	heard bool      // all subscriptions stood, ever
	gone  time.Time // since then nobody listens; zero: somebody does
}

func newSubscriber(r *Reader, s *source, client *goredis.Client) *subscriber {
	sub := &subscriber{
		reader: r, from: s, client: client,
		buffer:   newBuffer(r.opts.BufferMessages, r.opts.BufferBytes),
		channels: make(map[string]intake.Source),
		patterns: make(map[string]intake.Source),
	}
	var senders []intake.Source
	add := func(of map[string]intake.Source, kind string, names []string) {
		for _, name := range names {
			of[name] = intake.Source{Protocol: Protocol, Sender: s.sender(kind, name)}
			senders = append(senders, of[name])
		}
	}
	add(sub.channels, "channel", s.channels)
	add(sub.patterns, "pattern", s.patterns)
	sub.link = newLink(r, s, senders...)
	return sub
}

func (s *subscriber) run(ctx context.Context) {
	var storing sync.WaitGroup
	storing.Go(func() { s.store(ctx) })
	for ctx.Err() == nil {
		err := s.listen(ctx)
		if s.heard && s.gone.IsZero() {
			s.gone = s.lastAlive() // what came later may have been on its way
		}
		if s.link.down(ctx, err) != nil {
			break
		}
	}
	if s.link.state == stateDisconnected { // what was published since is not known either
		s.missed(s.reader.opts.Clock())
	}
	s.buffer.close()
	storing.Wait()
	s.link.set(stateStopped)
}

// listen subscribes, and reads until the connection breaks or ctx ends.
func (s *subscriber) listen(ctx context.Context) error {
	ps := s.client.Subscribe(ctx)
	var closing sync.Once
	var silent error
	end := func(err error) { closing.Do(func() { silent = err; _ = ps.Close() }) }
	defer end(nil)
	defer context.AfterFunc(ctx, func() { end(ctx.Err()) })()
	if err := s.subscribe(ctx, ps); err != nil {
		return err
	}
	watching, stopWatching := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	defer watcher.Wait()
	defer stopWatching()
	s.touch()
	watcher.Go(func() { s.watch(watching, ps, end) })
	waiting := len(s.channels) + len(s.patterns) // confirmations
	for {
		got, err := ps.Receive(ctx)
		if err != nil {
			end(nil) // waits for an end that is under way, whose reason is the better one
			if silent != nil {
				err = silent
			}
			return err
		}
		switch got := got.(type) {
		case *goredis.Subscription:
			if waiting--; waiting == 0 {
				s.connected()
			}
		case *goredis.Message:
			s.take(got)
		}
		s.touch()
	}
}

func (s *subscriber) subscribe(ctx context.Context, ps *goredis.PubSub) error {
	if len(s.from.channels) > 0 {
		if err := ps.Subscribe(ctx, s.from.channels...); err != nil {
			return err
		}
	}
	if len(s.from.patterns) > 0 {
		return ps.PSubscribe(ctx, s.from.patterns...)
	}
	return nil
}

// watch pings, and ends a connection that does not answer.
func (s *subscriber) watch(ctx context.Context, ps *goredis.PubSub, end func(error)) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if s.reader.opts.Clock().Sub(s.lastAlive()) > 2*pingEvery {
			end(errSilent)
			return
		}
		_ = ps.Ping(ctx) // the reader sees what is wrong
	}
}

func (s *subscriber) touch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alive = s.reader.opts.Clock()
}

func (s *subscriber) lastAlive() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alive
}

// connected notes that all subscriptions stand, and what was missed before.
func (s *subscriber) connected() {
	s.missed(s.reader.opts.Clock())
	s.heard = true
	s.gone = time.Time{}
	s.link.up()
}

// missed declares what was published while nobody listened.
func (s *subscriber) missed(until time.Time) {
	if s.gone.IsZero() {
		return
	}
	h := &hole{since: s.gone, until: until, reason: holeDisconnected, lost: make(map[intake.Source]int)}
	for _, source := range s.link.senders {
		h.lost[source] = 0
	}
	s.buffer.addHole(h)
}

// take puts a message into the buffer.
func (s *subscriber) take(m *goredis.Message) {
	p := published{source: s.channels[m.Channel], message: message{text: m.Payload, marks: []slog.Attr{slog.String("channel", m.Channel)}}}
	if m.Pattern != "" {
		p.source = s.patterns[m.Pattern]
		p.message.marks = append(p.message.marks, slog.String("pattern", m.Pattern))
	}
	if !s.buffer.add(p, s.reader.opts.Clock()) {
		s.reader.gate.Lose(p.source, 1)
	}
}
