package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

func messages(records []record.Record) []string {
	var list []string
	for i := range records {
		list = append(list, records[i].Message)
	}
	return list
}

func sinkStats(t *testing.T, l *weir.Logger, name string) weir.SinkStats {
	t.Helper()
	for _, s := range l.Stats().Sinks {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no sink %s in %+v", name, l.Stats().Sinks)
	return weir.SinkStats{}
}

// TestSinkWithItsOwnLevelAndProcessors: each sink has its own level and processors,
// and what one does to a record the others do not see. C19, C24.
func TestSinkWithItsOwnLevelAndProcessors(t *testing.T) {
	var all, loud, changed capture
	upper := weir.ProcessorFunc(func(r *record.Record) bool {
		r.Message += "!"
		r.Attrs = nil
		return r.Message != "two!"
	})
	l := weir.New("app", weir.WithLevel(weir.LevelDebug), weir.WithSink(
		&all,
		weir.ConfigureSink(&loud, weir.SinkOptions{Name: "loud", Level: weir.LevelWarn}),
		weir.ConfigureSink(&changed, weir.SinkOptions{Name: "changed", Processors: []weir.Processor{upper, nil, upper}}),
	))
	l.Debug("one", "k", 1)
	l.Warn("two", "k", 2)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	balance(t, l)
	if got := messages(all.records); !slices.Equal(got, []string{"one", "two"}) || len(all.records[0].Attrs) == 0 {
		t.Errorf("everything: %q, attributes %v", got, all.records[0].Attrs)
	}
	if got := messages(loud.records); !slices.Equal(got, []string{"two"}) {
		t.Errorf("from WARN: %q", got)
	}
	if got := messages(changed.records); !slices.Equal(got, []string{"one!!"}) {
		t.Errorf("processed: %q", got)
	}
	if s := sinkStats(t, l, "loud"); s.Filtered != 1 || s.Records != 1 {
		t.Errorf("loud: %+v", s)
	}
	if s := sinkStats(t, l, "changed"); s.Filtered != 1 || s.Records != 1 {
		t.Errorf("changed: %+v", s)
	}
}

// TestStalledSinkDoesNotTouchOthers: a sink that hangs loses its own records, counted,
// once the memory is used up; the others get everything and no call waits. C24.
func TestStalledSinkDoesNotTouchOthers(t *testing.T) {
	for _, policy := range []weir.Overflow{weir.DropOldest, weir.DropNewest, weir.Fail, weir.Block} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				hung := &capture{before: func() error { <-release; return nil }}
				var good capture
				l := weir.New("app", weir.WithSink(weir.ConfigureSink(hung, weir.SinkOptions{Name: "hung"}), &good),
					weir.WithOverflow(policy), weir.WithMemoryLimit(256<<10), weir.WithErrorOutput(io.Discard))
				const n = 20_000
				for i := range n {
					l.InfoFast("a record that is longer than the shortest ones are in most programs")
					if i%100 == 0 {
						time.Sleep(10 * time.Millisecond)
					}
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if got := len(good.all()); got != n {
					t.Errorf("the good sink has %d of %d records", got, n)
				}
				close(release)
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				balance(t, l)
				s := sinkStats(t, l, "hung")
				if s.Records+s.Dropped != n || s.Dropped == 0 || uint64(len(hung.records)) != s.Records || s.Waiting != 0 {
					t.Errorf("hung sink: %+v, it has %d", s, len(hung.records))
				}
				if dropped := l.Stats().Dropped.Total(); dropped != 0 {
					t.Errorf("%d records dropped for all", dropped)
				}
			})
		})
	}
}

// TestShortStallLosesNothing: the others keep up, and still a sink that stands still
// for less than a second loses nothing as long as there is memory.
func TestShortStallLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stalls := &capture{before: func() error { time.Sleep(50 * time.Millisecond); return nil }}
		var good capture
		l := weir.New("app", weir.WithSink(stalls, &good), weir.WithMemoryLimit(4<<20))
		const n = 10_000
		for i := range n {
			l.InfoFast("m")
			if i%10 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if len(stalls.records) != n || len(good.records) != n {
			t.Errorf("%d and %d of %d records", len(stalls.records), len(good.records), n)
		}
	})
}

