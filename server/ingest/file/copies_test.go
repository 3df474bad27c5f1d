package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
)

// banner is more than headBytes: what a program writes whenever it starts.
var banner = strings.Repeat("######## an application ########\n", 40)

// withPrefix returns the lines that begin so, sorted.
func withPrefix(lines []string, prefix string) []string {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.HasPrefix(l, prefix) })
	slices.Sort(lines)
	return lines
}

// readOnce reads the files up to their ends.
func readOnce(t *testing.T, dir, pattern string) (lines []string) {
	t.Helper()
	opts := Options{Patterns: []string{filepath.Join(dir, pattern)}, FromStart: true, Once: true, Positions: filepath.Join(dir, "positions")}
	must(t, Follow(t.Context(), opts, func(_ context.Context, _ string, batch []record.Record) error {
		for i := range batch {
			lines = append(lines, batch[i].Message)
		}
		return nil
	}))
	return lines
}

// TestSameTextAgain: a new file with the text of the one before is another file, though
// it may have the number of one that is gone.
func TestSameTextAgain(t *testing.T) {
	for _, c := range []struct {
		name string
		away func(log string) error
	}{
		{"renamed", func(log string) error { return os.Rename(log, log+".1") }},
		{"removed", os.Remove},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, t.TempDir(), Options{Patterns: []string{"job.log"}, FromStart: true})
			r.write("job.log", "job began\njob ended\n")
			var want []string
			for range 5 {
				want = append(want, "job began", "job ended")
				r.want(want...)
				must(t, c.away(filepath.Join(r.dir, "job.log")))
				r.until("one at most is open", func() bool { return r.counts.Open.Load() <= 1 })
				r.write("job.log", "job began\njob ended\n")
			}
			r.want(append(want, "job began", "job ended")...)
		})
	}
}

// TestSameTextAfterRestart: the same while nobody looks.
func TestSameTextAfterRestart(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "job.log")
	for range 3 {
		write(t, log, "job began\njob ended\n")
		if got := readOnce(t, dir, "job.log"); !slices.Equal(got, []string{"job began", "job ended"}) {
			t.Fatalf("%q", got)
		}
		must(t, os.Rename(log, log+".1"))
	}
}

func TestSameBanner(t *testing.T) {
	t.Run("new generation", func(t *testing.T) {
		r := start(t, t.TempDir(), Options{Patterns: []string{"app.log"}, FromStart: true})
		r.write("app.log", banner+join(numbers(0, 100)))
		r.until("the old one", func() bool { return len(r.got()) == 140 })
		must(t, os.Rename(filepath.Join(r.dir, "app.log"), filepath.Join(r.dir, "app.log.1")))
		r.write("app.log", banner+"NEW 1\nNEW 2\n")
		r.until("the new one", func() bool { return len(withPrefix(r.got(), "NEW")) == 2 })
	})
	t.Run("second instance", func(t *testing.T) {
		r := start(t, t.TempDir(), Options{Patterns: []string{"*.log"}, FromStart: true})
		r.write("app.log", banner+join(numbers(0, 100)))
		r.until("the first", func() bool { return len(r.got()) == 140 })
		r.write("app-2.log", banner+"SECOND 1\nSECOND 2\n")
		r.until("the second", func() bool { return len(withPrefix(r.got(), "SECOND")) == 2 })
		r.wantNotice("app-2.log doubled it begins as")
	})
	t.Run("second instance has more", func(t *testing.T) {
		r := start(t, t.TempDir(), Options{Patterns: []string{"*.log"}, FromStart: true})
		r.write("app.log", banner)
		r.until("the first", func() bool { return len(r.got()) == 40 })
		r.write("app-2.log", banner+"SECOND 1\n")
		r.until("the second", func() bool { return len(r.got()) == 81 })
	})
	t.Run("compressed", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "app.log"), banner+join(numbers(0, 100)))
		readOnce(t, dir, "app.log*")
		for n, text := range []string{"X 1\nX 2\n", join(numbers(200, 400))} {
			must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("app.log.%d.gz", n)), zipped(t, banner+text), 0o644))
			if got := readOnce(t, dir, "app.log*"); join(got) != banner+text {
				t.Errorf("%d lines: %q", len(got), got[max(0, len(got)-3):])
			}
		}
		must(t, os.WriteFile(filepath.Join(dir, "app.log.9.gz"), zipped(t, banner+join(numbers(0, 101))), 0o644))
		if got := readOnce(t, dir, "app.log*"); !slices.Equal(got, numbers(100, 101)) {
			t.Errorf("%q", got)
		}
	})
}

