package ship

import (
	"bytes"
	"context"
	"iter"
	"time"
)

// roomWait is how long one WriteBatch waits for a server that answers, before it
// drops records: a server that stalls for a checkpoint loses nothing, and the logger's own
// queue, which is bounded too, is not left alone for longer.
const roomWait = 500 * time.Millisecond

// maxSpare is the size of the largest buffer that is kept for another batch.
const maxSpare = 4 << 20

// queue is what waits in memory: batches that are full, oldest first, and the one
// that is being filled. Its bounds count what the sender has in hand as well.
type queue struct {
	opts   *Options
	source string
	seq    uint64 // of the last record taken

	open   *batch // nil: nothing is being filled
	sealed []*batch
	spare  []byte // of a batch that was delivered
	usual  int    // size of the last batch: what the next one's buffer begins with

	records, bytes int // in memory, not settled
	batchBytes     int // smaller than Options.BatchBytes once a server has refused so much; 0: not yet
}

// buffer is where the next record's text goes.
func (q *queue) buffer() []byte {
	if q.open != nil {
		return q.open.raw
	}
	b := q.spare
	q.spare = nil
	if b == nil {
		b = make([]byte, 0, min(q.usual+q.usual/16, maxSpare))
	}
	return b[:0]
}

// keep takes a buffer back to which nothing was added.
func (q *queue) keep(b []byte) {
	if q.open != nil {
		q.open.raw = b
	} else {
		q.spare = b
	}
}

// add takes the record at the end of b. It reports whether the sender should look:
// a batch was begun or is full.
func (q *queue) add(b []byte, n int) (news bool) {
	q.seq++
	q.records++
	q.bytes += n
	most := q.opts.BatchBytes
	if q.batchBytes > 0 {
		most = min(most, q.batchBytes)
	}
	if q.open != nil && len(b) > most {
		last := b[len(b)-n:]
		q.open.raw = b[:len(b)-n]
		q.seal()
		b = append(q.buffer(), last...)
	}
	if q.open == nil {
		q.open = &batch{source: q.source, first: q.seq, began: time.Now(), whole: &whole{parts: 1}}
		news = true
	}
	q.open.raw, q.open.last = b, q.seq
	if q.open.records() >= q.opts.BatchRecords || len(b) >= most {
		q.seal()
		return true
	}
	return news
}

// seal ends the batch that is being filled.
func (q *queue) seal() {
	if q.open != nil {
		q.usual = len(q.open.raw)
		q.sealed = append(q.sealed, q.open)
		q.open = nil
	}
}

// pop takes the oldest batch that is full, nil when there is none.
func (q *queue) pop() *batch {
	if len(q.sealed) == 0 {
		return nil
	}
	b := q.sealed[0]
	q.sealed[0] = nil
	q.sealed = q.sealed[1:]
	return b
}

func (q *queue) over() bool { return q.records > q.opts.QueueRecords || q.bytes > q.opts.QueueBytes }

// free gives a batch's room back, and its buffer when nobody reads it any more.
func (q *queue) free(b *batch) {
	q.records -= b.records()
	q.bytes -= len(b.raw)
	if !b.lent && cap(b.raw) > cap(q.spare) && cap(b.raw) <= maxSpare {
		q.spare = b.raw
	}
}

// makeRoom moves the oldest batches out of memory until the bounds hold again. The
// lock is held, and given up while waiting.
func (s *Sink) makeRoom(ctx context.Context, patience *time.Duration) {
	for s.queue.over() {
		if s.spool == nil && !s.away && *patience > 0 && !s.closing {
			s.awaitRoom(ctx, patience)
			continue
		}
		b := s.queue.pop()
		if b == nil {
			if s.queue.open == nil {
				return // what the sender has in hand is all there is
			}
			s.queue.seal()
			continue
		}
		s.setAside(b, DroppedQueueFull)
	}
}

// awaitRoom waits until something is settled, the server turns out to be away, or patience ends.
func (s *Sink) awaitRoom(ctx context.Context, patience *time.Duration) {
	signal(s.wake)
	began := time.Now()
	timer := time.NewTimer(*patience)
	defer timer.Stop()
	s.mu.Unlock()
	select {
	case <-s.room:
	case <-timer.C:
	case <-ctx.Done():
		*patience = 0
	case <-s.stop:
	}
	s.mu.Lock()
	*patience -= time.Since(began)
}

// setAside puts a batch that is only in memory into the spool, or drops it for the
// reason. The lock is held.
func (s *Sink) setAside(b *batch, reason string) {
	n, bytes := b.records(), len(b.raw)
	kept := false
	if s.spool != nil {
		var err error
		if kept, err = s.spool.put(b); err != nil {
			s.counters.change(func(c *Stats) { c.SpoolErrors++ })
			s.notices.nowAndThen("the spool cannot be written, records are dropped", err)
		}
	}
	s.counters.change(func(c *Stats) {
		c.Queued -= n
		c.QueuedBytes -= bytes
		if kept {
			c.SpoolWritten += uint64(n)
		} else {
			c.drop(reason, n)
		}
	})
	if !kept {
		s.notices.dropped(reason, n)
	}
	s.queue.free(b)
	s.settledSome()
}

// flush is a Flush that waits for the records up to seq.
type flush struct {
	upto uint64
	done chan struct{}
}

// beginFlush returns nil when nothing is to be waited for.
func (s *Sink) beginFlush() (*flush, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil, ErrClosed
	}
	s.queue.seal()
	signal(s.wake)
	if s.oldest() > s.queue.seq {
		return nil, nil
	}
	f := &flush{upto: s.queue.seq, done: make(chan struct{})}
	s.flushes = append(s.flushes, f)
	return f, nil
}

// oldest is the number of the first record of this sink that is not settled, or the
// next one to come. The lock is held.
func (s *Sink) oldest() uint64 {
	n := s.queue.seq + 1
	for _, b := range s.work {
		if b.source == s.queue.source {
			n = min(n, b.first)
		}
	}
	if s.spool != nil {
		n = min(n, s.spool.oldest(n))
	}
	if len(s.queue.sealed) > 0 {
		n = min(n, s.queue.sealed[0].first)
	}
	if s.queue.open != nil {
		n = min(n, s.queue.open.first)
	}
	return n
}

// settledSome tells those who wait. The lock is held.
func (s *Sink) settledSome() {
	signal(s.room)
	if len(s.flushes) == 0 {
		return
	}
	oldest := s.oldest()
	waiting := s.flushes[:0]
	for _, f := range s.flushes {
		if f.upto < oldest {
			close(f.done)
		} else {
			waiting = append(waiting, f)
		}
	}
	clear(s.flushes[len(waiting):])
	s.flushes = waiting
}

// eachLine cuts text into lines, their ends included.
func eachLine(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			end := bytes.IndexByte(text, '\n') + 1
			if end == 0 {
				end = len(text)
			}
			if !yield(text[:end]) {
				return
			}
			text = text[end:]
		}
	}
}