// TestOnlySinkHungMeetsOverflow: when all sinks are behind, the queue's policy
// decides, so TryLog tells and memory stays bounded.
func TestOnlySinkHungMeetsOverflow(t *testing.T) {
	release := make(chan struct{})
	hung := &capture{before: func() error { <-release; return nil }}
	l := weir.New("app", weir.WithSink(hung), weir.WithOverflow(weir.Fail), weir.WithMemoryLimit(256<<10), weir.WithErrorOutput(io.Discard))
	full := false
	for i := 0; i < 1_000_000 && !full; i++ {
		full = errors.Is(l.TryLog(context.Background(), weir.LevelInfo, "m"), weir.ErrQueueFull)
	}
	if !full {
		t.Error("TryLog never said that the queue is full")
	}
	if s := l.Stats(); s.QueueMemory+s.SinkBytes > 256<<10+512<<10 {
		t.Errorf("memory: queue %d + sinks %d", s.QueueMemory, s.SinkBytes)
	}
	close(release)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	balance(t, l)
	if s := l.Stats(); uint64(len(hung.records)) != s.Written {
		t.Errorf("%d records of %d written", len(hung.records), s.Written)
	}
}

// TestFallback: what a sink fails to write reaches its fallback, which gets nothing
// else.
func TestFallback(t *testing.T) {
	var broken atomic.Bool
	first := &capture{before: func() error {
		if broken.Load() {
			return errors.New("unplugged")
		}
		return nil
	}}
	var second capture
	l := weir.New("app", weir.WithErrorOutput(io.Discard), weir.WithSink(
		weir.ConfigureSink(first, weir.SinkOptions{Name: "first", Fallback: weir.ConfigureSink(&second, weir.SinkOptions{Name: "second"})})))
	l.Info("one")
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	l.Info("two", "k", "v")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := messages(first.records); !slices.Equal(got, []string{"one"}) {
		t.Errorf("first: %q", got)
	}
	if got := messages(second.records); !slices.Equal(got, []string{"two"}) {
		t.Errorf("second: %q", got)
	}
	if v, ok := attr(second.records[0], "k"); !ok || v.String() != "v" {
		t.Errorf("the rescued record's attributes: %v", second.records[0].Attrs)
	}
	if s := sinkStats(t, l, "first"); s.Failed != 1 || s.Rescued != 1 {
		t.Errorf("first: %+v", s)
	}
	balance(t, l)
}

func TestFallbackInACircleIsRefused(t *testing.T) {
	var a, b capture
	inner := weir.ConfigureSink(&b, weir.SinkOptions{Name: "b", Fallback: &a})
	var told []error
	var mu sync.Mutex
	l := weir.New("app", weir.WithSink(weir.ConfigureSink(&a, weir.SinkOptions{Name: "a", Fallback: inner})), weir.WithErrorOutput(io.Discard),
		weir.WithDiagnostics(func(err error) { mu.Lock(); defer mu.Unlock(); told = append(told, err) }))
	l.Info("m")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if s := l.Stats().Sinks; len(s) != 1 || s[0].Batches != 1 || len(a.records)+len(b.records) != 0 {
		t.Errorf("the console did not take their place: %+v", s)
	}
}

// TestSinkThatEndsItsGoroutine: runtime.Goexit in a sink costs one batch, not the
// sink and not the program's log.
func TestSinkThatEndsItsGoroutine(t *testing.T) {
	once := true
	s := &capture{before: func() error {
		if once {
			once = false
			runtime.Goexit()
		}
		return nil
	}}
	l := weir.New("app", weir.WithSink(weir.ConfigureSink(s, weir.SinkOptions{Name: "s"})), weir.WithErrorOutput(io.Discard))
	l.Info("one")
	if err := l.Flush(context.Background()); err == nil {
		t.Error("the flush says nothing of the failure")
	}
	l.Info("two")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := messages(s.records); !slices.Equal(got, []string{"two"}) || sinkStats(t, l, "s").Failed != 1 {
		t.Errorf("%q, %+v", got, sinkStats(t, l, "s"))
	}
}

