package hub_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// batch makes n records with consecutive positions from first.
func batch(first record.Position, n int) []record.Record {
	out := make([]record.Record, n)
	for i := range out {
		out[i] = record.Record{ID: first + record.Position(i), Message: "m"}
	}
	return out
}

func positions(records []record.Record) string {
	var b strings.Builder
	for i := range records {
		fmt.Fprintf(&b, "%d ", records[i].ID)
	}
	return strings.TrimSpace(b.String())
}

// drain reads without waiting until nothing is left.
func drain(t *testing.T, s *hub.Subscription, limit int) (got []record.Record, missed uint64, err error) {
	t.Helper()
	for {
		d, ok, err := s.TryNext(limit)
		if err != nil || !ok {
			return got, missed, err
		}
		if d.Resumed.Ordinal-d.From.Ordinal != d.Missed || d.To.Ordinal-d.Resumed.Ordinal != uint64(len(d.Records)) {
			t.Fatalf("the delivery's counts do not add up: %+v", d)
		}
		if len(d.Records) > limit {
			t.Fatalf("%d records delivered, %d asked for", len(d.Records), limit)
		}
		missed += d.Missed
		got = append(got, d.Records...)
	}
}

func TestSubscriberGetsWhatComesAfterItsStart(t *testing.T) {
	h := hub.New(hub.Options{}, 7)
	if c := h.Cursor(); c.Position != 7 || c.Ordinal != 0 {
		t.Errorf("a new hub stands at %+v", c)
	}
	h.Publish(batch(10, 3))
	s := h.Subscribe()
	if s.Start() != h.Cursor() || s.Start().Position != 12 || s.Start().Ordinal != 3 {
		t.Errorf("the subscription starts at %+v", s.Start())
	}
	h.Publish(batch(20, 2))
	h.Publish(batch(30, 1))
	got, missed, err := drain(t, s, 2)
	if positions(got) != "20 21 30" || missed != 0 || err != nil {
		t.Errorf("got %s, missed %d, error %v", positions(got), missed, err)
	}
}

func TestRingEvicts(t *testing.T) {
	big := func(id record.Position) []record.Record {
		return []record.Record{{ID: id, Message: strings.Repeat("x", 10_000)}}
	}
	tests := []struct {
		name    string
		opts    hub.Options
		publish [][]record.Record
		held    string
		evicted uint64
	}{
		{"within the bounds", hub.Options{MaxRecords: 3}, [][]record.Record{batch(1, 3)}, "1 2 3", 0},
		{"one record at a time", hub.Options{MaxRecords: 3}, [][]record.Record{batch(1, 1), batch(2, 1), batch(3, 1), batch(4, 1)}, "2 3 4", 1},
		{"a batch larger than the ring", hub.Options{MaxRecords: 3}, [][]record.Record{batch(1, 10)}, "8 9 10", 7},
		{"bytes", hub.Options{MaxBytes: 25_000}, [][]record.Record{big(1), big(2), big(3)}, "2 3", 1},
		{"the newest stays, however large", hub.Options{MaxBytes: 10}, [][]record.Record{big(1), big(2)}, "2", 1},
		{"a ring of one", hub.Options{MaxRecords: 1}, [][]record.Record{batch(1, 5)}, "5", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := hub.New(tt.opts, 0)
			for _, b := range tt.publish {
				h.Publish(b)
			}
			var held []record.Record
			evicted := h.View(0, h.Cursor().Position, false, func(r *record.Record) bool {
				held = append(held, *r)
				return true
			})
			if positions(held) != tt.held || evicted != tt.evicted {
				t.Errorf("holds %s and evicted %d, want %s and %d", positions(held), evicted, tt.held, tt.evicted)
			}
			if s := h.Stats(); s.Evicted != tt.evicted || s.Held != len(held) || s.Published != tt.evicted+uint64(len(held)) {
				t.Errorf("stats are %+v", s)
			}
		})
	}
}

func TestEvictionAcrossSegmentsKeepsCounts(t *testing.T) {
	const ringSize = 1000 // segments of 15 records
	h := hub.New(hub.Options{MaxRecords: ringSize}, 0)
	next := record.Position(1)
	for n := range 200 {
		h.Publish(batch(next, n%37+1))
		next += record.Position(n%37+1) + 5
	}
	s := h.Stats()
	if s.Held != ringSize || s.Published != s.Evicted+ringSize {
		t.Fatalf("stats are %+v", s)
	}
	var oldest, newest []record.Record
	h.View(0, next, false, func(r *record.Record) bool { oldest = append(oldest, *r); return true })
	h.View(0, next, true, func(r *record.Record) bool { newest = append(newest, *r); return true })
	if len(oldest) != ringSize || len(newest) != ringSize {
		t.Fatalf("the views have %d and %d records", len(oldest), len(newest))
	}
	for i := range oldest {
		if oldest[i].ID != newest[ringSize-1-i].ID || i > 0 && oldest[i].ID <= oldest[i-1].ID {
			t.Fatalf("the views are not in order at %d", i)
		}
		at, held := h.Resolve(hub.Cursor{Position: oldest[i].ID})
		if !held || at.Ordinal != s.Evicted+uint64(i)+1 {
			t.Fatalf("record %d resolves to %+v, held %v", i, at, held)
		}
	}
	if want := int64(ringSize) * hub.SizeOf(&oldest[0]); s.HeldBytes != want {
		t.Errorf("%d bytes held, want %d", s.HeldBytes, want)
	}
}

