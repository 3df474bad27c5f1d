package demo

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
)

var testStart = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// testSpan is how much of a feed the tests look at.
const testSpan = 20 * time.Minute

func part(seed uint64) []record.Record {
	return newFeed(seed, DefaultRate, testStart).until(testStart.Add(testSpan))
}

func TestDeterministic(t *testing.T) {
	whole := part(7)
	f := newFeed(7, DefaultRate, testStart)
	var pieces []record.Record
	for at := testStart; at.Before(testStart.Add(testSpan)); {
		at = at.Add(1370 * time.Millisecond)
		pieces = append(pieces, f.until(at)...)
	}
	if len(pieces) < len(whole) {
		t.Fatalf("%d records in pieces, %d at once", len(pieces), len(whole))
	}
	for i := range whole {
		// Deep equality does not hold for NaN, which one attribute has.
		a, b := whole[i], pieces[i]
		if a.Message != b.Message || !a.Time.Equal(b.Time) || a.Seq != b.Seq || a.SourceID != b.SourceID || a.TraceID != b.TraceID || len(a.Attrs) != len(b.Attrs) {
			t.Fatalf("record %d differs: %+v and %+v", i, a, b)
		}
	}
	if reflect.DeepEqual(whole[:100], part(8)[:100]) {
		t.Error("another seed makes the same feed")
	}
}

func TestRate(t *testing.T) {
	records := part(1)
	got := float64(len(records)) / testSpan.Seconds()
	if got < 0.85*DefaultRate || got > 1.15*DefaultRate {
		t.Errorf("%.1f records a second instead of %v", got, DefaultRate)
	}
	perSecond := make([]int, testSpan/time.Second)
	for _, r := range records {
		perSecond[int(r.Time.Sub(testStart)/time.Second)]++
	}
	busy, quiet := 0, 0
	for _, n := range perSecond {
		if n > 2*int(DefaultRate) {
			busy++
		}
		if n < int(DefaultRate)/3 {
			quiet++
		}
	}
	if busy < 20 || quiet < 20 {
		t.Errorf("%d busy and %d quiet seconds", busy, quiet)
	}
}

// TestLively: the feed has everything a page must show well, in order, and each
// process counts without gaps.
func TestLively(t *testing.T) {
	records := part(3)
	levels, services, seqs := map[string]int{}, map[string]int{}, map[string]uint64{}
	traces := map[string]map[string]bool{}
	stacks := map[string]int{}
	dividers, multiline, unicode := 0, 0, 0
	for i := range records {
		r := &records[i]
		if i > 0 && r.Time.Before(records[i-1].Time) {
			t.Fatalf("record %d goes back in time", i)
		}
		levels[r.LevelText()]++
		services[r.Resource.Service]++
		if seqs[r.SourceID]++; seqs[r.SourceID] != r.Seq {
			t.Fatalf("%s counts %d, not %d", r.SourceID, r.Seq, seqs[r.SourceID])
		}
		if r.TraceID != "" {
			if traces[r.TraceID] == nil {
				traces[r.TraceID] = map[string]bool{}
			}
			traces[r.TraceID][r.Resource.Service] = true
		}
		if r.Kind == record.KindDivider {
			dividers++
		}
		if strings.Contains(r.Message, "\n") {
			multiline++
		}
		for _, a := range r.Attrs {
			if a.Key == "stack_trace" {
				stacks[a.Value.String()]++
			}
			if strings.Contains(a.Value.String(), "緑茶") {
				unicode++
			}
		}
	}
	for _, level := range []string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"} {
		if levels[level] == 0 {
			t.Errorf("no %s", level)
		}
	}
	if bad := levels["ERROR"] + levels["FATAL"]; bad*10 > len(records) || bad*100 < len(records) {
		t.Errorf("%d errors of %d", bad, len(records))
	}
	if len(services) != 6 || len(stacks) != 3 || dividers < 15 || multiline == 0 || unicode == 0 {
		t.Errorf("services %v, %d stacks, %d dividers, %d multi-line, %d unicode", services, len(stacks), dividers, multiline, unicode)
	}
	crossing := 0
	for _, names := range traces {
		if len(names) >= 3 {
			crossing++
		}
	}
	if crossing < 300 {
		t.Errorf("%d traces cross three services", crossing)
	}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		past, live := 0, 0
		err := Run(ctx, func(batch []record.Record) error {
			for _, r := range batch {
				if r.Time.After(time.Now()) || r.Time.Before(start.Add(-time.Hour)) {
					t.Errorf("%v is in the future or too old", r.Time)
				}
			}
			if batch[len(batch)-1].Time.Before(start) {
				past += len(batch)
			} else {
				live += len(batch)
			}
			return nil
		}, Options{Seed: 1})
		if err != nil || past < DefaultHistory*8/10 || past > DefaultHistory*12/10 || live < 1200 || live > 2600 {
			t.Errorf("%d past and %d live records, %v", past, live, err)
		}
	})
}

func TestRunEndsWithAccept(t *testing.T) {
	full := errors.New("full")
	for _, history := range []int{-1, 100} {
		synctest.Test(t, func(t *testing.T) {
			err := Run(t.Context(), func([]record.Record) error { return full }, Options{History: history})
			if !errors.Is(err, full) {
				t.Error(err)
			}
		})
	}
}
