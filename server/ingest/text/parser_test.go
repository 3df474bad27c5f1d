package text

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

// testOptions fix what the machine would decide.
func testOptions() Options {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	return Options{SourceID: "test", Zone: time.UTC, Clock: func() time.Time { return now }}
}

func readAll(t testing.TB, data []byte, opts Options) []record.Record {
	t.Helper()
	var all []record.Record
	s := NewStream(opts, func(batch []record.Record) error {
		all = append(all, batch...)
		return nil
	})
	if err := s.Feed(data); err != nil {
		t.Fatal(err)
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
	return all
}

func samples(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	return files
}

// TestShapes compares what is read of each sample with a golden file that people
// can read.
func TestShapes(t *testing.T) {
	for _, file := range samples(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			records := readAll(t, data, testOptions())
			for i := range records {
				describe(&got, &records[i])
			}
			golden := strings.TrimSuffix(file, ".log") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("read:\n%s\nwant:\n%s", got.String(), want)
			}
		})
	}
}

// TestOneRecordPerLine holds for every sample when nothing is joined, and the
// sequence counts them.
func TestOneRecordPerLine(t *testing.T) {
	for _, file := range samples(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		opts := testOptions()
		opts.NoJoin = true
		records := readAll(t, data, opts)
		if want := len(linesOf(data)); len(records) != want {
			t.Errorf("%s: %d records of %d lines", file, len(records), want)
		}
		for i := range records {
			if records[i].Seq != uint64(i+1) || records[i].SourceID != "test" {
				t.Errorf("%s: record %d is %s/%d", file, i, records[i].SourceID, records[i].Seq)
			}
		}
	}
}

func linesOf(data []byte) []string {
	text := strings.TrimSuffix(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	return strings.Split(text, "\n")
}

func describe(b *strings.Builder, r *record.Record) {
	when := "-"
	if !r.Time.IsZero() {
		when = r.Time.UTC().Format(time.RFC3339Nano)
	}
	fmt.Fprintf(b, "%s %q", when, r.LevelText())
	if r.Logger != "" {
		fmt.Fprintf(b, " logger=%q", r.Logger)
	}
	if r.Resource != nil && r.Resource.Host != "" {
		fmt.Fprintf(b, " host=%q", r.Resource.Host)
	}
	for _, a := range r.Attrs {
		fmt.Fprintf(b, " %s=%s", a.Key, valueText(a.Value))
	}
	fmt.Fprintf(b, "\n  %q\n", r.Message)
}

func valueText(v slog.Value) string {
	switch v.Kind() {
	case slog.KindString:
		return fmt.Sprintf("%q", v.String())
	case slog.KindGroup:
		var parts []string
		for _, a := range v.Group() {
			parts = append(parts, a.Key+"="+valueText(a.Value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case slog.KindAny:
		if list, ok := v.Any().([]slog.Value); ok {
			var parts []string
			for _, item := range list {
				parts = append(parts, valueText(item))
			}
			return "[" + strings.Join(parts, " ") + "]"
		}
	}
	return v.String()
}
