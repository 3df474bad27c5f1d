// Package null discards records and counts them: for a name that should be quiet, and
// for measuring what logging costs without its output.
//
// [New] makes the sink, [Sink.Records] tells how many it got.
package null

import (
	"context"
	"sync/atomic"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Sink discards records. Its counters may be read at any time.
type Sink struct {
	records, batches, bytes atomic.Uint64
}

var (
	_ weir.Immediate = (*Sink)(nil)
	_ weir.LineSink  = (*Sink)(nil)
	_ weir.SelfNamed = (*Sink)(nil)
)

// New makes a sink.
func New() *Sink { return &Sink{} }

// Records returns how many records were discarded.
func (s *Sink) Records() uint64 { return s.records.Load() }

// Batches returns in how many pieces they came.
func (s *Sink) Batches() uint64 { return s.batches.Load() }

// Bytes returns the length of those that came as lines: a record that nobody wants as
// text is not made into one to be measured.
func (s *Sink) Bytes() uint64 { return s.bytes.Load() }

// SinkName implements weir.SelfNamed.
func (s *Sink) SinkName() string { return "null" }

// WriteBatch implements weir.Sink.
func (s *Sink) WriteBatch(_ context.Context, batch []record.Record) error {
	s.records.Add(uint64(len(batch)))
	s.batches.Add(1)
	return nil
}

// AcceptsLines implements weir.LineSink.
func (s *Sink) AcceptsLines() bool { return true }

// WriteLines implements weir.LineSink.
func (s *Sink) WriteLines(_ context.Context, lines []byte, records int) error {
	s.records.Add(uint64(records))
	s.bytes.Add(uint64(len(lines)))
	s.batches.Add(1)
	return nil
}

// Immediate implements weir.Immediate.
func (s *Sink) Immediate() {}

// Close implements weir.Sink.
func (s *Sink) Close() error { return nil }
