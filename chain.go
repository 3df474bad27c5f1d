package weir

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
)

// chain runs processors in their order. It is used by one goroutine.
type chain struct {
	core    *core
	stages  []*stage
	first   func(record.Record)
	holding bool // a Holder holds something back
}

// stage is one processor with its counters.
type stage struct {
	core      *core
	processor Processor
	name      string
	next      func(record.Record)
	emit      func(record.Record) // next, and noted
	emitted   bool
	current   record.Record // what Process works on; here, so that it is not allocated
	errors    atomic.Uint64
	last      time.Time // of the last report
}

// newChain ends in out. Without processors it is nil.
func newChain(c *core, list []Processor, out func(record.Record)) *chain {
	ch := &chain{core: c}
	next := out
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == nil {
			continue
		}
		s := &stage{core: c, processor: list[i], name: processorName(list[i]), next: next}
		s.emit = func(r record.Record) {
			s.emitted = true
			s.next(r)
		}
		next = s.run
		ch.stages = append(ch.stages, s)
	}
	if len(ch.stages) == 0 {
		return nil
	}
	ch.first = next
	return ch
}

func processorName(p Processor) string {
	if named, ok := p.(fmt.Stringer); ok {
		return named.String()
	}
	return fmt.Sprintf("%T", p)
}

// run lets the processor work on a record.
func (s *stage) run(r record.Record) {
	s.emitted = false
	s.current = r
	err := guard(func() error { return s.processor.Process(&s.current, s.emit) })
	if err == nil {
		return
	}
	s.failed(err)
	if !s.emitted {
		s.next(r)
	}
}

func (s *stage) failed(err error) {
	s.errors.Add(1)
	if now := time.Now(); s.last.IsZero() || now.Sub(s.last) >= errorInterval {
		s.last = now
		s.core.diagnose(&Error{
			Layer: LayerProcessor, Service: s.name, Category: CategoryFormatting, Severity: SeverityError,
			Message: "processor " + s.name + " failed", Err: err,
			Context: map[string]any{"processor": s.name, "errors": s.errors.Load()},
		})
	}
}

// release lets the holders pass on what is due; all of it when now is zero.
func (ch *chain) release(now time.Time) {
	if ch == nil {
		return
	}
	ch.holding = false
	// The stages are in reverse: the first to run is the last of the list.
	for i := len(ch.stages) - 1; i >= 0; i-- {
		s := ch.stages[i]
		h, ok := s.processor.(Holder)
		if !ok {
			continue
		}
		err := guard(func() error {
			if h.Release(now, s.emit) {
				ch.holding = true
			}
			return nil
		})
		if err != nil {
			s.failed(err)
		}
	}
}