func TestViewBounds(t *testing.T) {
	h := hub.New(hub.Options{MaxRecords: 4}, 0)
	h.Publish(batch(10, 3)) // 10 11 12
	h.Publish(batch(20, 3)) // 20 21 22; the ring keeps 12 20 21 22
	tests := []struct {
		after, upto record.Position
		newest      bool
		want        string
		evicted     uint64
	}{
		{0, 99, false, "12 20 21 22", 2},
		{0, 99, true, "22 21 20 12", 2},
		{10, 99, false, "12 20 21 22", 1},
		{11, 99, false, "12 20 21 22", 0},
		{12, 21, false, "20 21", 0},
		{12, 21, true, "21 20", 0},
		{15, 20, false, "20", 0},
		{22, 99, false, "", 0},
		{20, 20, false, "", 0},
		{5, 3, false, "", 2},
	}
	for _, tt := range tests {
		var got []record.Record
		evicted := h.View(tt.after, tt.upto, tt.newest, func(r *record.Record) bool {
			got = append(got, *r)
			return true
		})
		if positions(got) != tt.want || evicted != tt.evicted {
			t.Errorf("(%d, %d] newest %v: got %s with %d evicted, want %s with %d", tt.after, tt.upto, tt.newest, positions(got), evicted, tt.want, tt.evicted)
		}
	}
	n := 0
	h.View(0, 99, false, func(*record.Record) bool { n++; return n < 2 })
	if n != 2 {
		t.Errorf("the view went on to %d records after it was told to stop", n)
	}
}

func TestResolve(t *testing.T) {
	h := hub.New(hub.Options{MaxRecords: 4}, 5)
	start := h.Cursor()
	h.Publish(batch(10, 3)) // ordinals 1 to 3
	middle := h.Cursor()
	h.Publish(batch(20, 3))
	h.Publish(batch(30, 2)) // the ring keeps 21 22 30 31
	tests := []struct {
		name    string
		cursor  hub.Cursor
		ordinal uint64
		held    bool
	}{
		{"the beginning", start, 0, false},
		{"made by the hub, evicted", middle, 3, false},
		{"a position that was evicted", hub.Cursor{Position: 11}, 2, false},
		{"between two batches", hub.Cursor{Position: 15}, 3, false},
		{"the newest evicted", hub.Cursor{Position: 20}, 4, true},
		{"in the ring", hub.Cursor{Position: 22}, 6, true},
		{"of another hub", hub.Cursor{Position: 22, Epoch: 1, Ordinal: 99}, 6, true},
		{"a wrong ordinal", hub.Cursor{Position: 22, Epoch: start.Epoch, Ordinal: 99}, 6, true},
		{"before the hub", hub.Cursor{Position: 2}, 0, false},
		{"the end", h.Cursor(), 8, true},
		{"the future", hub.Cursor{Position: 1 << 60, Epoch: start.Epoch, Ordinal: 1 << 60}, 8, true},
	}
	for _, tt := range tests {
		at, held := h.Resolve(tt.cursor)
		if at.Ordinal != tt.ordinal || held != tt.held || at.Epoch != start.Epoch {
			t.Errorf("%s: %+v, held %v; want ordinal %d, held %v", tt.name, at, held, tt.ordinal, tt.held)
		}
	}
}

func TestSubscribeAt(t *testing.T) {
	h := hub.New(hub.Options{MaxRecords: 4}, 0)
	h.Publish(batch(10, 8)) // the ring keeps 14 15 16 17
	for _, tt := range []struct {
		at     record.Position
		want   string
		missed uint64
	}{{17, "", 0}, {15, "16 17", 0}, {13, "14 15 16 17", 0}, {11, "14 15 16 17", 2}, {3, "14 15 16 17", 4}} {
		got, missed, err := drain(t, h.SubscribeAt(hub.Cursor{Position: tt.at}), 100)
		if positions(got) != tt.want || missed != tt.missed || err != nil {
			t.Errorf("at %d: got %s, missed %d, error %v; want %s, %d", tt.at, positions(got), missed, err, tt.want, tt.missed)
		}
	}
}

