package weirtest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// SinkTest says how TestSink makes and reads a sink. New is required, and at least one of the
// others; the more there are, the more is checked.
type SinkTest struct {
	// New makes a sink that has written nothing yet, to a place of its own.
	New func(t testing.TB) weir.Sink
	// Records reads back what a sink has written, after its Close.
	Records func(t testing.TB, s weir.Sink) []record.Record
	// Count counts the records that a sink has written, after its Close. Default: those
	// that Records returns.
	Count func(t testing.TB, s weir.Sink) int
	// Output is what a sink has written, byte by byte, after its Close.
	Output func(t testing.TB, s weir.Sink) []byte
	// RefusesHostile says that hostile records may not arrive. Otherwise each that was
	// taken without an error must.
	RefusesHostile bool
}

// TestSink checks that a sink does what weir.Sink asks: it keeps nothing of a batch,
// changes nothing in it, writes all of it in its order, returns errors instead of panicking,
// works after records that no program should log, does not wait when its context has
// ended, can be closed unused, and, when it is a weir.LineSink, writes lines as it writes
// records.
func TestSink(t *testing.T, st SinkTest) {
	t.Helper()
	switch {
	case st.New == nil:
		t.Fatal("weirtest: SinkTest.New is missing")
	case st.Count == nil && st.Records != nil:
		st.Count = func(t testing.TB, s weir.Sink) int { return len(st.Records(t, s)) }
	case st.Count == nil && st.Output == nil:
		t.Fatal("weirtest: SinkTest has none of Records, Count and Output: nothing could be checked")
	}
	t.Run("writes whole batches in order", st.wholeBatches)
	t.Run("keeps nothing of a batch", st.keepsNothing)
	t.Run("changes nothing in a batch", st.changesNothing)
	t.Run("survives hostile records", st.survivesHostile)
	t.Run("does not wait when its context has ended", st.ended)
	t.Run("closes unused", st.closesUnused)
	t.Run("writes lines as records", st.writesLines)
	t.Run("works for a logger", st.worksForALogger)
}

// started makes a sink, and starts it if it wants to know its logger.
func (st *SinkTest) started(t *testing.T) weir.Sink {
	t.Helper()
	s := st.New(t)
	if s == nil {
		t.Fatal("New returned nil")
	}
	if starter, ok := s.(weir.Starter); ok {
		log, _ := New(t)
		if err := starter.Start(log); err != nil {
			t.Fatalf("Start: %v", err)
		}
	}
	return s
}

// write calls WriteBatch and turns a panic into a failure.
func write(ctx context.Context, t *testing.T, s weir.Sink, batch []record.Record) (err error) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			t.Errorf("WriteBatch panicked: %v", p)
		}
	}()
	return s.WriteBatch(ctx, batch)
}

func mustWrite(t *testing.T, s weir.Sink, batch []record.Record) {
	t.Helper()
	if err := write(t.Context(), t, s, batch); err != nil {
		t.Fatalf("WriteBatch: %v", err)
	}
}

func mustClose(t *testing.T, s weir.Sink) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// plain makes n records that every sink can write.
func plain(n int) []record.Record {
	resource := &record.Resource{Service: "shop", Host: "host-1"}
	out := make([]record.Record, n)
	for i := range out {
		out[i] = record.Record{
			Time: time.Date(2026, 11, 20, 10, 0, 0, i*1000, time.UTC), Severity: record.SeverityInfo, Logger: "shop.db", Resource: resource,
			Message: fmt.Sprintf("record %d", i), SourceID: "source-1", Seq: uint64(i + 1),
			Attrs: []slog.Attr{
				slog.Int("n", i), slog.String("text", fmt.Sprint("text ", i)), slog.Group("user", slog.String("plan", "pro"), slog.Int("id", i)),
				slog.Any("list", []slog.Value{slog.IntValue(i), slog.StringValue("x")}),
			},
		}
	}
	return out
}

// sizes are those of the batches: one record, some, a batch of the logger, more.
var sizes = [...]int{1, 7, 1024, 3000}

