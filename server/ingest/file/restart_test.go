package file

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// TestMain is also the program that TestKill kills: it follows what it is told and
// writes the messages down, each line in one write, before it accepts them.
func TestMain(m *testing.M) {
	pattern := os.Getenv("FOLLOW_PATTERN")
	if pattern == "" {
		os.Exit(m.Run())
	}
	out, err := os.OpenFile(os.Getenv("FOLLOW_OUT"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		err = Follow(context.Background(), Options{Patterns: []string{pattern}, Positions: os.Getenv("FOLLOW_POSITIONS"), FromStart: true, Poll: 5 * time.Millisecond},
			func(_ context.Context, _ string, batch []record.Record) error {
				for i := range batch {
					if _, err := fmt.Fprintln(out, batch[i].Message); err != nil {
						return err
					}
				}
				return nil
			})
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func linesOf(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil
	}
	must(t, err)
	defer f.Close()
	var lines []string
	for s := bufio.NewScanner(f); s.Scan(); {
		lines = append(lines, s.Text())
	}
	return lines
}

// TestKill: a program that is killed again and again, while the file is written and
// rotated, misses nothing.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	log, out := filepath.Join(dir, "app.log"), filepath.Join(dir, "out")
	const rounds, each = 8, 500
	wait := func(cmd *exec.Cmd, atLeast int) {
		for end := time.Now().Add(deadline); len(linesOf(t, out)) < atLeast; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d of %d lines; %v", len(linesOf(t, out)), atLeast, cmd.Stderr)
			}
		}
	}
	for n := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "FOLLOW_PATTERN="+log, "FOLLOW_OUT="+out, "FOLLOW_POSITIONS="+filepath.Join(dir, "positions"))
		var stderr strings.Builder
		cmd.Stderr = &stderr
		must(t, cmd.Start())
		before := len(linesOf(t, out))
		write(t, log, join(numbers(n*each, n*each+each/2)))
		wait(cmd, before+1+rand.IntN(each/2))
		must(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
		if n%2 == 1 {  // a rotation while nobody looks
			must(t, os.Rename(log, log+fmt.Sprint(".", n)))
		}
		write(t, log, join(numbers(n*each+each/2, n*each+each)))
	}
	r := start(t, dir, Options{Patterns: []string{"app.log"}, Positions: filepath.Join(dir, "positions"), FromStart: true})
	all := func() []string {
		lines := append(linesOf(t, out), r.got()...)
		slices.Sort(lines)
		return slices.Compact(lines)
	}
	r.until("all lines", func() bool { return len(all()) == rounds*each })
	r.end()
	// After an orderly end nothing comes twice.
	r = startAt(t, log, filepath.Join(dir, "positions"))
	write(t, log, "end\n")
	r.want("end")
}

func startAt(t *testing.T, log, positions string) *run {
	return start(t, filepath.Dir(log), Options{Patterns: []string{filepath.Base(log)}, Positions: positions})
}

func TestRestart(t *testing.T) {
	dir := t.TempDir()
	log, positions := filepath.Join(dir, "app.log"), filepath.Join(dir, "positions")
	write(t, log, "a\nb\nhalf")
	r := startAt(t, log, positions)
	r.want("a", "b")
	r.end()
	write(t, log, " of it\nc\n")
	r = startAt(t, log, positions)
	r.want("half of it", "c")
	r.end()
	// Renamed while nobody looked: its rest comes before the new one.
	write(t, log, "d\n")
	must(t, os.Rename(log, log+".1"))
	write(t, log, join(numbers(0, 50)))
	r = startAt(t, log, positions)
	r.want(append([]string{"d"}, numbers(0, 50)...)...)
	r.end()
	r = startAt(t, log, positions)
	write(t, log, "e\n")
	r.want("e")
	r.end()
	// Two rotations, the first of which nobody saw.
	must(t, os.Rename(log+".1", log+".3"))
	must(t, os.Rename(log, log+".2"))
	write(t, log+".2", "f\n")
	write(t, log+".1", "g\n")
	write(t, log, "h\n")
	r = startAt(t, log, positions)
	r.until("three lines", func() bool { return len(r.got()) >= 3 })
	r.end()
	if got := r.got(); !slices.Equal(got, []string{"f", "g", "h"}) {
		t.Errorf("%q", got)
	}
	// Written anew.
	must(t, os.WriteFile(log, []byte("a new one, longer than before\n"), 0o644))
	r = startAt(t, log, positions)
	r.want("a new one, longer than before")
	r.end()
	// Gone.
	must(t, os.Remove(log))
	r = startAt(t, log, positions)
	r.wantNotice("is gone")
	write(t, log, "again\n")
	r.want("again")
}

