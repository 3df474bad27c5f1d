package ship

import (
	"net/http"
	"time"
)

// sender is the goroutine that owns all requests. What it has in hand goes before
// the spool, and the spool before memory, so records leave in the order in which
// they came.
type sender struct {
	*Sink
	protocol Protocol // ProtocolAuto: not known yet
	plain    bool     // the server does not unpack bodies
	failures int      // in a row
	adopted  time.Time
}

// run ends after Close, when everything is delivered or time is up.
func (s *sender) run() {
	defer close(s.done)
	for b := s.next(); b != nil; b = s.next() {
		v := s.try(b)
		if s.settle(b, v) {
			continue
		}
		if v = s.lookAhead(b, v); v.outcome == delivered {
			continue
		}
		if !s.pause(v) {
			break
		}
	}
	s.leave()
}

// next returns the batch that is to be sent now and leaves it in work. It waits for
// one, and returns nil at the end.
func (s *sender) next() *batch {
	for {
		s.adopt()
		b, wait := s.look()
		if b != nil || wait == 0 {
			return b
		}
		if wait < 0 {
			wait = aeon
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.wake:
		case <-timer.C:
		case <-s.ctx.Done():
		}
		timer.Stop()
	}
}

// aeon is longer than any program runs.
const aeon = 1 << 62

// look returns the first batch there is, or else how long to wait for one: 0 when none
// will come, and less than 0 for as long as it takes.
func (s *sender) look() (*batch, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return nil, 0
	}
	if len(s.work) > 0 {
		return s.work[0], 0
	}
	if b := s.fetch(); b != nil {
		return b, 0
	}
	wait := time.Duration(-1)
	if open := s.queue.open; open != nil {
		if wait = s.opts.FlushInterval - time.Since(open.began); wait <= 0 || s.closing {
			s.queue.seal()
			return s.fetch(), 0
		}
	} else if s.closing {
		return nil, 0
	}
	if s.spool != nil && (wait < 0 || wait > adoptInterval) {
		wait = adoptInterval
	}
	return nil, wait
}

// fetch takes one more batch in hand, if there is a whole one. The lock is held.
func (s *sender) fetch() *batch {
	var b *batch
	if s.spool != nil {
		b = s.spool.take()
	}
	if b == nil {
		b = s.queue.pop()
	}
	if b != nil {
		s.work = append(s.work, b)
	}
	return b
}

// adopt looks now and then for what other programs have left in the spool.
func (s *sender) adopt() {
	if s.spool == nil {
		return
	}
	now := time.Now()
	if !s.adopted.IsZero() && now.Sub(s.adopted) < adoptInterval {
		return
	}
	s.adopted = now
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return // whoever comes next has more time
	}
	if n := s.spool.adopt(); n > 0 {
		s.notices.say("%d records of an earlier start were found in the spool", n)
	}
}

// try sends a batch once.
func (s *sender) try(b *batch) verdict {
	if b.tries > 0 {
		s.counters.change(func(c *Stats) { c.Retried++ })
	}
	b.tries++
	if s.protocol == ProtocolAuto {
		p, v := s.probe()
		if v.outcome != delivered {
			return v
		}
		s.protocol = p
	}
	if err := b.pack(s.protocol, s.opts.GzipFrom, s.compressor()); err != nil {
		return verdict{outcome: refused, why: err}
	}
	v := s.post(b)
	if v.suspect {
		b.suspects++
	}
	if s.opts.Protocol == ProtocolAuto && (v.status == http.StatusNotFound || v.status == http.StatusMethodNotAllowed) {
		s.protocol = ProtocolAuto // another server may stand there now
	}
	return v
}

// compressor is what packs bodies, nil for nothing.
func (s *sender) compressor() Compressor {
	switch {
	case s.plain || s.opts.Compression == CompressionNone:
		return nil
	case s.protocol == ProtocolCollector || s.opts.Compressor == nil:
		return &s.gzip
	}
	return s.opts.Compressor
}

// failed notes that the server does not take records now.
func (s *sender) failed(v verdict) {
	s.failures++
	s.notices.away(v.why)
	s.counters.change(func(c *Stats) { c.Away, c.LastError = true, v.why.Error() })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = true
	signal(s.room) // nobody waits for a server that is away
}

// pause waits until the batch may be tried again. It returns false when that will not
// be in this process: time is up, or it is ending and what is left is safe on disk.
func (s *sender) pause(v verdict) bool {
	s.failed(v)
	select {
	case <-s.stop:
		if s.spool != nil || s.ctx.Err() != nil {
			return false
		}
	default:
	}
	wait := max(backoff(s.failures, s.opts.RetryMin, s.opts.RetryMax), v.after)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	stop := s.stop
	if s.isClosing() {
		stop = nil
	}
	select {
	case <-timer.C:
	case <-stop:
		s.failures = 0 // the last tries come soon
	case <-s.ctx.Done():
		return false
	}
	return true
}

func (s *sender) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}
