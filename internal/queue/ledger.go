package queue

import "sync"

// ledger counts what has left the shards. When nobody calls Push or drains,
// accepted = waiting + held + written + dropped after acceptance, to the record.
type ledger struct {
	mu        sync.Mutex
	abandoned bool
	held      [Levels]uint64 // taken by the drainer, not yet at their end
	written   [Levels]uint64
}

// hold counts a chunk that the drainer has taken.
func (q *Queue) hold(levels *[Levels]uint32) {
	q.ledger.mu.Lock()
	defer q.ledger.mu.Unlock()
	if q.ledger.abandoned {
		q.dropped.addChunk(Abandoned, levels)
		return
	}
	addLevels(&q.ledger.held, levels)
}

// release counts records as written. Those that were abandoned meanwhile stay
// counted as dropped, even if they arrived after all.
func (q *Queue) release(levels *[Levels]uint64) {
	q.ledger.mu.Lock()
	defer q.ledger.mu.Unlock()
	if q.ledger.abandoned {
		return
	}
	for i, n := range levels {
		q.ledger.held[i] -= n
		q.ledger.written[i] += n
	}
}

func (q *Queue) lose(r Reason, level uint8) {
	q.ledger.mu.Lock()
	defer q.ledger.mu.Unlock()
	if q.ledger.abandoned {
		return
	}
	q.ledger.held[level]--
	q.dropped.add(r, level)
}

// Abandon drops all records that are not written yet, those that the drainer
// holds included, and returns how many they were. The queue must be closed.
func (q *Queue) Abandon() uint64 {
	q.ledger.mu.Lock()
	q.ledger.abandoned = true
	n := uint64(0)
	for i, held := range q.ledger.held {
		q.dropped[Abandoned][i].Add(held)
		n += held
		q.ledger.held[i] = 0
	}
	q.ledger.mu.Unlock()

	for i := range q.shards {
		s := &q.shards[i]
		for {
			s.mu.Lock()
			c, _ := s.take(nil)
			s.mu.Unlock()
			if c == nil {
				break
			}
			for _, count := range c.levels {
				n += uint64(count)
			}
			q.dropped.addChunk(Abandoned, &c.levels)
			q.memory.give(c)
		}
	}
	return n
}

// Abandoned reports whether Abandon was called: the consumer should stop.
func (q *Queue) Abandoned() bool {
	q.ledger.mu.Lock()
	defer q.ledger.mu.Unlock()
	return q.ledger.abandoned
}

// Stats are a queue's counters. While records move the numbers are not of one
// moment; at rest Pushed = Waiting + Written + all of Dropped.
type Stats struct {
	Pushed  uint64 // calls of Push, by shard and by refusal, counted on their own
	Waiting [Levels]uint64
	Written [Levels]uint64
	Dropped Counts

	Records    int // in shards
	MaxRecords int // 0: no bound
	Bytes      int // of the records in shards
	Memory     int // of all chunks
	Limit      int
}

// Stats returns the counters.
func (q *Queue) Stats() Stats {
	var s Stats
	q.ledger.mu.Lock()
	s.Waiting, s.Written = q.ledger.held, q.ledger.written
	q.ledger.mu.Unlock()
	for i := range q.shards {
		sh := &q.shards[i]
		sh.mu.Lock()
		var records [Levels]uint64
		s.Bytes += sh.count(&records)
		s.Pushed += sh.accepted
		sh.mu.Unlock()
		for l, n := range records {
			s.Waiting[l] += n
			s.Records += int(n)
		}
	}
	for r := range s.Dropped {
		for l := range s.Dropped[r] {
			n := q.dropped[r][l].Load()
			s.Dropped[r][l] = n
			if refusal(Reason(r)) {
				s.Pushed += n
			}
		}
	}
	s.Memory, s.Limit, s.MaxRecords = q.memory.inUse(), q.memory.whole.bytes, q.maxRecords
	return s
}