// TestNotAccepted: what was read and not accepted is read again.
func TestNotAccepted(t *testing.T) {
	dir := t.TempDir()
	log, positions := filepath.Join(dir, "app.log"), filepath.Join(dir, "positions")
	write(t, log, join(numbers(0, 5)))
	called := make(chan struct{})
	r := startWith(t, dir, Options{Patterns: []string{"app.log"}, Positions: positions}, func(ctx context.Context, _ string, _ []record.Record) error {
		close(called)
		<-ctx.Done()
		return ctx.Err()
	})
	<-called
	r.end()
	write(t, log, join(numbers(5, 100)))
	r = startAt(t, log, positions)
	r.want(numbers(0, 100)...)
}

// TestRotateAllTheTime: every line once, however fast files come and go.
func TestRotateAllTheTime(t *testing.T) {
	for _, c := range []struct {
		pattern string
		maxOpen int
	}{{"app.log", 0}, {"app.log*", 0}, {"app.log", 3}} {
		t.Run(fmt.Sprint(c.pattern, c.maxOpen), func(t *testing.T) {
			r := start(t, t.TempDir(), Options{Patterns: []string{c.pattern}, FromStart: true, MaxOpen: c.maxOpen})
			log := filepath.Join(r.dir, "app.log")
			r.wantNotice("missing")
			total := 0
			for generation := range 120 {
				for range 1 + rand.IntN(4) {
					write(t, log, join(numbers(total, total+3)))
					total += 3
				}
				must(t, os.Rename(log, fmt.Sprint(log, ".", generation)))
			}
			r.until("all lines", func() bool { return len(r.got()) >= total })
			r.until("nothing more", func() bool { return r.counts.Open.Load() == 0 || c.pattern != "app.log" })
			got := r.got()
			slices.Sort(got)
			want := numbers(0, total)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%d lines of %d", len(got), total)
			}
		})
	}
}

func TestForget(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	ps, err := loadPlaces("", func() time.Time { return now })
	must(t, err)
	ps.note(place{ID: "old"})
	now = now.Add(forgetAfter)
	ps.note(place{ID: "there"})
	now = now.Add(time.Minute)
	ps.saw([]candidate{{id: "there"}})
	for n := range maxGone + 10 {
		ps.note(place{ID: fmt.Sprint(n)})
	}
	if _, err := ps.encode(); err != nil || ps.all["old"] != nil || ps.all["there"] == nil {
		t.Errorf("old is there, or the other is not: %v", err)
	}
	now = now.Add(2 * time.Hour)
	ps.note(place{ID: "new"})
	if _, err := ps.encode(); err != nil || len(ps.all) > maxGone || ps.all["new"] == nil {
		t.Errorf("%d places, %v", len(ps.all), err)
	}
}

func TestDamagedPositions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "positions")
	for _, text := range []string{"", "{", `{"version":9}`, `{"version":1,"files":[null]}`, `{"version":1,"files":[{"offset":-1}]}`} {
		must(t, os.WriteFile(path, []byte(text), 0o644))
		err := Follow(t.Context(), Options{Patterns: []string{"x"}, Positions: path}, nil)
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "remove the file") {
			t.Errorf("%q: %v", text, err)
		}
	}
	err := Follow(t.Context(), Options{Patterns: []string{"x"}, Positions: "/nowhere/at/all"}, nil)
	if err == nil || !strings.Contains(err.Error(), "/nowhere/at/all") {
		t.Error(err)
	}
}

func FuzzPositions(f *testing.F) {
	f.Add([]byte(`{"version":1,"files":[{"path":"/a","id":"1:2","offset":7,"head":{"bytes":7,"sum":"x"},"tail":{"bytes":7,"sum":"y"},"seen":"2026-01-01T00:00:00Z"}]}`))
	f.Add([]byte(`{"version":1,"files":[{"id":""},{"id":""}]}`))
	f.Add([]byte(`{"version":1,"files":[{"path":"/a","id":"1:2:3.4","offset":0,"head":{"bytes":0},"tail":{"bytes":0},"beside":true,"done":true}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ps, err := loadPlaces("", time.Now)
		must(t, err)
		if ps.decode(data) != nil {
			return
		}
		r := strings.NewReader("some text\n")
		for id, p := range ps.all {
			ps.of(id, r, r.Size())
			for _, o := range append(ps.originals("x", p.Path), ps.unpacked("x", p.Path, []byte("some text\n"))...) {
				ps.claim(o)
			}
			ps.standing(id, p.Path)
		}
		out, err := ps.encode()
		must(t, err)
		if !json.Valid(out) {
			t.Errorf("%s", out)
		}
	})
}
