package view_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func seqs(records []record.Record) string {
	var b strings.Builder
	for i := range records {
		fmt.Fprintf(&b, "%d ", records[i].Seq)
	}
	return strings.TrimSpace(b.String())
}

// numbered is a memory with n records, one a second, the first at noon.
func numbered(ring, n int) (*view.Memory, []record.Position) {
	m := view.NewMemory(hub.Options{MaxRecords: ring}, func() time.Time { return noon })
	for i := range n {
		m.Commit([]record.Record{{Seq: uint64(i + 1), Message: message(uint64(i + 1)), Time: noon.Add(time.Duration(i) * time.Second)}})
	}
	ids := make([]record.Position, n+1)
	m.Hub().View(0, m.Hub().Cursor().Position, false, func(r *record.Record) bool {
		ids[r.Seq] = r.ID
		return true
	})
	return m, ids
}

func TestCommit(t *testing.T) {
	now := noon
	m := view.NewMemory(hub.Options{}, func() time.Time { return now })
	attrs := []slog.Attr{slog.String("k", "v"), slog.Group("g", slog.String("inner", "v"))}
	m.Commit(nil)
	m.Commit([]record.Record{{Message: "one\x00", Attrs: attrs}, {Message: "two", Time: noon.Add(-time.Hour)}})
	attrs[0] = slog.String("k", "changed")
	attrs[1].Value.Group()[0] = slog.String("inner", "changed")
	now = noon.Add(-time.Minute) // the clock steps back
	m.Commit([]record.Record{{Message: "three"}})

	page, err := m.Search(t.Context(), view.Query{Order: view.OldestFirst})
	if err != nil || len(page.Records) != 3 || !page.Complete {
		t.Fatalf("found %+v, %v", page, err)
	}
	one, two, three := page.Records[0], page.Records[1], page.Records[2]
	if one.ID != record.NextPosition(0, noon) || two.ID != one.ID+1 || three.ID != two.ID+1 {
		t.Errorf("the positions are %d %d %d", one.ID, two.ID, three.ID)
	}
	if !one.Time.Equal(noon) || !one.Observed.Equal(noon) || !two.Time.Equal(noon.Add(-time.Hour)) || !two.Observed.Equal(noon) {
		t.Errorf("the times are %v %v, %v %v", one.Time, one.Observed, two.Time, two.Observed)
	}
	if strings.ContainsRune(one.Message, 0) {
		t.Errorf("the message %q was not normalized", one.Message)
	}
	if v, _ := one.Lookup("k"); v.String() != "v" {
		t.Errorf("k is %v: the attributes are still the caller's", v)
	}
	if v, _ := one.Lookup("g.inner"); v.String() != "v" {
		t.Errorf("g.inner is %v: the group is still the caller's", v)
	}
}

func TestMemorySearch(t *testing.T) {
	m, ids := numbered(8, 10) // 1 and 2 were evicted
	at := func(n int) time.Time { return noon.Add(time.Duration(n-1) * time.Second) }
	tests := []struct {
		name   string
		q      view.Query
		want   string
		next   int // the number of the record to go on from
		reason string
	}{
		{"all", view.Query{}, "10 9 8 7 6 5 4 3", 0, "evicted"},
		{"all, ascending", view.Query{Order: view.OldestFirst}, "3 4 5 6 7 8 9 10", 0, "evicted"},
		{"above what was evicted", view.Query{After: ids[3]}, "10 9 8 7 6 5 4", 0, ""},
		{"a page", view.Query{Limit: 3}, "10 9 8", 8, "limit"},
		{"the next page", view.Query{Limit: 3, Before: ids[8]}, "7 6 5", 5, "limit"},
		{"the last page", view.Query{Limit: 3, Before: ids[5]}, "4 3", 0, "evicted"},
		{"an exact page", view.Query{Limit: 2, Before: ids[8], After: ids[5]}, "7 6", 0, ""},
		{"ascending page", view.Query{Limit: 2, After: ids[4], Order: view.OldestFirst}, "5 6", 6, "limit"},
		{"between", view.Query{After: ids[4], Before: ids[7]}, "6 5", 0, ""},
		{"since and until", view.Query{After: ids[3], Since: at(5), Until: at(8)}, "7 6 5", 0, ""},
		{"a filter", view.Query{After: ids[3], Filter: parse(t, "odd")}, "9 7 5", 0, ""},
		{"by time", view.Query{After: ids[3], Order: view.ByTime, Limit: 3}, "4 5 6", 0, "limit"},
		{"nothing", view.Query{After: ids[10]}, "", 0, ""},
	}
	for _, tt := range tests {
		page, err := m.Search(t.Context(), tt.q)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := seqs(page.Records); got != tt.want || page.Next != ids[tt.next] || page.Reason != tt.reason || page.Complete != (tt.reason == "") {
			t.Errorf("%s: got %s, next %d, reason %q, complete %v; want %s, %d, %q",
				tt.name, got, page.Next, page.Reason, page.Complete, tt.want, ids[tt.next], tt.reason)
		}
	}
}

