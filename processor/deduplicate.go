package processor

import (
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// The defaults and bounds of DeduplicateOptions.
const (
	// DefaultDeduplicateWindow is as long as a person on the page waits for news.
	DefaultDeduplicateWindow = 5 * time.Second
	// maxHeldBytes bounds the JSON of the records that are held back, a quarter of
	// the queue's default; beyond it the oldest are told early.
	maxHeldBytes = 4 << 20
)

// The attributes of a record that stands for repeats.
const (
	RepeatedAttr = "repeated" // how many were held back
	FirstAtAttr  = "first_at" // the time of the first of them
	LastAtAttr   = "last_at"  // and of the last
)

// DeduplicateOptions say what repeats are. The zero value is a good default.
type DeduplicateOptions struct {
	// Window is how long repeats of a record are held back after it. Default
	// DefaultDeduplicateWindow.
	Window time.Duration
	// Keys name what makes records alike, as the search language names it, such as
	// message alone. Default: everything but times and sequence.
	Keys []string
	// Consecutive ends a window as soon as another record comes, so that no repeat
	// is told behind a record that is younger, as syslog does.
	Consecutive bool
	// MaxKeys bounds the records that are remembered. The repeats of one that is
	// forgotten are told then. Default DefaultMaxKeys.
	MaxKeys int
}

// Deduplicator is the processor that Deduplicate makes.
type Deduplicator struct {
	o    DeduplicateOptions
	keys keyer
	seen *recent[repeats]

	holding   int // keys with repeats that are held back
	heldBytes int
	buf       []byte

	dropped   atomic.Uint64
	forgotten atomic.Uint64
}

// repeats are those of one record.
type repeats struct {
	until time.Time // when its window ends
	count int
	first record.Record // of those held back; valid when count > 0
	bytes int           // of its JSON
	last  time.Time
	seq   uint64 // of the last
}

var _ weir.Holder = (*Deduplicator)(nil)

// Deduplicate holds back what repeats a record within a window and says in one record
// "… (repeated N times)", with the attributes repeated, first_at and last_at, how
// often it came: when the window ends, and before a flush. The record of the repeats has the
// attributes of the first of them and the time of the last. Dividers and checkpoints
// pass. It remembers, so it must stand in one place only.
func Deduplicate(o DeduplicateOptions) *Deduplicator {
	if o.Window <= 0 {
		o.Window = DefaultDeduplicateWindow
	}
	return &Deduplicator{o: o, keys: newKeyer(o.Keys), seen: newRecent[repeats](o.MaxKeys)}
}

// String returns "deduplicate".
func (*Deduplicator) String() string { return "deduplicate" }

// Dropped returns how many records were not passed on themselves. Each of them is in
// the number of a record that tells the repeats, or will be. It may be called
// concurrently.
func (d *Deduplicator) Dropped() uint64 { return d.dropped.Load() }

// Forgotten returns how many records were forgotten within their window because
// MaxKeys others were remembered. It may be called concurrently.
func (d *Deduplicator) Forgotten() uint64 { return d.forgotten.Load() }

// Process implements weir.Processor.
func (d *Deduplicator) Process(r *record.Record, emit func(record.Record)) error {
	if r.Kind != record.KindLog {
		emit(*r)
		return nil
	}
	now := time.Now()
	d.release(now, emit)
	k := d.keys.of(r)
	if n := d.seen.get(k); n != nil {
		d.hold(&n.value, r)
		for d.heldBytes > maxHeldBytes {
			d.tellOldest(emit)
		}
		return nil
	}
	if d.o.Consecutive {
		d.Release(time.Time{}, emit)
	}
	if d.seen.full() {
		d.forgotten.Add(1)
		d.forget(d.seen.oldest(), emit)
	}
	d.seen.add(k).value.until = now.Add(d.o.Window)
	emit(*r)
	return nil
}

// Release implements weir.Holder.
func (d *Deduplicator) Release(now time.Time, emit func(record.Record)) (more bool) {
	if now.IsZero() {
		for n := d.seen.oldest(); n != nil; n = d.seen.oldest() {
			d.forget(n, emit)
		}
		return false
	}
	d.release(now, emit)
	return d.holding > 0
}

// release ends the windows that are over. Windows are of one length and stand in the
// order of their beginnings.
func (d *Deduplicator) release(now time.Time, emit func(record.Record)) {
	for n := d.seen.oldest(); n != nil && !now.Before(n.value.until); n = d.seen.oldest() {
		d.forget(n, emit)
	}
}

func (d *Deduplicator) hold(p *repeats, r *record.Record) {
	d.dropped.Add(1)
	if p.count == 0 {
		d.buf = record.AppendJSON(d.buf[:0], r)
		p.first, p.bytes = r.Clone(), len(d.buf)
		if cap(d.buf) > maxKeyBuffer {
			d.buf = nil
		}
		d.holding++
		d.heldBytes += p.bytes
	}
	p.count++
	p.last, p.seq = r.Time, r.Seq
}

// tellOldest tells the repeats of the oldest record that has some, which there must be,
// and goes on holding back.
func (d *Deduplicator) tellOldest(emit func(record.Record)) {
	n := d.seen.oldest()
	for n.value.count == 0 {
		n = n.next
	}
	d.tell(&n.value, emit)
}

func (d *Deduplicator) forget(n *node[repeats], emit func(record.Record)) {
	d.seen.remove(n)
	if n.value.count > 0 {
		d.tell(&n.value, emit)
	}
}

func (d *Deduplicator) tell(p *repeats, emit func(record.Record)) {
	r := p.first
	times := "times"
	if p.count == 1 {
		times = "time"
	}
	r.Message = fmt.Sprintf("%s (repeated %d %s)", r.Message, p.count, times)
	r.Attrs = append(r.Attrs, slog.Int(RepeatedAttr, p.count))
	if !r.Time.IsZero() {
		r.Attrs = append(r.Attrs, slog.Time(FirstAtAttr, r.Time), slog.Time(LastAtAttr, p.last))
	}
	r.Time, r.Seq = p.last, p.seq
	d.holding--
	d.heldBytes -= p.bytes
	p.count, p.bytes, p.first = 0, 0, record.Record{}
	emit(r)
}