// TestCopyMadeEarlier: the program wrote between the copying and the emptying.
func TestCopyMadeEarlier(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"app.log*"}, FromStart: true})
	log := filepath.Join(r.dir, "app.log")
	r.write("app.log", join(numbers(0, 200)))
	r.want(numbers(0, 200)...)
	must(t, os.WriteFile(log+".1", []byte(join(numbers(0, 200))), 0o644))
	r.write("app.log", join(numbers(200, 210)))
	r.want(numbers(0, 210)...)
	must(t, os.Truncate(log, 0))
	r.wantNotice("truncated")
	r.until("the copy", func() bool { return r.counts.Open.Load() == 2 })
	r.write("app.log", "after\n")
	r.want(append(numbers(0, 210), "after")...)
	r.write("app.log.1", "in the copy\n")
	r.want(append(numbers(0, 210), "after", "in the copy")...)
}

// TestBackup: a copy of a file that goes on is not read, and that is told; one that
// goes on by itself is read.
func TestBackup(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"app.log*"}, FromStart: true})
	r.write("app.log", join(numbers(0, 20)))
	r.want(numbers(0, 20)...)
	r.write("app.log.bak", join(numbers(0, 20)))
	r.wantNotice("app.log.bak skipped all that it has is in ")
	r.write("app.log", "more\n")
	r.want(append(numbers(0, 20), "more")...)
	r.write("app.log.bak", "other\n")
	r.until("all of it", func() bool { return len(r.got()) == 42 })
}

// TestOnceCopyTruncate: the copy is not read again, whichever comes first.
func TestOnceCopyTruncate(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	write(t, log, "a\nb\nc\n")
	readOnce(t, dir, "app.log*")
	must(t, os.WriteFile(log+".1", []byte("a\nb\nc\n"), 0o644))
	must(t, os.Truncate(log, 0))
	write(t, log, "d\n")
	if got := readOnce(t, dir, "app.log*"); !slices.Equal(got, []string{"d"}) {
		t.Errorf("%q", got)
	}
	// The emptied one is the older file now.
	must(t, os.WriteFile(log+".2", []byte("d\n"), 0o644))
	must(t, os.Truncate(log, 0))
	write(t, log, "e, which is longer\n")
	info, err := os.Stat(log + ".1")
	must(t, err)
	must(t, os.Chtimes(log, info.ModTime(), info.ModTime().Add(-1)))
	if got := readOnce(t, dir, "app.log*"); !slices.Equal(got, []string{"e, which is longer"}) {
		t.Errorf("%q", got)
	}
}

// TestCutLine: copying and emptying does not cut a line in two.
func TestCutLine(t *testing.T) {
	cut := func(t *testing.T, pattern string, copied bool) *run {
		r := start(t, t.TempDir(), Options{Patterns: []string{pattern}, FromStart: true})
		log := filepath.Join(r.dir, "app.log")
		r.write("app.log", "one\nthe first half ")
		r.until("the first half", func() bool { return r.counts.Bytes.Load() == 19 })
		r.want("one")
		if copied { // what the program wrote meanwhile has the copy only
			must(t, os.WriteFile(log+".1", []byte("one\nthe first half and the second half\ntwo\n"), 0o644))
		}
		must(t, os.Truncate(log, 0))
		r.write("app.log", "NEW\n")
		return r
	}
	for _, pattern := range []string{"app.log", "app.log*"} {
		r := cut(t, pattern, true)
		r.until("all", func() bool { return len(r.got()) >= 4 })
		if got := r.got(); !slices.Equal(slices.Sorted(slices.Values(got)), []string{"NEW", "one", "the first half and the second half", "two"}) {
			t.Errorf("%s: %q", pattern, got)
		}
	}
	r := cut(t, "app.log", false)
	r.want("one", "NEW", "the first half ")
}

// TestCutLineStop: the copy has the line also after a restart.
func TestCutLineStop(t *testing.T) {
	dir, positions := t.TempDir(), filepath.Join(t.TempDir(), "positions")
	log := filepath.Join(dir, "app.log")
	r := start(t, dir, Options{Patterns: []string{"app.log*"}, FromStart: true, Positions: positions})
	r.write("app.log", "one\nthe first half ")
	r.until("the first half", func() bool { return r.counts.Bytes.Load() == 19 })
	r.want("one")
	must(t, os.Truncate(log, 0))
	r.wantNotice("truncated")
	r.end()
	r.wantNotice("app.log lost the file was emptied before")
	write(t, log+".1", "one\nthe first half and the second half\n")
	r = start(t, dir, Options{Patterns: []string{"app.log*"}, FromStart: true, Positions: positions})
	r.want("the first half and the second half")
}
