package weir

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/internal/queue"
	"github.com/weirlog/weir/record"
)

// origin says where a record of a batch comes from, for the outlets to choose by.
type origin struct {
	stamp  uint64 // its place in the order of the queue
	logger uint32 // id of the node
	tap    uint32
}

// batch is what the worker hands to the outlets at once. They share it and do not
// change it; the last to be done gives it back.
type batch struct {
	records []record.Record
	origins []origin             // of each record
	lines   []byte               // instead of records: encoded
	count   int                  // of lines
	decoder flat.Decoder         // owns the records' attributes
	levels  [queue.Levels]uint64 // of the records that came from the queue
	bytes   int64                // estimated memory

	users   atomic.Int32
	spoiled atomic.Bool // somebody who is not a user any more may still read it
	owner   *batches
}

// The sizes that the estimate of a batch's memory rests on.
const (
	recordBytes = int64(unsafe.Sizeof(record.Record{}) + unsafe.Sizeof(origin{}))
	attrBytes   = int64(unsafe.Sizeof(slog.Attr{}))
)

// batchOverhead is the memory of a batch beside its records: slices that have grown,
// and the decoder's. It counts when a slow program fills a stalled sink's line with
// batches of one record.
const batchOverhead = 2 << 10

// size is the number of records.
func (b *batch) size() int { return len(b.records) + b.count }

// spoil keeps the batch from being used again. The caller is one of its users.
func (b *batch) spoil() { b.spoiled.Store(true) }

// release gives up one user's part.
func (b *batch) release() {
	if b.users.Add(-1) == 0 {
		b.owner.put(b)
	}
}

// batches are the batches that are with the outlets, and those that wait for their
// next use.
type batches struct {
	done  func(levels *[queue.Levels]uint64) // told of the records of each batch that has ended
	live  atomic.Int64                       // estimated bytes with the outlets
	moved chan struct{}                      // of capacity one: an outlet has finished something

	mu   sync.Mutex
	free []*batch
}

// keepBatches is how many empty batches are kept: one being filled and one being
// written by each of two sinks.
const keepBatches = 3

func newBatches(done func(*[queue.Levels]uint64)) *batches {
	return &batches{done: done, moved: make(chan struct{}, 1)}
}

// get returns an empty batch with one user, the worker.
func (p *batches) get() *batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b *batch
	if last := len(p.free) - 1; last >= 0 {
		b = p.free[last]
		p.free = p.free[:last]
	} else {
		b = &batch{owner: p}
	}
	b.users.Store(1)
	return b
}

func (p *batches) put(b *batch) {
	p.done(&b.levels)
	p.live.Add(-b.bytes)
	if b.spoiled.Load() {
		p.signal()
		return
	}
	clear(b.records)
	b.records, b.origins = b.records[:0], b.origins[:0]
	if b.lines, b.count = b.lines[:0], 0; cap(b.lines) > 2*maxBatchBytes {
		b.lines = nil
	}
	b.levels, b.bytes = [queue.Levels]uint64{}, 0
	b.decoder.Reset()
	p.mu.Lock()
	if len(p.free) < keepBatches {
		p.free = append(p.free, b)
	}
	p.mu.Unlock()
	p.signal()
}

// trim leaves unused batches to the garbage collector.
func (p *batches) trim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.free)
	p.free = p.free[:0]
}

func (p *batches) signal() {
	select {
	case p.moved <- struct{}{}:
	default: // one is pending already
	}
}