func TestMemorySearchByTimeSortsLateRecords(t *testing.T) {
	m := view.NewMemory(hub.Options{}, func() time.Time { return noon })
	for i, second := range []int{5, 1, 5, 3} {
		m.Commit([]record.Record{{Seq: uint64(i), Time: noon.Add(time.Duration(second) * time.Second)}})
	}
	page, err := m.Search(t.Context(), view.Query{Order: view.ByTime})
	if got := seqs(page.Records); got != "1 3 0 2" || err != nil || page.Next != 0 || !page.Complete {
		t.Errorf("got %s, %+v, %v", got, page, err)
	}
}

func TestMemorySearchEndsInTime(t *testing.T) {
	m, _ := numbered(10_000, 2000)
	late, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	page, err := m.Search(late, view.Query{Limit: view.MaxLimit})
	if err != nil || page.Complete || page.Reason != view.ReasonDeadline || page.Next == 0 || page.ScannedUntil.IsZero() {
		t.Fatalf("after the deadline: %d records, %+v, %v", len(page.Records), page.Reason, err)
	}
	total := len(page.Records)
	for page.Next > 0 { // what was not looked at comes with the next page
		if page, err = m.Search(t.Context(), view.Query{Limit: view.MaxLimit, Before: page.Next}); err != nil {
			t.Fatal(err)
		}
		total += len(page.Records)
	}
	if total != 2000 {
		t.Errorf("%d records were found in all", total)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := m.Search(gone, view.Query{Limit: view.MaxLimit}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the client left: %v", err)
	}
}

func TestRecordByID(t *testing.T) {
	m, ids := numbered(3, 5)
	s := &store{}
	m.Hub().View(0, ids[5], false, func(r *record.Record) bool { s.append([]record.Record{*r}); return true })
	for name, b := range map[string]view.Backend{"memory": m, "stored": view.NewStored(s, m.Hub())} {
		if r, err := b.Record(t.Context(), ids[4]); err != nil || r.Seq != 4 {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
		for _, id := range []record.Position{-1, 0, 1, ids[4] + 7, ids[5] + 1} {
			if r, err := b.Record(t.Context(), id); !errors.Is(err, view.ErrNotFound) {
				t.Errorf("%s: id %d: got %+v, %v", name, id, r, err)
			}
		}
	}
}

func TestAs(t *testing.T) {
	s := &store{}
	h := hub.New(hub.Options{}, 0)
	if _, ok := view.As[view.Counter](view.NewStored(s, h)); ok {
		t.Error("a Counter was found where there is none")
	}
	if _, ok := view.As[view.Counter](view.NewStored(counting{s}, h)); !ok {
		t.Error("the store's Counter was not found")
	}
	if _, ok := view.As[view.Volatile](view.NewMemory(hub.Options{}, nil)); !ok {
		t.Error("a memory is not volatile")
	}
}

func TestTimeBound(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.FixedZone("", 3600)) // 09:00 UTC
	for text, want := range map[string]string{
		"15m":                         "2026-11-21T08:45:00Z",
		"1h30m":                       "2026-11-21T07:30:00Z",
		"1.5h":                        "2026-11-21T07:30:00Z",
		"7d":                          "2026-11-14T09:00:00Z",
		"2w":                          "2026-11-07T09:00:00Z",
		"500ms":                       "2026-11-21T08:59:59.5Z",
		"0s":                          "2026-11-21T09:00:00Z",
		"2026-11-20":                  "2026-11-20T00:00:00Z",
		"2026-11-20T10:00Z":           "2026-11-20T10:00:00Z",
		"2026-11-20T10:00:00+02:00":   "2026-11-20T08:00:00Z",
		"2026-11-20T10:00:00.123456Z": "2026-11-20T10:00:00.123456Z",
		"2026-11-20T10:00":            "2026-11-20T10:00:00Z",
		" 2026-11-20 10:00:01 ":       "2026-11-20T10:00:01Z",
	} {
		got, err := view.TimeBound(text, now)
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "m", "x15", "-15m", "15 m", "15y", "15m7", "tomorrow", "1e3s", "1..5h", "999999999999d", "2026-13-01"} {
		if got, err := view.TimeBound(text, now); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func FuzzTimeBound(f *testing.F) {
	for _, seed := range []string{"15m", "1h30m", "2026-11-20", "2026-11-20T10:00Z", "9w9w", "1.5.5d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := view.TimeBound(text, noon)
		if err == nil && (got.Location() != time.UTC || got.Year() < 0 || got.Year() > 9999) {
			t.Errorf("%q is %v", text, got)
		}
	})
}

// TestMemoryNotesRepairs: what is changed so that a record can be kept is told.
func TestMemoryNotesRepairs(t *testing.T) {
	m := view.NewMemory(hub.Options{}, nil)
	m.Commit([]record.Record{{Message: "m", Attrs: []slog.Attr{slog.Int("a", 1), slog.Int("a", 2)}}})
	page, err := m.Search(t.Context(), view.Query{})
	if err != nil || len(page.Records) != 1 {
		t.Fatal(page, err)
	}
	if text := string(record.AppendJSON(nil, &page.Records[0])); !strings.Contains(text, `"_repaired":["a: `) {
		t.Errorf("no note of the value that was given twice: %s", text)
	}
}
