package ship

import "net/http"

// suspectAfter is how many times a batch may fail in a way that could be its own fault,
// before the sink looks whose fault it is: it splits the batch, and tries others before a
// single record. Pauses in between make that about ten seconds.
const suspectAfter = 5

// settle does what a verdict asks for. It returns false when the batch must wait.
func (s *sender) settle(b *batch, v verdict) bool {
	switch {
	case v.outcome == delivered:
		s.delivered(b, v)
	case v.outcome == refused && b.encoding != "" && v.status != http.StatusRequestEntityTooLarge:
		b.plain = true // perhaps the server does not unpack: then all would be lost
	case v.outcome == refused && b.records() > 1:
		s.split(b, v)
	case v.outcome == refused:
		s.refuse(b, v)
	case s.opts.Retries > 0 && b.tries > s.opts.Retries:
		s.drop(b, v)
	case b.suspects >= suspectAfter && b.records() > 1:
		s.split(b, v)
	default:
		return false
	}
	return true
}

// lookAhead tries another batch when a single record has failed often, although the
// server was there. If the server takes that one, it is the record's fault.
func (s *sender) lookAhead(b *batch, v verdict) verdict {
	if b.suspects < suspectAfter || b.records() > 1 {
		return v
	}
	c := s.other(b)
	if c == nil {
		return v
	}
	other := s.try(c)
	if other.outcome != delivered {
		return v
	}
	s.delivered(c, other)
	s.refuse(b, v)
	return other
}

// maxAhead bounds the batches that are taken in hand to be tried before their turn:
// so many in a row can be bad without holding the others up.
const maxAhead = 8

// other returns the batch to try before b: one that was tried least, and that b was not
// split from if there is one.
func (s *sender) other(b *batch) *batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	var stranger, sibling *batch
	strangers := 0
	for _, c := range s.work {
		switch {
		case c == b:
		case c.whole == b.whole:
			if sibling == nil || c.tries < sibling.tries {
				sibling = c
			}
		default:
			strangers++
			if stranger == nil || c.tries < stranger.tries {
				stranger = c
			}
		}
	}
	if (stranger == nil || stranger.tries > 0) && strangers < maxAhead {
		if c := s.fetch(); c != nil {
			return c
		}
	}
	if stranger != nil {
		return stranger
	}
	return sibling
}

func (s *sender) delivered(b *batch, v verdict) {
	n := b.records()
	s.counters.change(func(c *Stats) {
		c.Sent += uint64(n)
		c.Duplicate += uint64(v.duplicate)
		c.Batches++
		c.RawBytes += uint64(len(b.raw))
		c.Away = false
	})
	if b.plain && !s.plain {
		s.plain = true
		s.notices.say("the server does not unpack bodies: they are sent as they are from now on")
	}
	s.failures = 0
	s.notices.back()
	s.forget(b)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = false
}

func (s *sender) split(b *batch, v verdict) {
	s.counters.change(func(c *Stats) { c.Split++ })
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.status == http.StatusRequestEntityTooLarge {
		s.queue.batchBytes = max(len(b.raw)/2, 1) // the next ones need not be split
	}
	one, two := b.halves()
	s.work = append([]*batch{one, two}, s.work[1:]...)
}

// refuse gives up a single record that the server will never take.
func (s *sender) refuse(b *batch, v verdict) {
	kept := false
	if s.spool != nil {
		err := s.spool.keepRefused(b.raw, v.status, v.why.Error())
		kept = err == nil
		if err != nil {
			s.notices.nowAndThen("a refused record cannot be kept", err)
		}
	}
	s.counters.change(func(c *Stats) {
		c.Refused++
		if kept {
			c.KeptAside++
		}
		c.LastError = v.why.Error()
	})
	if kept {
		s.notices.nowAndThen("a record is refused, and kept in "+refusedName+" of the spool", v.why)
	} else {
		s.notices.nowAndThen("a record is refused", v.why)
		s.notices.dropped(reasonRefused, 1)
	}
	s.forget(b)
}

// drop gives up a batch that was tried often enough.
func (s *sender) drop(b *batch, v verdict) {
	s.failed(v)
	s.counters.change(func(c *Stats) { c.drop(DroppedRetries, b.records()) })
	s.notices.dropped(DroppedRetries, b.records())
	s.forget(b)
}

// forget takes a settled batch out of hand, out of memory and, when all parts of it
// are settled, out of the spool.
func (s *sender) forget(b *batch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.work {
		if other == b {
			s.work = append(s.work[:i], s.work[i+1:]...)
			break
		}
	}
	b.whole.parts--
	n, bytes := b.records(), len(b.raw)
	if f := b.whole.file; f == nil {
		s.counters.change(func(c *Stats) { c.Queued -= n; c.QueuedBytes -= bytes })
		s.queue.free(b)
	} else {
		s.spool.settle(f, n)
		if b.whole.parts == 0 {
			if err := s.spool.remove(f); err != nil {
				s.notices.nowAndThen("a file of the spool that was sent cannot be removed", err)
			}
		}
	}
	s.settledSome()
}

// leave puts everything that is not settled into the spool, or drops it.
func (s *sender) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	work := s.work
	s.work = nil
	for _, b := range work {
		f := b.whole.file
		switch {
		case f == nil:
			s.setAside(b, DroppedClosed)
		case f.settled > 0:
			s.leavePart(b)
		}
	}
	s.queue.seal()
	for b := s.queue.pop(); b != nil; b = s.queue.pop() {
		s.setAside(b, DroppedClosed)
	}
	if s.spool != nil {
		s.spool.close()
	}
}

// leavePart gives a part of a spooled batch a file of its own, because the rest of that
// batch is settled; with the last part the whole's file goes. When that fails the whole stays
// and is sent again, which a Weir server notices.
func (s *sender) leavePart(b *batch) {
	kept, err := s.spool.put(b)
	if err != nil || !kept {
		s.counters.change(func(c *Stats) { c.SpoolErrors++ })
		b.whole.parts = -1
		return
	}
	s.spool.settle(b.whole.file, b.records())
	if b.whole.parts--; b.whole.parts == 0 {
		_ = s.spool.remove(b.whole.file) // the same as above
	}
}
