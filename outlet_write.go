package weir

import (
	"errors"
	"fmt"
	"time"

	"github.com/weirlog/weir/record"
)

// write offers records to the sink.
func (o *outlet) write(records []record.Record) {
	o.call(uint64(len(records)), records, func() error { return o.sink.WriteBatch(o.core.worker.ctx, records) })
}

func (o *outlet) writeChosen() {
	if len(o.chosen) == 0 {
		return
	}
	o.write(o.chosen)
	o.forgetChosen()
	if cap(o.chosen) > 2*maxBatchRecords {
		o.chosen = nil
	}
}

// forgetChosen drops what a sink left that has ended its goroutine while it wrote: it
// is counted as failed.
func (o *outlet) forgetChosen() {
	clear(o.chosen)
	o.chosen = o.chosen[:0]
}

// call calls the sink and counts. records are nil for lines.
func (o *outlet) call(n uint64, records []record.Record, f func() error) {
	// A sink that ends the goroutine leaves this.
	err := errors.New("the sink called runtime.Goexit")
	defer func() {
		if o.handed && o.isGivenUp() {
			return // counted as dropped
		}
		o.batches.Add(1)
		o.records.Add(n)
		if err != nil {
			o.fail(err, n, records)
		} else {
			o.trouble.ended(o)
		}
	}()
	err = guard(f)
}

func (o *outlet) fail(err error, n uint64, records []record.Record) {
	o.errors.Add(1)
	o.failed.Add(n)
	if o.fallback != nil {
		o.rescued.Add(o.fallback.rescue(records))
	}
	o.trouble.add(o, err, n)
	o.mu.Lock()
	if o.failure == nil {
		o.failure = fmt.Errorf("sink %s: %w", o.name, err)
	}
	o.mu.Unlock()
}

// trouble is what was told of a sink's errors.
type trouble struct {
	text    string    // of the last error that was told; "": none since the sink worked
	told    time.Time // when that was
	records uint64    // that failed and were not told of
	all     uint64    // since the sink worked
}

// kindInterval is how often at most another error of a sink that fails already is told.
const kindInterval = time.Second

// add notes that records failed, and tells of it now and then.
func (t *trouble) add(o *outlet, err error, n uint64) {
	t.records += n
	t.all += n
	now := time.Now()
	since := now.Sub(t.told)
	if t.text == "" || since >= errorInterval || since >= kindInterval && err.Error() != t.text {
		o.core.diagnose(sinkError(o.name, err, t.records))
		t.text, t.told, t.records = err.Error(), now, 0
	}
}

// ended tells that a sink works again.
func (t *trouble) ended(o *outlet) {
	if t.text == "" {
		return
	}
	o.core.report("sink %s works again; %s did not reach it", o.name, count(t.all, "record"))
	*t = trouble{}
}

// last tells of what was not told when the sink is closed.
func (t *trouble) last(o *outlet) {
	if t.records > 0 {
		o.core.diagnose(sinkError(o.name, errors.New(t.text), t.records))
		t.records = 0
	}
}

// sinkError keeps a code that the sink gave.
func sinkError(name string, err error, records uint64) error {
	e := &Error{Layer: LayerSink, Service: name, Category: CategoryIO, Severity: SeverityError, Recoverable: true}
	var given *Error
	if errors.As(err, &given) {
		e.Layer, e.Service, e.Category, e.Severity, e.Recoverable = given.Layer, given.Service, given.Category, given.Severity, given.Recoverable
	}
	e.Message = fmt.Sprintf("sink %s: %s did not reach it", name, count(records, "record"))
	e.Err = err
	e.Context = map[string]any{"sink": name, "records": records}
	return e
}

// count is a number with its noun.
func count(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// rescued is the logger of records that another sink failed to write.
const rescued = ^uint32(0)

// maxRescued bounds the batches that wait for a fallback: one that is slow as well
// must not cost memory without bound.
const maxRescued = 16

// rescue puts copies of records that another sink failed to write into the line, and
// returns how many it takes.
func (o *outlet) rescue(records []record.Record) uint64 {
	if len(records) == 0 {
		return 0
	}
	n := uint64(len(records))
	if o.rescuing.Load() >= maxRescued {
		o.dropped.Add(n)
		return 0
	}
	// Its records are counted with the batch that they come from: its levels are zero.
	b := o.core.worker.batches.get()
	for i := range records {
		b.records = append(b.records, records[i].Clone())
		b.origins = append(b.origins, origin{stamp: ^uint64(0), logger: rescued})
		b.bytes += recordBytes + int64(len(records[i].Attrs))*attrBytes
	}
	b.bytes += batchOverhead
	o.core.worker.batches.live.Add(b.bytes)
	i := item{batch: b, rescue: true}
	if !o.inline {
		if !o.push(i) {
			return 0
		}
		return n
	}
	defer b.release()
	i.share = int64(n)
	before := o.dropped.Load()
	o.process([]item{i})
	if o.dropped.Load() != before {
		return 0
	}
	return n
}

// guard calls f, which is not ours, and turns a panic into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f()
}
