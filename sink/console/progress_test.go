package console_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
)

// TestProgressIsALineNowAndThen: of a job that reports twice a second, one line in ten
// seconds, its first and its last; other checkpoints and other jobs are not touched.
func TestProgressIsALineNowAndThen(t *testing.T) {
	var batch []record.Record
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	add := func(after time.Duration, name, status string, attrs ...slog.Attr) {
		batch = append(batch, record.Record{
			Time: at.Add(after), Severity: record.SeverityInfo, Kind: record.KindCheckpoint, Message: name,
			Attrs: append(attrs, slog.String("status", status)),
		})
	}
	for i := range 50 {
		add(time.Duration(i)*500*time.Millisecond, "epoch 1", "IN_PROGRESS", slog.Int("done", i))
	}
	add(24*time.Second, "load", "IN_PROGRESS", slog.Int("done", 1))
	add(25*time.Second, "epoch 1", "DONE", slog.Int("done", 50))
	add(26*time.Second, "saved", "IN_PROGRESS")
	add(26*time.Second, "saved", "IN_PROGRESS")
	for interval, want := range map[time.Duration][]string{
		0:                {"0", "20", "40", "load", "50", "saved", "saved"},
		20 * time.Second: {"0", "40", "load", "50", "saved", "saved"},
	} {
		var out bytes.Buffer
		s := console.New(&out, console.Options{Color: console.ColorNever, Location: time.UTC, ProgressInterval: interval})
		for i := range batch {
			if err := s.WriteBatch(context.Background(), batch[i:i+1]); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			what := strings.Fields(line)[3]
			if _, n, ok := strings.Cut(line, "done="); ok && what == "epoch" {
				what = strings.Fields(n)[0]
			}
			got = append(got, what)
		}
		if !slices.Equal(got, want) {
			t.Errorf("every %v: %q", interval, got)
		}
	}
	var out bytes.Buffer
	s := console.New(&out, console.Options{ProgressInterval: -1})
	if err := s.WriteBatch(context.Background(), batch); err != nil || strings.Count(out.String(), "\n") != len(batch) {
		t.Errorf("%d lines of %d: %v", strings.Count(out.String(), "\n"), len(batch), err)
	}
}
