package weirhttp

import (
	"context"
	"fmt"
	"sync"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// viewer is one client of StreamAll.
type viewer struct {
	lines *lines
	least record.Severity
}

// fanOut is the sink that gives records to the viewers. It has a goroutine of its
// own in the logger, where records become text, and waits for none of them.
type fanOut struct {
	log  *weir.Logger
	name string // in the logger's Stats
	text *texter
	buf  []byte

	mu      sync.Mutex
	viewers map[*viewer]struct{}
	dropped uint64 // records that the logger did not wait to give to this sink, as far as told
	closed  bool
}

var _ weir.Viewer = (*fanOut)(nil)

func newFanOut(log *weir.Logger, text *texter) *fanOut {
	o := &fanOut{log: log, text: text, viewers: map[*viewer]struct{}{}}
	o.name = fmt.Sprintf("weirhttp.StreamAll %p", o) // a logger may have several
	return o
}

// WriteBatch implements weir.Sink.
func (o *fanOut) WriteBatch(_ context.Context, batch []record.Record) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.takeDropped()
	if len(o.viewers) == 0 {
		return nil
	}
	for i := range batch {
		r := &batch[i]
		o.buf = o.text.append(o.buf[:0], r)
		for v := range o.viewers {
			if r.Severity >= v.least {
				v.lines.record(r, o.buf)
			}
		}
	}
	return nil
}

// takeDropped tells the viewers of records that the logger has left out because this sink
// was behind. They lie before the batch in hand.
func (o *fanOut) takeDropped() {
	for _, s := range o.log.Stats().Sinks {
		if s.Name == o.name && s.Dropped > o.dropped {
			for v := range o.viewers {
				v.lines.miss(s.Dropped - o.dropped)
			}
			o.dropped = s.Dropped
		}
	}
}

// Close implements weir.Sink: the viewers' streams end.
func (o *fanOut) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.takeDropped()
	o.closed = true
	for v := range o.viewers {
		v.lines.close()
	}
	return nil
}

// Viewer implements weir.Viewer.
func (*fanOut) Viewer() {}

func (o *fanOut) add(v *viewer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.viewers[v] = struct{}{}
	if o.closed {
		v.lines.close()
	}
}

func (o *fanOut) remove(v *viewer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.viewers, v)
}