// TestSameSinkTwice: a sink that is given twice is one sink, called by one goroutine.
func TestSameSinkTwice(t *testing.T) {
	var c capture
	l := weir.New("app", weir.WithSink(&c, &c), weir.WithLogger("app.db", weir.LoggerOptions{Sinks: []weir.Sink{&c}}))
	l.Info("one")
	l.Named("db").Info("two")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := messages(c.records); !slices.Equal(got, []string{"one", "two"}) || c.closed != 1 {
		t.Errorf("%q, closed %d times", got, c.closed)
	}
}

// TestRemoveSink: C27, a sink is added and taken out again while the logger runs.
func TestRemoveSink(t *testing.T) {
	var always, sometimes capture
	l := weir.New("app", weir.WithSink(&always))
	l.Info("before")
	if err := l.AddSink(&sometimes); err != nil {
		t.Fatal(err)
	}
	l.Info("during")
	if err := l.RemoveSink(context.Background(), &sometimes); err != nil {
		t.Fatal(err)
	}
	l.Info("after")
	if got := messages(sometimes.records); !slices.Equal(got, []string{"during"}) || sometimes.closed != 1 {
		t.Errorf("%q, closed %d times", got, sometimes.closed)
	}
	if err := l.RemoveSink(context.Background(), &sometimes); err == nil {
		t.Error("removing it again is no error")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if got := messages(always.records); !slices.Equal(got, []string{"before", "during", "after"}) {
		t.Errorf("%q", got)
	}
	if err := l.RemoveSink(context.Background(), &always); !errors.Is(err, weir.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// immediate is a capture that the worker calls itself.
type immediate struct{ capture }

func (*immediate) Immediate() {}

func TestImmediateSink(t *testing.T) {
	before := runtime.NumGoroutine()
	s := new(immediate)
	l := weir.New("app", weir.WithSink(weir.ConfigureSink(s, weir.SinkOptions{Processors: []weir.Processor{&counter{}}})))
	if extra := runtime.NumGoroutine() - before; extra > 1 {
		t.Errorf("%d goroutines for a logger with an immediate sink", extra)
	}
	for i := range 5 {
		l.Info(fmt.Sprint(i))
	}
	if err := l.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := len(s.all()); n != 6 { // five, and the count
		t.Errorf("%d records after a flush", n)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if s.closed != 1 {
		t.Errorf("closed %d times", s.closed)
	}
}

// counter is a Holder that says at the end how many records passed.
type counter struct{ n int }

func (c *counter) Process(r *record.Record, emit func(record.Record)) error {
	c.n++
	emit(*r)
	return nil
}

func (c *counter) Release(now time.Time, emit func(record.Record)) bool {
	if c.n == 0 || !now.IsZero() {
		return c.n > 0
	}
	emit(record.Record{Message: fmt.Sprintf("%d passed", c.n)})
	c.n = 0
	return false
}

// TestHolder: what a processor holds back is released when its time has come, without
// a further record, and at a flush and the end at the latest.
func TestHolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, options := range map[string]func(weir.Processor, weir.Sink) []weir.Option{
			"of one sink": func(p weir.Processor, s weir.Sink) []weir.Option {
				return []weir.Option{weir.WithSink(weir.ConfigureSink(s, weir.SinkOptions{Processors: []weir.Processor{p}}))}
			},
			"of all": func(p weir.Processor, s weir.Sink) []weir.Option {
				return []weir.Option{weir.WithSink(s), weir.WithProcessor(p)}
			},
		} {
			var c capture
			l := weir.New("app", options(&delayed{}, &c)...)
			l.Info("m")
			time.Sleep(4 * time.Second)
			synctest.Wait()
			if n := len(c.all()); n != 0 {
				t.Errorf("%s: %d records at once", name, n)
			}
			time.Sleep(3 * time.Second)
			synctest.Wait()
			if n := len(c.all()); n != 1 {
				t.Errorf("%s: %d records when the time had come", name, n)
			}
			l.Info("n")
			if err := l.Flush(context.Background()); err != nil || len(c.all()) != 2 {
				t.Errorf("%s: %d records after a flush: %v", name, len(c.all()), err)
			}
			l.Info("o")
			if err := l.Close(); err != nil || len(c.records) != 3 {
				t.Errorf("%s: %d records at the end: %v", name, len(c.records), err)
			}
		}
	})
}

// delayed holds one record back for five seconds.
type delayed struct {
	held  *record.Record
	since time.Time
}

func (d *delayed) Process(r *record.Record, _ func(record.Record)) error {
	c := r.Clone()
	d.held, d.since = &c, time.Now()
	return nil
}

func (d *delayed) Release(now time.Time, emit func(record.Record)) bool {
	if d.held == nil {
		return false
	}
	if now.IsZero() || now.Sub(d.since) >= 5*time.Second {
		emit(*d.held)
		d.held = nil
	}
	return d.held != nil
}

// TestFailingProcessor: a processor that fails or panics is counted and named, and
// costs no record.
func TestFailingProcessor(t *testing.T) {
	var c capture
	var mu sync.Mutex
	var told []error
	l := weir.New("app", weir.WithSink(weir.ConfigureSink(&c, weir.SinkOptions{Name: "c", Processors: []weir.Processor{failing{"fails", false}}})),
		weir.WithProcessor(failing{"panics", true}),
		weir.WithDiagnostics(func(err error) { mu.Lock(); defer mu.Unlock(); told = append(told, err) }))
	for range 3 {
		l.Info("m")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if len(c.records) != 3 {
		t.Errorf("%d records", len(c.records))
	}
	want := []weir.ProcessorStats{{Name: "panics", Errors: 3}, {Name: "fails", Sink: "c", Errors: 3}}
	if got := l.Stats().Processors; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if len(told) != 2 {
		t.Fatalf("told %d times: %v", len(told), told)
	}
	var e *weir.Error
	if !errors.As(told[0], &e) || e.Layer != weir.LayerProcessor {
		t.Errorf("%v", told[0])
	}
}

type failing struct {
	name   string
	panics bool
}

func (f failing) String() string { return f.name }

func (f failing) Process(r *record.Record, _ func(record.Record)) error {
	r.Message = "changed"
	if f.panics {
		panic("no")
	}
	return errors.New("no")
}

// TestStoppedTerminalDoesNotStopThePage: a viewer gets everything while the only
// destination hangs; with Fail the calls are told instead.
func TestStoppedTerminalDoesNotStopThePage(t *testing.T) {
	for _, policy := range []weir.Overflow{weir.DropOldest, weir.DropNewest, weir.Block, weir.Fail} {
		t.Run(policy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				terminal := &capture{before: func() error { <-release; return nil }}
				page := new(immediateViewer)
				l := weir.New("app", weir.WithSink(weir.ConfigureSink(terminal, weir.SinkOptions{Name: "terminal"}), page),
					weir.WithOverflow(policy), weir.WithMemoryLimit(256<<10), weir.WithErrorOutput(io.Discard))
				const n = 20_000
				refused := 0
				for i := range n {
					if l.TryLog(context.Background(), weir.LevelInfo, "a record that is longer than the shortest ones are") != nil {
						refused++
					}
					if i%100 == 0 {
						time.Sleep(10 * time.Millisecond)
					}
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				if policy == weir.Fail {
					if refused == 0 {
						t.Error("no call was told")
					}
				} else if got := len(page.all()); got != n || refused != 0 {
					t.Errorf("the page has %d of %d records, %d calls refused", got, n, refused)
				}
				close(release)
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				balance(t, l)
				if s := sinkStats(t, l, "terminal"); s.Records+s.Dropped != uint64(n-refused) {
					t.Errorf("terminal: %+v", s)
				}
			})
		})
	}
}

type immediateViewer struct{ viewer }

func (*immediateViewer) Immediate() {}
