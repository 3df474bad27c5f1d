package processor_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
)

var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func timed(at time.Duration, message string) record.Record {
	r := info(message)
	r.Time = start.Add(at)
	return r
}

func TestSampleLetsTheFirstPassAndEachTenth(t *testing.T) {
	p := processor.Sample(processor.SampleOptions{First: 2, Thereafter: 10, Interval: time.Second})
	stands, passed := 0, 0
	for second := range 3 {
		for i := range 25 {
			for _, r := range run(t, p, timed(time.Duration(second)*time.Second+time.Duration(i)*time.Millisecond, "m")) {
				passed++
				stands += sampled(t, r)
			}
		}
	}
	// 2 + 25 - 2 = 23 more, of which the 10th and 20th pass, in each second.
	if passed != 12 {
		t.Errorf("%d passed", passed)
	}
	if dropped := int(p.Dropped()); dropped != 75-12 || stands != 75-3 {
		t.Errorf("%d dropped; those that passed stand for %d, want all but the last 3", dropped, stands)
	}
}

func sampled(t *testing.T, r record.Record) int {
	t.Helper()
	v, ok := r.Lookup(processor.SampledAttr)
	if !ok {
		return 1
	}
	return int(v.Uint64())
}

func TestSampleCountsByKey(t *testing.T) {
	p := processor.Sample(processor.SampleOptions{First: 1, Thereafter: -1})
	debug := info("a")
	debug.Severity = record.SeverityDebug
	if got := messages(run(t, p, info("a"), info("b"), debug, info("a"), info("b"), debug)); got != "a|b|a" {
		t.Errorf("by level and message: %s", got)
	}
	p = processor.Sample(processor.SampleOptions{First: 1, Thereafter: -1, Keys: []string{"level"}})
	if got := messages(run(t, p, info("a"), info("b"), debug)); got != "a|a" {
		t.Errorf("by level: %s", got)
	}
	p = processor.Sample(processor.SampleOptions{First: -1, Thereafter: 2, Keys: []string{"nothing"}})
	if got := messages(run(t, p, info("a"), info("b"), info("c"), info("d"))); got != "b|d" {
		t.Errorf("each second: %s", got)
	}
}

func TestSampleNeverDropsErrorsUnlessTold(t *testing.T) {
	failed, divider := info("failed"), info("-")
	failed.Severity = record.SeverityError
	divider.Kind = record.KindDivider
	for told, want := range map[bool]int{false: 6, true: 4} {
		p := processor.Sample(processor.SampleOptions{First: 1, Thereafter: -1, Errors: told})
		if n := len(run(t, p, failed, failed, failed, divider, divider, divider)); n != want {
			t.Errorf("errors %v: %d passed, want %d", told, n, want)
		}
	}
}

func TestSampleRemembersSoManyKeys(t *testing.T) {
	p := processor.Sample(processor.SampleOptions{First: 1, Thereafter: -1, MaxKeys: 2})
	if got := messages(run(t, p, info("a"), info("b"), info("a"), info("c"), info("a"), info("b"))); got != "a|b|c|b" {
		t.Errorf("%s: b was not used for longest and so forgotten", got)
	}
}

func TestSampleClockSetBackStartsAnInterval(t *testing.T) {
	p := processor.Sample(processor.SampleOptions{First: 1, Thereafter: -1})
	if n := len(run(t, p, timed(time.Hour, "m"), timed(time.Hour-time.Millisecond, "m"), timed(0, "m"))); n != 2 {
		t.Errorf("%d passed", n)
	}
}

func TestRateLimitTellsWhatItDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := processor.RateLimit(processor.RateLimitOptions{PerSecond: 10, Burst: 5})
		r := info("hot loop")
		r.Logger = "app.db"
		send := func(n int) (passed int) {
			for range n {
				passed += len(run(t, p, r))
			}
			return passed
		}
		if n := send(20); n != 5 {
			t.Errorf("%d passed at once", n)
		}
		if out, more := release(p, time.Now()); len(out) != 0 || !more {
			t.Errorf("told at once: %s, more %v", messages(out), more)
		}
		time.Sleep(300 * time.Millisecond)
		if n := send(20); n != 3 {
			t.Errorf("%d passed after 300 ms", n)
		}
		time.Sleep(processor.DefaultRateReportEvery)
		out, more := release(p, time.Now())
		if messages(out) != `32 records of logger:app.db level:INFO message:"hot loop" were dropped by the rate limit` || more {
			t.Errorf("told %q, more %v", messages(out), more)
		}
		if got := attrsJSON(out[0]); got != `{"dropped":32}` || out[0].Severity != record.SeverityWarn || out[0].Logger != "app.db" {
			t.Errorf("told as %s", line(&out[0]))
		}
		send(6)
		if out, more = release(p, time.Time{}); messages(out) != `1 record of logger:app.db level:INFO message:"hot loop" was dropped by the rate limit` || more {
			t.Errorf("told at a flush %q, more %v", messages(out), more)
		}
		if out, more = release(p, time.Time{}); len(out) != 0 || more {
			t.Errorf("told twice: %q, more %v", messages(out), more)
		}
		if p.Dropped() != 33 {
			t.Errorf("dropped %d", p.Dropped())
		}
	})
}

func TestRateLimitByAttributeForgetsTheOldest(t *testing.T) {
	p := processor.RateLimit(processor.RateLimitOptions{PerSecond: 1, Keys: []string{"user.id"}, MaxKeys: 2})
	of := func(id int) record.Record { return info(fmt.Sprint(id), user("id", id)) }
	got := messages(run(t, p, of(1), of(1), of(2), of(1), of(3), of(2), of(4)))
	if got != "1|2|3|2 records of user.id:1 were dropped by the rate limit|2|4" {
		t.Error(got)
	}
	p = processor.RateLimit(processor.RateLimitOptions{PerSecond: 1, Keys: []string{"user.id"}})
	run(t, p, info("a"), info("b"))
	if out, _ := release(p, time.Time{}); messages(out) != "1 record of one kind was dropped by the rate limit" {
		t.Error(messages(out))
	}
}
