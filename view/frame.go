package view

import (
	"context"

	"github.com/weirlog/weir/hub"
)

// frameBuilder fills a frame up to its bounds.
type frameBuilder struct {
	frame    Frame
	limit    int
	maxBytes int64
	bytes    int64
}

func (b *frameBuilder) full() bool {
	return b.frame.Seen >= maxPassed || b.fullWith(0, b.bytes)
}

// fullWith reports whether n more records that bring the size to bytes fill it.
func (b *frameBuilder) fullWith(n int, bytes int64) bool {
	return len(b.frame.Records)+n >= b.limit || b.maxBytes > 0 && bytes >= b.maxBytes
}

// takeRaw moves records of the ring into the frame. A frame of a feed without
// filter shares the ring's memory.
func (f *Feed) takeRaw(b *frameBuilder) {
	share := f.all && len(b.frame.Records) == 0
	n := 0
	for n < len(f.raw) && !b.full() {
		r := &f.raw[n]
		n++
		b.frame.Seen++
		if !f.all && !f.opts.Filter.Match(r) {
			continue
		}
		b.bytes += hub.SizeOf(r)
		if share {
			b.frame.Records = f.raw[:n:n]
		} else {
			b.frame.Records = append(b.frame.Records, *r)
		}
	}
	f.at = hub.Cursor{Position: f.raw[n-1].ID, Epoch: f.at.Epoch, Ordinal: f.at.Ordinal + uint64(n)}
	f.raw = f.raw[n:]
}

// takeFound moves records that were read from the backend into the frame. It
// changes nothing when it fails.
func (f *Feed) takeFound(ctx context.Context, b *frameBuilder) error {
	n, bytes := 0, b.bytes
	for n < len(f.found.records) && (n == 0 || !b.fullWith(n, bytes)) {
		bytes += hub.SizeOf(&f.found.records[n])
		n++
	}
	to, seen := f.found.to, f.found.total
	if n < len(f.found.records) {
		to, seen = f.place(f.found.records[n-1].ID), uint64(n)
		if !f.all && f.found.counted {
			var err error
			if seen, err = f.count(ctx, f.at, to); err != nil {
				return err
			}
		}
	}
	b.frame.Records = append(b.frame.Records, f.found.records[:n]...)
	b.frame.Seen += seen
	b.bytes = bytes
	f.at = to
	f.found.total -= min(seen, f.found.total)
	if f.found.records = f.found.records[n:]; f.at == f.found.to {
		f.found = nil
	}
	return nil
}
