package weirhttp

import (
	"fmt"
	"sync"

	"github.com/weirlog/weir/record"
)

// lines is text on its way from a sink to the client of one request: bounded, and
// counting what did not fit. The sink appends and never waits, the request's
// goroutine takes.
type lines struct {
	mu     sync.Mutex
	form   form
	buf    []byte
	limit  int
	missed uint64 // records without room since the last one that had it
	closed bool
	ready  chan struct{} // holds a token while there may be something to take
}

func newLines(f form, limit int) *lines {
	return &lines{form: f, limit: limit, ready: make(chan struct{}, 1)}
}

// record appends a record, whose text is with it, or counts it.
func (q *lines) record(r *record.Record, text []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	before := len(q.buf)
	q.tellMissed()
	q.buf = q.form.record(q.buf, r, text)
	if len(q.buf) > q.limit {
		// The gap will be told with the next record that fits, or at the end.
		q.buf = q.buf[:before]
		q.missed++
	} else {
		q.missed = 0
	}
	q.signal()
}

// miss counts records that were lost on the way to the sink.
func (q *lines) miss(n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.missed += n
}

func (q *lines) tellMissed() {
	if q.missed > 0 {
		q.buf = q.form.note(q.buf, fmt.Sprintf("%d records are not shown here: they came faster than this stream was read", q.missed))
	}
}

// close ends the text; what is there can still be taken.
func (q *lines) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.closed = true
	q.tellMissed()
	q.missed = 0
	q.signal()
}

func (q *lines) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take returns what waits and keeps spare for what comes next. open is false when
// nothing more will come.
func (q *lines) take(spare []byte) (text []byte, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	text = q.buf
	q.buf = spare[:0]
	return text, !q.closed
}
