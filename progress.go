package weir

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// DefaultProgressInterval is how often at most a Progress logs: numbers that
	// change faster cannot be read.
	DefaultProgressInterval = 500 * time.Millisecond
	// rateMemory is how far back the rate looks: long enough to stand still between two
	// batches of work, short enough to follow a change.
	rateMemory = 5 * time.Second
	// fastCall and callsPerLook keep the clock, 40 ns a look here, out of fast loops, where
	// a call takes 7 to 15 ns: calls that come faster than fastCall look at it every so
	// many calls, slower ones each time. A loop that was fast and becomes slow is behind
	// by so many calls at most, once.
	fastCall     = time.Microsecond
	callsPerLook = 16
)

// Progress is the progress of one long piece of work as a live row: records of kind checkpoint
// with the same message and source, which the page shows as one row that changes in place.
//
// It is safe for concurrent use. Add and Set cost a few nanoseconds and log at most
// once in an interval, however often they are called. Nothing runs between the
// calls: of work that stalls, the last record stays as it is, and its age tells.
//
// Records have the attributes checkpoint (the name), status, done, rate (per second,
// over the last seconds) and, where the total is known, total, progress (0 to 100)
// and eta; the first and the last are always logged, at any level of the logger. The last has
// duration_ms and the rate over all of it. For a state that outlives the program
// see Logger.Save.
type Progress struct {
	log      *Logger
	name     string
	interval time.Duration
	started  time.Time

	done  atomic.Int64
	total atomic.Int64
	note  atomic.Pointer[string]
	fast  atomic.Bool  // calls come faster than fastCall
	calls atomic.Int32 // until the clock is looked at again, but for single steps

	mu       sync.Mutex
	due      time.Duration // when the next record may be logged; all times are since started
	ended    bool
	looked   time.Duration // the last look at the clock
	told     time.Duration // the last record
	toldDone int64
	rate     float64 // per second, smoothed
	rated    bool    // rate has a value
}

// ProgressOption changes a Progress.
type ProgressOption func(*Progress)

// ProgressInterval sets how often at most a Progress logs. Default
// DefaultProgressInterval.
func ProgressInterval(d time.Duration) ProgressOption {
	return func(p *Progress) {
		if d > 0 {
			p.interval = d
		}
	}
}

// Progress begins a piece of work with so many steps; 0 when nobody knows how many.
// Two that run at the same time need different names. Whoever begins it calls Done
// or Fail at its end.
func (l *Logger) Progress(name string, total int64, opts ...ProgressOption) *Progress {
	p := &Progress{log: l, name: name, interval: DefaultProgressInterval, started: time.Now()}
	p.total.Store(total)
	for _, opt := range opts {
		if opt != nil {
			opt(p)
		}
	}
	p.due = p.interval
	p.emit(StatusInProgress, 0)
	return p
}

// Add counts n further steps.
func (p *Progress) Add(n int64) {
	done := p.done.Add(n)
	if n != 1 {
		p.called()
	} else if done%callsPerLook == 0 || !p.fast.Load() { // single steps count the calls
		p.look()
	}
}

// Set sets how many steps are done.
func (p *Progress) Set(done int64) {
	p.done.Store(done)
	p.called()
}

// SetTotal sets how many steps there are; 0 when nobody knows.
func (p *Progress) SetTotal(total int64) {
	p.total.Store(total)
	p.look()
}

// Note sets a text that is shown beside the numbers.
func (p *Progress) Note(text string) {
	p.note.Store(&text)
	p.look()
}

// Done ends the work well. Only the first call of Done or Fail counts.
func (p *Progress) Done() { p.end(StatusDone) }

// Fail ends the work with an error, which may be nil. The record has the level ERROR.
func (p *Progress) Fail(err error) {
	if err == nil {
		p.end(StatusFailed)
		return
	}
	p.end(StatusFailed, slog.Any("error", err))
}

func (p *Progress) called() {
	if !p.fast.Load() || p.calls.Add(-1) <= 0 {
		p.look()
	}
}

