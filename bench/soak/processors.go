package main

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// meddler is a processor that lets most records through, drops some, adds some, fails and
// panics now and then.
type meddler struct {
	drops, adds, fails, panics, holds uint64 // every so many records; 0: never

	n, held uint64
	added   atomic.Uint64 // records that it has emitted beside those that came
}

var (
	errProcessor = errors.New("this processor fails now and then")

	_ weir.Processor = (*meddler)(nil)
	_ weir.Holder    = (*holder)(nil)
)

// Process implements weir.Processor. What fails before it has emitted passes the record
// on all the same.
func (m *meddler) Process(r *record.Record, emit func(record.Record)) error {
	m.n++
	switch {
	case every(m.n, m.drops):
		return nil
	case every(m.n, m.fails):
		return errProcessor
	case every(m.n, m.panics):
		panic(errProcessor)
	}
	emit(*r)
	if every(m.n, m.adds) {
		m.add(r, emit)
	}
	if every(m.n, m.holds) {
		m.held++
	}
	return nil
}

func (m *meddler) add(r *record.Record, emit func(record.Record)) {
	extra := *r
	extra.Message, extra.Attrs = copyMessage, nil
	m.added.Add(1)
	emit(extra)
}

func every(n, of uint64) bool { return of > 0 && n%of == 0 }

// holder is a meddler that holds records back, to pass them on later.
type holder struct{ meddler }

// holdAtMost is how many are held back; then they go.
const holdAtMost = 3

// Release implements weir.Holder.
func (h *holder) Release(now time.Time, emit func(record.Record)) (more bool) {
	if now.IsZero() || h.held > holdAtMost {
		for ; h.held > 0; h.held-- {
			h.add(&record.Record{Time: time.Now(), Severity: record.SeverityInfo, Logger: rootName, Resource: &record.Resource{}}, emit)
		}
	}
	return h.held > 0
}
