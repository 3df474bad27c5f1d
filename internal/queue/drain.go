package queue

import "math"

// Drainer takes records out of a queue. It has one user at a time.
//
// # Order
//
// Records are emitted in rounds. A round reads a watermark W, then merges the
// shards by stamp and emits nothing newer than W. Within a shard a stamp counts as
// at least the one before it (Push takes its stamp before the lock), so each
// shard is ascending.
//
// A goroutine pushes A into shard 1, then, having moved to another processor, B
// into shard 2. B's stamp was read after A was in, after all that lay before A in
// shard 1. Say the round emits B, so B ≤ W. Then A was in before W was read, so
// the merge saw A, with a smaller stamp, and emitted it first. Without the
// watermark the merge could pass the empty shard 1, then A and B arrive, then find
// B in shard 2.
//
// For the same reason a shard that was found empty in a round need not be looked
// at again before the next one.
type Drainer struct {
	q      *Queue
	lines  []line
	spare  *chunk // exchanged for a shard's current chunk
	active int    // the line that the last record came from; -1: choose
	bound  uint64 // active may go on up to here
	mark   uint64 // the round's watermark
	// unbounded switches the rule off, to show that a test notices.
	unbounded bool
}

// line is the part of a shard that has been taken over.
type line struct {
	text  string // whole records; a copy, so that strings cut from it may be kept
	stamp uint64 // of the first record in text, or of an earlier one if that is greater
	taken uint64 // when text was taken over: no stamp in it can be right that is greater
	empty bool   // nothing was there in this round
}

// advance brings stamp up to the first record in text. A stamp from the future, which
// only a time that came with a record can give, counts for nothing: the record comes at
// once, and holds up nobody.
func (l *line) advance() {
	if s := recordStamp(l.text); s <= l.taken {
		l.stamp = max(l.stamp, s)
	}
}

// Drainer returns the queue's drainer. A queue has one.
func (q *Queue) Drainer() *Drainer {
	return &Drainer{q: q, lines: make([]line, len(q.shards)), active: -1}
}

// Round starts a round. Everything that Push had accepted before is emitted by
// calling Next until it returns "".
func (d *Drainer) Round() { d.start(d.q.clock.watermark()) }

// Last starts a round that empties a closed queue.
func (d *Drainer) Last() { d.start(math.MaxUint64) }

func (d *Drainer) start(w uint64) {
	d.mark, d.active = w, -1
	if d.unbounded {
		d.mark = math.MaxUint64
	}
	for i := range d.lines {
		d.lines[i].empty = false
	}
}

// Next returns the next record of the round, "" at its end. The string may be
// kept; it shares memory with the records around it.
func (d *Drainer) Next() string {
	for {
		if d.active >= 0 {
			l := &d.lines[d.active]
			if l.text != "" && l.stamp <= d.bound {
				size := recordSize(l.text)
				rec := l.text[:size]
				l.text = l.text[size:]
				if l.text != "" {
					l.advance()
				}
				return rec
			}
		}
		if !d.choose() {
			return ""
		}
	}
}

// choose finds the line with the oldest record, and how long it stays the oldest.
// It returns false at the end of the round.
func (d *Drainer) choose() bool {
	d.active, d.bound = -1, d.mark
	first := uint64(0)
	for i := range d.lines {
		l := &d.lines[i]
		if l.text == "" && (l.empty || !d.refill(i)) {
			continue
		}
		switch {
		case d.active < 0:
			d.active, first = i, l.stamp
		case l.stamp < first:
			d.bound = min(d.bound, first)
			d.active, first = i, l.stamp
		default:
			d.bound = min(d.bound, l.stamp)
		}
	}
	return d.active >= 0 && first <= d.mark
}

// refill takes a shard's oldest chunk over.
func (d *Drainer) refill(i int) bool {
	if d.spare == nil {
		d.spare = d.q.memory.spare()
	}
	s := &d.q.shards[i]
	s.mu.Lock()
	c, spareUsed := s.take(d.spare)
	s.mu.Unlock()
	l := &d.lines[i]
	if c == nil {
		l.empty = true
		return false
	}
	d.q.hold(&c.levels)
	l.text = string(c.data)
	l.taken = d.q.clock.watermark()
	l.advance()
	if !spareUsed {
		d.q.memory.give(c)
		return true
	}
	c.reset()
	d.spare = c
	d.q.memory.notify() // the shard has room again
	return true
}

// Written counts records that Next returned and that have reached their end. Every
// record from Next must be counted once, by Written or Lost.
func (d *Drainer) Written(levels *[Levels]uint64) { d.q.release(levels) }

// Lost counts a record from Next that did not reach its end.
func (d *Drainer) Lost(r Reason, level uint8) { d.q.lose(r, level) }

// Trim gives memory back that a quiet program does not need.
func (d *Drainer) Trim() { d.q.memory.trim() }

func recordSize(s string) int {
	return int(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}

func recordStamp(s string) uint64 {
	_ = s[stampOffset+7]
	return uint64(s[8]) | uint64(s[9])<<8 | uint64(s[10])<<16 | uint64(s[11])<<24 |
		uint64(s[12])<<32 | uint64(s[13])<<40 | uint64(s[14])<<48 | uint64(s[15])<<56
}

// LevelOf returns the level that a record was pushed with.
func LevelOf(rec string) uint8 { return rec[levelOffset] }
