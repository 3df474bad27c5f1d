package processor

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// The defaults of SampleOptions: those that zap's production configuration made usual.
const (
	DefaultSampleInterval   = time.Second
	DefaultSampleFirst      = 100
	DefaultSampleThereafter = 100
)

// SampledAttr is the attribute of a record that others were dropped for: how many
// records it stands for, itself among them.
const SampledAttr = "sampled"

// SampleOptions say what Sample lets through. The zero value is a good default.
type SampleOptions struct {
	// Interval is what First counts in, by the records' own times. Default
	// DefaultSampleInterval.
	Interval time.Duration
	// First is how many records of a key pass in each interval. Default
	// DefaultSampleFirst; below zero: none.
	First int
	// Thereafter lets each such one pass of those that follow. Default
	// DefaultSampleThereafter; below zero: none.
	Thereafter int
	// Keys name what makes records alike, as the search language names it. Default:
	// level and message.
	Keys []string
	// MaxKeys bounds the keys that are remembered; one that was forgotten starts
	// over. Default DefaultMaxKeys.
	MaxKeys int
	// Errors makes records of ERROR and above subject to sampling too.
	Errors bool
}

// Sampler is the processor that Sample makes.
type Sampler struct {
	o       SampleOptions
	keys    keyer
	counts  *recent[sampleCount]
	dropped atomic.Uint64
}

type sampleCount struct {
	start   time.Time
	seen    int    // in the interval
	pending uint64 // dropped since one passed
}

var _ weir.Processor = (*Sampler)(nil)

// Sample lets the first records of each key pass in an interval, and one in so many
// of the rest. The next one that passes says in the attribute "sampled" how many it stands
// for, so that sums stay right; those dropped after the last that passes are in Dropped
// alone. Dividers and checkpoints pass. It counts, so it must stand in one place only.
func Sample(o SampleOptions) *Sampler {
	if o.Interval <= 0 {
		o.Interval = DefaultSampleInterval
	}
	if o.First == 0 {
		o.First = DefaultSampleFirst
	}
	if o.Thereafter == 0 {
		o.Thereafter = DefaultSampleThereafter
	}
	if len(o.Keys) == 0 {
		o.Keys = []string{"level", "message"}
	}
	return &Sampler{o: o, keys: newKeyer(o.Keys), counts: newRecent[sampleCount](o.MaxKeys)}
}

// String returns "sample".
func (*Sampler) String() string { return "sample" }

// Dropped returns how many records were dropped. It may be called concurrently.
func (s *Sampler) Dropped() uint64 { return s.dropped.Load() }

// Process implements weir.Processor.
func (s *Sampler) Process(r *record.Record, emit func(record.Record)) error {
	if r.Kind != record.KindLog || r.Severity >= record.SeverityError && !s.o.Errors {
		emit(*r)
		return nil
	}
	c := s.count(s.keys.of(r))
	if since := timeOf(r).Sub(c.start); since >= s.o.Interval || since <= -s.o.Interval {
		c.start, c.seen = timeOf(r), 0
	}
	c.seen++
	if !s.passes(c.seen) {
		c.pending++
		s.dropped.Add(1)
		return nil
	}
	if c.pending > 0 {
		r.Attrs = extended(r.Attrs, slog.Uint64(SampledAttr, c.pending+1))
		c.pending = 0
	}
	emit(*r)
	return nil
}

func (s *Sampler) count(k key) *sampleCount {
	n := s.counts.get(k)
	if n == nil {
		if s.counts.full() {
			s.counts.remove(s.counts.oldest())
		}
		n = s.counts.add(k)
	}
	s.counts.renew(n)
	return &n.value
}

func (s *Sampler) passes(seen int) bool {
	first := max(s.o.First, 0)
	return seen <= first || s.o.Thereafter > 0 && (seen-first)%s.o.Thereafter == 0
}
