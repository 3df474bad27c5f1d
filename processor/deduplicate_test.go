package processor_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
)

func TestDeduplicateTellsRepeatsWhenTheWindowEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := processor.Deduplicate(processor.DeduplicateOptions{Window: time.Second})
		for i := range 5 {
			r := timed(time.Duration(i)*time.Millisecond, "retrying")
			r.Seq = uint64(i + 1)
			r.Attrs = []slog.Attr{slog.String("peer", "db")}
			if n := len(run(t, p, r)); n != 0 != (i == 0) {
				t.Errorf("record %d: %d emitted", i, n)
			}
		}
		run(t, p, info("something else"))
		if out, more := release(p, time.Now()); len(out) != 0 || !more {
			t.Errorf("told within the window: %s, more %v", messages(out), more)
		}
		time.Sleep(time.Second)
		out, more := release(p, time.Now())
		if messages(out) != "retrying (repeated 4 times)" || more {
			t.Fatalf("told %q, more %v", messages(out), more)
		}
		const want = `{"created_at":"2026-11-20T10:00:00.004000Z","level":"INFO","message":"retrying (repeated 4 times)",` +
			`"metadata":{"peer":"db","repeated":4,"first_at":"2026-11-20T10:00:00.001000Z","last_at":"2026-11-20T10:00:00.004000Z"},"seq":5}`
		if line(&out[0]) != want {
			t.Errorf("told as\n%s, want\n%s", line(&out[0]), want)
		}
		if p.Dropped() != 4 || p.Forgotten() != 0 {
			t.Errorf("dropped %d, forgotten %d", p.Dropped(), p.Forgotten())
		}
		if n := len(run(t, p, info("retrying", slog.String("peer", "db")))); n != 1 {
			t.Error("a new window does not begin with the record")
		}
	})
}

func TestDeduplicateTellsRepeatsBeforeTheNextWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := processor.Deduplicate(processor.DeduplicateOptions{})
		run(t, p, info("m"), info("m"))
		time.Sleep(processor.DefaultDeduplicateWindow)
		if got := messages(run(t, p, info("m"))); got != "m (repeated 1 time)|m" {
			t.Error(got)
		}
	})
}

func TestDeduplicateTellsRepeatsAtFlush(t *testing.T) {
	p := processor.Deduplicate(processor.DeduplicateOptions{})
	run(t, p, info("a"), info("b"), info("b"), info("a"), info("a"))
	out, more := release(p, time.Time{})
	if messages(out) != "a (repeated 2 times)|b (repeated 1 time)" || more {
		t.Errorf("%s, more %v", messages(out), more)
	}
	if out, _ = release(p, time.Time{}); len(out) != 0 {
		t.Errorf("told twice: %s", messages(out))
	}
}

func TestDeduplicateConsecutive(t *testing.T) {
	p := processor.Deduplicate(processor.DeduplicateOptions{Consecutive: true})
	if got := messages(run(t, p, info("a"), info("a"), info("a"), info("b"), info("a"))); got != "a|a (repeated 2 times)|b|a" {
		t.Error(got)
	}
}

func TestDeduplicateWhatIsAlike(t *testing.T) {
	other := func(change func(r *record.Record)) record.Record {
		r := info("m", slog.Int("n", 1))
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		r            record.Record
		all, message bool // held back by everything, by the message alone
	}{
		"times and sequence": {other(func(r *record.Record) { r.Time, r.Observed, r.Seq, r.ID = start, start, 9, 9 }), true, true},
		"level":              {other(func(r *record.Record) { r.Severity = record.SeverityWarn }), false, true},
		"level's text":       {other(func(r *record.Record) { r.Severity, r.Level = 0, "x" }), false, true},
		"logger":             {other(func(r *record.Record) { r.Logger = "app.db" }), false, true},
		"attribute":          {other(func(r *record.Record) { r.Attrs = []slog.Attr{slog.Int("n", 2)} }), false, true},
		"attribute's kind":   {other(func(r *record.Record) { r.Attrs = []slog.Attr{slog.String("n", "1")} }), false, true},
		"trace":              {other(func(r *record.Record) { r.TraceID = "a" }), false, true},
		"message":            {other(func(r *record.Record) { r.Message = "m2" }), false, false},
		"divider":            {other(func(r *record.Record) { r.Kind = record.KindDivider }), false, false},
	} {
		for _, keys := range [][]string{nil, {"message"}} {
			p := processor.Deduplicate(processor.DeduplicateOptions{Keys: keys})
			held := len(run(t, p, info("m", slog.Int("n", 1)), c.r)) == 1
			want := c.all
			if keys != nil {
				want = c.message
			}
			if held != want {
				t.Errorf("another %s, keys %v: held back %v", name, keys, held)
			}
		}
	}
}

func TestDeduplicateIsBounded(t *testing.T) {
	p := processor.Deduplicate(processor.DeduplicateOptions{MaxKeys: 2})
	if got := messages(run(t, p, info("a"), info("a"), info("b"), info("c"), info("a"))); got != "a|b|a (repeated 1 time)|c|a" {
		t.Error(got)
	}
	if p.Forgotten() != 2 {
		t.Errorf("forgotten %d", p.Forgotten())
	}
	p = processor.Deduplicate(processor.DeduplicateOptions{})
	var out []record.Record
	for i := range 6 {
		r := info(fmt.Sprint(i), slog.String("body", strings.Repeat("x", 1<<20)))
		out = append(out, run(t, p, r, r)...)
	}
	if got := messages(out); got != "0|1|2|3|0 (repeated 1 time)|4|1 (repeated 1 time)|5|2 (repeated 1 time)" {
		t.Errorf("%s: more than 4 MiB are held", got)
	}
}