func (st *SinkTest) wholeBatches(t *testing.T) {
	s := st.started(t)
	total := 0
	for _, n := range sizes {
		total += n
	}
	all := plain(total)
	for at, i := 0, 0; i < len(sizes); i++ {
		mustWrite(t, s, slices.Clone(all[at:at+sizes[i]]))
		at += sizes[i]
	}
	mustClose(t, s)
	st.compare(t, s, all)
}

// compare checks what a sink has written as well as st lets it.
func (st *SinkTest) compare(t *testing.T, s weir.Sink, want []record.Record) {
	t.Helper()
	if st.Count != nil {
		if n := st.Count(t, s); n != len(want) {
			t.Fatalf("%d records arrived, want %d", n, len(want))
		}
	}
	if st.Records == nil {
		return
	}
	got := st.Records(t, s)
	for i := range want {
		if g, w := core(&got[i]), core(&want[i]); g != w {
			t.Fatalf("record %d arrived as\n%s\nwant\n%s", i, g, w)
		}
	}
}

// core is what each sink must write of a record: not every form has all of it.
func core(r *record.Record) string {
	kept := record.Record{Severity: r.Severity, Level: r.Level, Kind: r.Kind, Message: r.Message, Attrs: r.Attrs}
	return string(record.AppendJSON(nil, &kept))
}

func (st *SinkTest) keepsNothing(t *testing.T) {
	s := st.started(t)
	want := plain(100)
	batch := plain(100)
	mustWrite(t, s, batch)
	scribble(batch)
	mustClose(t, s)
	st.compare(t, s, want)
	if st.Output == nil {
		return
	}
	undisturbed := st.started(t)
	mustWrite(t, undisturbed, plain(100))
	mustClose(t, undisturbed)
	if got, want := st.Output(t, s), st.Output(t, undisturbed); string(got) != string(want) {
		t.Errorf("what was written changed with the batch:\n%s", difference(string(want), string(got)))
	}
}

// scribble writes over a batch, as the worker does when it fills the next one.
func scribble(batch []record.Record) {
	over := slog.String("scribbled", "over")
	for i := range batch {
		for j := range batch[i].Attrs {
			switch v := batch[i].Attrs[j].Value; v.Kind() {
			case slog.KindGroup:
				for k := range v.Group() {
					v.Group()[k] = over
				}
			case slog.KindAny:
				if list, ok := v.Any().([]slog.Value); ok {
					for k := range list {
						list[k] = over.Value
					}
				}
			}
			batch[i].Attrs[j] = over
		}
		batch[i] = record.Record{Message: "scribbled over", Attrs: batch[i].Attrs}
	}
}

func (st *SinkTest) changesNothing(t *testing.T) {
	s := st.started(t)
	batch := plain(10)
	if !st.RefusesHostile {
		batch = append(batch, HostileRecords()...)
	}
	before := make([]string, len(batch))
	for i := range batch {
		before[i] = string(record.AppendJSON(nil, &batch[i]))
	}
	_ = write(t.Context(), t, s, batch) // what it thinks of them is another test's
	for i := range batch {
		if now := string(record.AppendJSON(nil, &batch[i])); now != before[i] {
			t.Errorf("record %d became\n%.1000s\nwas\n%.1000s", i, now, before[i])
		}
	}
	_ = s.Close()
}

func (st *SinkTest) worksForALogger(t *testing.T) {
	const n = 2000
	s := st.New(t)
	log := weir.New("sinktest", weir.WithSink(s), weir.WithErrorOutput(io.Discard))
	for i := range n {
		log.Info("logged", "n", i)
	}
	if err := log.Close(); err != nil {
		t.Errorf("Close of the logger: %v", err)
	}
	stats := log.Stats()
	if stats.Emitted != n || stats.Written != n {
		t.Errorf("of %d records %d were written: %+v", stats.Emitted, stats.Written, stats)
	}
	for _, sink := range stats.Sinks {
		if sink.Errors > 0 {
			t.Errorf("sink %s: %d errors", sink.Name, sink.Errors)
		}
	}
	if st.Count != nil {
		if got := st.Count(t, s); got != n {
			t.Errorf("%d records arrived, want %d", got, n)
		}
	}
}