// look logs a record if it is time.
func (p *Progress) look() {
	now := time.Since(p.started)
	if !p.mu.TryLock() {
		return // somebody else is looking
	}
	defer p.mu.Unlock()
	calls := 1
	if p.fast.Load() {
		calls = callsPerLook
	}
	p.fast.Store(now-p.looked < time.Duration(calls)*fastCall)
	p.calls.Store(callsPerLook)
	p.looked = now
	if p.ended || now < p.due {
		return
	}
	p.emit(StatusInProgress, now)
	p.due = now + p.interval
}

func (p *Progress) end(status CheckpointStatus, more ...any) {
	now := time.Since(p.started)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.ended = true
	more = append(more, slog.Float64("duration_ms", round(float64(now)/float64(time.Millisecond), 3)))
	p.emit(status, now, more...)
}

// emit logs the state at a time since started. The lock is held, or nobody else
// knows p yet.
func (p *Progress) emit(status CheckpointStatus, now time.Duration, more ...any) {
	done, total := p.done.Load(), p.total.Load()
	rate := p.measure(status, done, now)
	args := []any{slog.String("checkpoint", p.name), slog.String("status", string(status)), slog.Int64("done", done)}
	if total > 0 {
		args = append(args, slog.Int64("total", total), slog.Float64("progress", p.percent(status, done, total)))
	} else if status == StatusDone {
		args = append(args, slog.Float64("progress", 100))
	}
	if now > 0 {
		args = append(args, slog.Float64("rate", significant(rate)))
	}
	if left := total - done; status == StatusInProgress && left > 0 && rate > 0 {
		if eta := float64(left) / rate; eta < maxETA.Seconds() {
			args = append(args, slog.Duration("eta", shorten(time.Duration(eta*float64(time.Second)))))
		}
	}
	if note := p.note.Load(); note != nil && *note != "" {
		args = append(args, slog.String("note", *note))
	}
	p.log.logState(context.Background(), status, p.name, 0, append(args, more...))
}

// measure returns the rate of steps per second: in the end over everything, before
// smoothed.
func (p *Progress) measure(status CheckpointStatus, done int64, now time.Duration) float64 {
	if now <= 0 {
		return 0
	}
	if status != StatusInProgress {
		return float64(done) / now.Seconds()
	}
	span := now - p.told
	if span <= 0 {
		return p.rate
	}
	current := max(0, float64(done-p.toldDone)/span.Seconds())
	if p.rated {
		// The weight of the past fades with the time that has gone by, not with the calls.
		keep := math.Exp(-span.Seconds() / rateMemory.Seconds())
		p.rate = keep*p.rate + (1-keep)*current
	} else {
		p.rate, p.rated = current, true
	}
	p.told, p.toldDone = now, done
	return p.rate
}

func (p *Progress) percent(status CheckpointStatus, done, total int64) float64 {
	if status == StatusDone {
		return 100
	}
	return round(min(100, max(0, 100*float64(done)/float64(total))), 2)
}

// maxETA is where "a long time" begins: no number helps.
const maxETA = 1000 * 24 * time.Hour

// shorten rounds a time left to what can be relied upon.
func shorten(d time.Duration) time.Duration {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond)
	}
	return d.Round(time.Second)
}

func round(v float64, places int) float64 {
	scale := math.Pow10(places)
	return math.Round(v*scale) / scale
}

// significant keeps four digits: the others are noise.
func significant(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) {
		return v
	}
	return round(v, 3-int(math.Floor(math.Log10(math.Abs(v)))))
}

// Track counts from 0 to n-1 with a Progress: done when the loop ends by itself,
// skipped when it is left early, failed when its body panics.
//
//	for i := range weir.Track(log, "epoch 3", len(batches)) {
func Track(l *Logger, name string, n int, opts ...ProgressOption) iter.Seq[int] {
	return func(yield func(int) bool) {
		p := l.Progress(name, int64(n), opts...)
		ended := false
		defer func() {
			if !ended {
				p.Fail(fmt.Errorf("the loop's body did not return at %d of %d", p.done.Load(), n))
			}
		}()
		for i := range n {
			if !yield(i) {
				ended = true
				p.end(StatusSkipped)
				return
			}
			p.Add(1)
		}
		ended = true
		p.Done()
	}
}
