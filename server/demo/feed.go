package demo

import (
	"cmp"
	"container/heap"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/weirlog/weir/record"
)

// feed is the shop on a timeline of its own: what happens depends on the seed and
// the start only, not on when it is asked.
type feed struct {
	rng    *rand.Rand
	start  time.Time
	rate   float64 // records a second on average
	next   time.Time
	events events
	order  uint64
	cast   *cast
	run    *trainingRun
}

// event is a record that will happen; order keeps those of one moment apart.
type event struct {
	record record.Record
	sender *sender
	order  uint64
}

func newFeed(seed uint64, rate float64, start time.Time) *feed {
	rng := rand.New(rand.NewPCG(seed, 0x5eed))
	f := &feed{rng: rng, start: start, rate: rate, next: start, cast: newCast(rng)}
	f.run = newTrainingRun(f, start)
	return f
}

// until returns everything that has happened before t and was not returned before,
// in order.
func (f *feed) until(t time.Time) []record.Record {
	for {
		if f.run.next.Before(f.next) {
			if !f.run.next.Before(t) {
				break
			}
			f.run.advance(f)
			continue
		}
		if !f.next.Before(t) {
			break
		}
		f.happen(f.next)
		f.next = f.next.Add(f.pause(f.next))
	}
	var out []record.Record
	for len(f.events) > 0 && f.events[0].record.Time.Before(t) {
		e := heap.Pop(&f.events).(*event)
		e.sender.seq++
		e.record.SourceID, e.record.Seq = e.sender.id, e.sender.seq
		out = append(out, e.record)
	}
	return out
}

// happen begins one story. The shares make about eight in ten records INFO or
// below, and one in thirty an error.
func (f *feed) happen(at time.Time) {
	switch n := f.rng.IntN(100); {
	case n < 22:
		f.checkout(at)
	case n < 55:
		f.search(at)
	case n < 67:
		f.job(at)
	case n < 72:
		f.newsletter(at)
	default:
		f.noise(at)
	}
}

// recordsPerStory is how many records a story has on average, as counted over
// 20 minutes of the feed (TestRate); it turns the rate of records into one of stories.
const recordsPerStory = 2.85

// pause is the time to the next story: exponential, around the rhythm of the
// moment.
func (f *feed) pause(now time.Time) time.Duration {
	stories := f.rate / recordsPerStory * rhythm(now.Sub(f.start))
	return min(time.Duration(f.rng.ExpFloat64()/stories*float64(time.Second)), time.Minute)
}

// rhythm is how busy the shop is, 1 on average: in each minute a quiet moment and
// a burst.
func rhythm(since time.Duration) float64 {
	switch second := int(since/time.Second) % 60; {
	case second >= 40 && second < 45:
		return 4
	case second >= 50 && second < 58:
		return 0.15
	}
	return 0.82
}

// log makes one record of a sender. The attributes must not be used again.
func (f *feed) log(at time.Time, from *sender, s record.Severity, message string, attrs ...slog.Attr) {
	f.push(from, record.Record{Time: at, Severity: s, Message: message, Attrs: attrs})
}

// divider makes a separator in the stream.
func (f *feed) divider(at time.Time, from *sender, label string, attrs ...slog.Attr) {
	f.push(from, record.Record{Time: at, Severity: record.SeverityInfo, Kind: record.KindDivider, Message: label, Attrs: attrs})
}

func (f *feed) push(from *sender, r record.Record) {
	r.Time = r.Time.UTC().Truncate(time.Microsecond)
	r.Logger, r.Resource = from.logger, from.resource
	f.order++
	heap.Push(&f.events, &event{r, from, f.order})
}

// chance is true once in n.
func (f *feed) chance(n int) bool { return f.rng.IntN(n) == 0 }

// took draws a duration with a long tail around a typical one.
func (f *feed) took(typical time.Duration) time.Duration {
	d := time.Duration(float64(typical) * (0.5 + f.rng.ExpFloat64()*0.6))
	if f.chance(40) {
		d *= 8
	}
	return d.Round(10 * time.Microsecond)
}

func (f *feed) hex(digits int) string {
	const alphabet = "0123456789abcdef"
	b := make([]byte, digits)
	for i := range b {
		b[i] = alphabet[f.rng.IntN(16)]
	}
	return string(b)
}

func pick[T any](f *feed, list []T) T { return list[f.rng.IntN(len(list))] }

func millis(d time.Duration) slog.Attr {
	return slog.Float64("duration_ms", float64(d.Microseconds())/1000)
}

// events is a heap by time.
type events []*event

var _ heap.Interface = (*events)(nil)

func (e events) Len() int      { return len(e) }
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e events) Less(i, j int) bool {
	if c := e[i].record.Time.Compare(e[j].record.Time); c != 0 {
		return c < 0
	}
	return cmp.Less(e[i].order, e[j].order)
}
func (e *events) Push(x any) { *e = append(*e, x.(*event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