func TestSlowSubscriberIsToldWhatItMissed(t *testing.T) {
	h := hub.New(hub.Options{MaxRecords: 4}, 0)
	s := h.Subscribe()
	h.Publish(batch(1, 2))
	d, _, _ := s.TryNext(1)
	if positions(d.Records) != "1" {
		t.Fatalf("got %+v", d)
	}
	h.Publish(batch(3, 8)) // 1 to 10; the ring keeps 7 to 10
	d, ok, err := s.TryNext(100)
	if !ok || err != nil || d.Missed != 5 || d.From.Position != 1 || d.Resumed.Position != 6 || d.Resumed.Ordinal != 6 {
		t.Fatalf("got %+v, %v, %v", d, ok, err)
	}
	rest, missed, _ := drain(t, s, 100)
	if got := positions(append(d.Records, rest...)); got != "7 8 9 10" || missed != 0 {
		t.Errorf("got %s, missed %d more", got, missed)
	}
	if st := h.Stats(); st.Missed != 5 {
		t.Errorf("stats are %+v", st)
	}
}

func TestClose(t *testing.T) {
	h := hub.New(hub.Options{MaxRecords: 4}, 0)
	reads, behind, left := h.Subscribe(), h.Subscribe(), h.Subscribe()
	h.Publish(batch(1, 2))
	left.Close()
	left.Close()
	h.Publish(batch(3, 2))
	h.Close()
	h.Close()
	for name, tt := range map[string]struct {
		s    *hub.Subscription
		want string
	}{"a subscriber": {reads, "1 2 3 4"}, "one that left": {left, "1 2"}, "one that comes late": {h.Subscribe(), ""}} {
		got, missed, err := drain(t, tt.s, 100)
		if positions(got) != tt.want || missed != 0 || !errors.Is(err, hub.ErrClosed) {
			t.Errorf("%s: got %s, missed %d, error %v", name, positions(got), missed, err)
		}
	}
	h.Publish(batch(5, 6)) // kept for searches; nobody follows any more
	got, missed, err := drain(t, behind, 100)
	if positions(got) != "" || missed != 4 || !errors.Is(err, hub.ErrClosed) {
		t.Errorf("after the end: got %s, missed %d, error %v", positions(got), missed, err)
	}
	if s := h.Stats(); s.Subscribers != 0 || s.Published != 10 {
		t.Errorf("stats are %+v", s)
	}
}

func TestNextWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hub.New(hub.Options{}, 0)
		type result struct {
			d   hub.Delivery
			err error
		}
		next := func(ctx context.Context, s *hub.Subscription) <-chan result {
			out := make(chan result, 1)
			go func() {
				d, err := s.Next(ctx, 10)
				out <- result{d, err}
			}()
			synctest.Wait()
			select {
			case r := <-out:
				t.Fatalf("Next did not wait: %+v", r)
			default:
			}
			return out
		}
		s := h.Subscribe()
		waits := next(t.Context(), s)
		h.Publish(batch(1, 1))
		if r := <-waits; r.err != nil || positions(r.d.Records) != "1" {
			t.Errorf("published: %+v", r)
		}
		ctx, cancel := context.WithCancel(t.Context())
		waits = next(ctx, s)
		cancel()
		if r := <-waits; !errors.Is(r.err, context.Canceled) {
			t.Errorf("cancelled: %+v", r)
		}
		waits = next(t.Context(), s)
		s.Close()
		if r := <-waits; !errors.Is(r.err, hub.ErrClosed) {
			t.Errorf("closed: %+v", r)
		}
		waits = next(t.Context(), h.Subscribe())
		h.Close()
		if r := <-waits; !errors.Is(r.err, hub.ErrClosed) {
			t.Errorf("hub closed: %+v", r)
		}
	})
}

func TestPublishRefusesWrongOrder(t *testing.T) {
	h := hub.New(hub.Options{}, 10)
	defer func() {
		if recover() == nil {
			t.Error("a position at the watermark was taken")
		}
		h.Publish(batch(11, 1)) // the hub is not left locked
	}()
	h.Publish(batch(10, 1))
}

func TestSizeCountsWhatIsHeld(t *testing.T) {
	bare := hub.SizeOf(&record.Record{})
	text := strings.Repeat("x", 1000)
	for name, r := range map[string]record.Record{
		"message":  {Message: text},
		"resource": {Resource: &record.Resource{Service: text}},
		"string":   {Attrs: []slog.Attr{slog.String("k", text)}},
		"key":      {Attrs: []slog.Attr{slog.Int(text, 1)}},
		"group":    {Attrs: []slog.Attr{slog.Group("g", slog.String("k", text))}},
		"list":     {Attrs: []slog.Attr{slog.Any("l", []slog.Value{slog.StringValue(text)})}},
	} {
		if got := hub.SizeOf(&r) - bare; got < 1000 || got > 1200 {
			t.Errorf("%s: %d bytes more than an empty record", name, got)
		}
	}
}
