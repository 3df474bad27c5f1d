package weir

import (
	"errors"
	"fmt"
	"time"

	"github.com/weirlog/weir/internal/queue"
	"github.com/weirlog/weir/record"
)

// write offers records to the sink.
func (o *outlet) write(records []record.Record) {
	o.call(uint64(len(records)), records, func() error { return o.sink.WriteBatch(o.core.worker.ctx, records) })
}

// call calls the sink and counts. records are nil for lines.
func (o *outlet) call(n uint64, records []record.Record, f func() error) {
	returned := false
	defer func() {
		if !returned { // the sink has ended the goroutine
			o.fail(errors.New("the sink called runtime.Goexit"), n, records)
		}
	}()
	err := guard(f)
	returned = true
	o.batches.Add(1)
	o.records.Add(n)
	if err != nil {
		o.fail(err, n, records)
	}
}

func (o *outlet) fail(err error, n uint64, records []record.Record) {
	o.errors.Add(1)
	o.failed.Add(n)
	if o.fallback != nil {
		o.rescued.Add(o.fallback.rescue(records))
	}
	o.unreported += n
	if now := time.Now(); o.lastReport.IsZero() || now.Sub(o.lastReport) >= errorInterval {
		o.core.diagnose(sinkError(o.name, err, o.unreported))
		o.lastReport, o.unreported = now, 0
	}
	o.mu.Lock()
	if o.failure == nil {
		o.failure = fmt.Errorf("sink %s: %w", o.name, err)
	}
	o.mu.Unlock()
}

// sinkError keeps a code that the sink gave.
func sinkError(name string, err error, records uint64) error {
	e := &Error{Layer: LayerSink, Service: name, Category: CategoryIO, Severity: SeverityError, Recoverable: true}
	var given *Error
	if errors.As(err, &given) {
		e.Layer, e.Service, e.Category, e.Severity, e.Recoverable = given.Layer, given.Service, given.Category, given.Severity, given.Recoverable
	}
	e.Message = fmt.Sprintf("sink %s: %d records did not reach it", name, records)
	e.Err = err
	e.Context = map[string]any{"sink": name, "records": records}
	return e
}

// rescued is the logger of records that another sink failed to write.
const rescued = ^uint32(0)

// maxRescued bounds the records that wait for a fallback, in batches: one that is
// slow as well must not cost memory without bound.
const maxRescued = 16

// rescue puts copies of records that another sink failed to write into the line, and
// returns how many they were.
func (o *outlet) rescue(records []record.Record) uint64 {
	o.mu.Lock()
	full := len(o.line) >= maxRescued
	o.mu.Unlock()
	if full {
		o.dropped.Add(uint64(len(records)))
		return 0
	}
	b := o.core.worker.batches.get()
	b.levels = [queue.Levels]uint64{} // they are counted with the batch they come from
	for i := range records {
		b.records = append(b.records, records[i].Clone())
		b.origins = append(b.origins, origin{stamp: ^uint64(0), logger: rescued})
	}
	if o.inline {
		defer b.release()
		o.process(b)
	} else {
		o.push(item{batch: b})
	}
	return uint64(len(records))
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
