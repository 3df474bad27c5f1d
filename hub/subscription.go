package hub

import (
	"context"

	"github.com/weirlog/weir/record"
)

// Subscription is one viewer's place in the hub. Next and TryNext have one caller
// at a time.
type Subscription struct {
	hub   *Hub
	start Cursor
	wake  chan struct{} // holds one signal; never closed
	done  chan struct{} // closed by close

	// Under the hub's lock:
	at      Cursor // what was read so far
	waiting bool   // nobody has signalled since nothing was found
	index   int    // in hub.subs; -1 once closed
	end     Cursor // once closed: where reading ends
}

// Subscribe starts to follow at the hub's present end. Every record published
// before is at or below the subscription's Start; every later one will be
// delivered by Next or counted in a Delivery's Missed.
func (h *Hub) Subscribe() *Subscription {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.subscribe(h.end())
}

// SubscribeAt starts to follow at c, resolved as by Resolve: what has left the
// ring since is the first Delivery's Missed. The hub knows nothing of records
// before its first watermark: they are neither delivered nor counted.
func (h *Hub) SubscribeAt(c Cursor) *Subscription {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, _ := h.resolve(c)
	return h.subscribe(at)
}

func (h *Hub) subscribe(at Cursor) *Subscription {
	s := &Subscription{
		hub: h, start: at, at: at,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		index: len(h.subs),
	}
	h.subs = append(h.subs, s)
	if h.closed {
		s.close()
	}
	return s
}

// Start is the watermark at which the subscription began.
func (s *Subscription) Start() Cursor { return s.start }

// Delivery is what Next hands over. When Missed is not zero the records between
// From and the first of Records left the ring before they were read.
type Delivery struct {
	From    Cursor          // where the reader stood
	Missed  uint64          // records lost to this reader, after From
	Resumed Cursor          // where reading goes on after the missed ones; From when none were
	Records []record.Record // shared, read only
	To      Cursor          // after the last of Records
}

// Next waits until there is something after what was read, and returns up to
// limit records of it (at least one, and fewer where a segment of the ring ends).
// Its errors are ErrClosed and the context's.
func (s *Subscription) Next(ctx context.Context, limit int) (Delivery, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Delivery{}, err
		}
		d, ok, err := s.TryNext(limit)
		if ok || err != nil {
			return d, err
		}
		select {
		case <-s.wake:
		case <-s.done:
		case <-ctx.Done():
		}
	}
}

// TryNext is Next without waiting: ok is false when everything has been read.
func (s *Subscription) TryNext(limit int) (d Delivery, ok bool, err error) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	end := h.end()
	if s.index < 0 {
		end = s.end
	}
	if s.at.Ordinal == end.Ordinal {
		s.waiting = true
		if s.index < 0 {
			return Delivery{}, false, ErrClosed
		}
		return Delivery{}, false, nil
	}
	d = Delivery{From: s.at, Resumed: s.at}
	if s.at.Ordinal < h.ring.begin {
		d.Resumed = Cursor{Position: h.ring.floor, Epoch: h.epoch, Ordinal: h.ring.begin}
		if d.Resumed.Ordinal > end.Ordinal {
			d.Resumed = end
		}
		d.Missed = d.Resumed.Ordinal - d.From.Ordinal
		h.missed += d.Missed
	}
	d.To = d.Resumed
	if left := end.Ordinal - d.Resumed.Ordinal; left > 0 {
		d.Records = h.ring.from(d.Resumed.Ordinal, int(min(uint64(max(limit, 1)), left)))
		n := len(d.Records)
		d.To = Cursor{Position: d.Records[n-1].ID, Epoch: h.epoch, Ordinal: d.Resumed.Ordinal + uint64(n)}
	}
	s.at = d.To
	return d, true, nil
}

// signal wakes a waiting reader; the caller holds the hub's lock.
func (s *Subscription) signal() {
	if !s.waiting {
		return
	}
	s.waiting = false
	select {
	case s.wake <- struct{}{}:
	default: // a signal is already there
	}
}

// Close ends the subscription. It may be called more than once and concurrently
// with Next.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.close()
}

// close is Close for a caller that holds the hub's lock.
func (s *Subscription) close() {
	if s.index < 0 {
		return
	}
	h := s.hub
	last := len(h.subs) - 1
	h.subs[s.index] = h.subs[last]
	h.subs[s.index].index = s.index
	h.subs[last] = nil
	h.subs = h.subs[:last]
	s.index = -1
	s.end = h.end()
	close(s.done)
}
