package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/text"
)

// deadline is how long a test waits for what must come: a busy disk takes seconds for
// each flush of the positions.
const deadline = time.Minute

// run is a Follow that is going on.
type run struct {
	t       *testing.T
	dir     string
	stop    context.CancelFunc
	done    chan error
	mu      sync.Mutex
	lines   []string
	paths   map[string]int
	notices []string
	counts  *Counts
}

// start follows with short times.
func start(t *testing.T, dir string, opts Options) *run {
	return startWith(t, dir, opts, func(context.Context, string, []record.Record) error { return nil })
}

func startWith(t *testing.T, dir string, opts Options, accept Accept) *run {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &run{t: t, dir: dir, stop: cancel, done: make(chan error, 1), paths: map[string]int{}, counts: &Counts{}}
	for i, p := range opts.Patterns {
		opts.Patterns[i] = filepath.Join(dir, p)
	}
	opts.Counts = r.counts
	if opts.Poll == 0 {
		opts.Poll = 5 * time.Millisecond
	}
	if opts.PartialWait == 0 {
		opts.PartialWait = time.Hour
	}
	if opts.Linger == 0 {
		opts.Linger = 50 * time.Millisecond
	}
	if opts.Text == nil {
		opts.Text = func(string) text.Options { return text.Options{JoinWait: time.Millisecond} }
	}
	opts.Notice = func(path, event string, err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.notices = append(r.notices, fmt.Sprintf("%s %s %v", filepath.Base(path), event, err))
	}
	go func() {
		r.done <- Follow(ctx, opts, func(ctx context.Context, path string, batch []record.Record) error {
			if err := accept(ctx, path, batch); err != nil {
				return err
			}
			r.mu.Lock()
			defer r.mu.Unlock()
			for i := range batch {
				r.lines = append(r.lines, batch[i].Message)
				r.paths[filepath.Base(path)]++
			}
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if r.done != nil {
			if err := <-r.done; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
	return r
}

func (r *run) end() {
	r.t.Helper()
	r.stop()
	if err := <-r.done; !errors.Is(err, context.Canceled) {
		r.t.Fatal(err)
	}
	r.done = nil
}

func (r *run) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// want waits for exactly these lines, in order.
func (r *run) want(lines ...string) {
	r.t.Helper()
	r.until("the lines", func() bool { return len(r.got()) >= len(lines) })
	if got := r.got(); !slices.Equal(got, lines) {
		r.t.Fatalf("got %q, want %q", got, lines)
	}
}

func (r *run) wantNotice(text string) {
	r.t.Helper()
	r.until("notice of "+text, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return slices.ContainsFunc(r.notices, func(n string) bool { return strings.Contains(n, text) })
	})
}

func (r *run) until(what string, ok func() bool) {
	r.t.Helper()
	for end := time.Now().Add(deadline); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("%s has not come: lines %q, notices %q", what, r.lines[max(0, len(r.lines)-30):], r.notices)
		}
	}
}

func (r *run) write(name, text string) { write(r.t, filepath.Join(r.dir, name), text) }

// write appends.
func write(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func numbers(from, to int) (lines []string) {
	for n := from; n < to; n++ {
		lines = append(lines, fmt.Sprintf("line %d of them", n))
	}
	return lines
}

func join(lines []string) string { return strings.Join(lines, "\n") + "\n" }

func TestWhereItBegins(t *testing.T) {
	for _, c := range []struct {
		name string
		opts Options
		from int
	}{
		{"default", Options{}, 90},
		{"three", Options{Lines: 3}, 97},
		{"more than there are", Options{Lines: 300}, 0},
		{"all", Options{Lines: AllLines}, 0},
		{"from start", Options{FromStart: true}, 0},
		{"none", Options{Lines: NoLines}, 100},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "app.log"), join(numbers(0, 100)))
		c.opts.Patterns = []string{"app.log"}
		r := start(t, dir, c.opts)
		r.until("the file", func() bool { return r.counts.Open.Load() == 1 })
		r.write("app.log", "last\n")
		r.want(append(numbers(c.from, 100), "last")...)
		r.end()
	}
}

func TestLastLines(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want string
	}{
		{"", 1, ""},
		{"a", 1, "a"},
		{"a\n", 1, "a\n"},
		{"a\nb", 1, "b"},
		{"a\nb\n", 1, "b\n"},
		{"\n\n\n", 2, "\n\n"},
		{strings.Repeat("x", readBytes) + "\n" + strings.Repeat("y", 2*readBytes) + "\n", 1, strings.Repeat("y", 2*readBytes) + "\n"},
	} {
		at := lastLines(strings.NewReader(c.text), int64(len(c.text)), c.n)
		if got := c.text[at:]; got != c.want {
			t.Errorf("%.20q, %d: %.20q", c.text, c.n, got)
		}
	}
}

func TestRename(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"app.log"}})
	r.wantNotice("app.log missing")
	r.write("app.log", "a\n")
	r.want("a")
	must(t, os.Rename(filepath.Join(r.dir, "app.log"), filepath.Join(r.dir, "app.log.1")))
	r.write("app.log.1", "b\n")
	r.write("app.log", "c\n")
	r.want("a", "b", "c")
	r.write("app.log", "d\n")
	r.want("a", "b", "c", "d")
	r.until("the old one is closed", func() bool { return r.counts.Open.Load() == 1 })
	r.write("app.log.1", "late\n")
	r.want("a", "b", "c", "d", "late")
}

// TestRotationNamed: a rotated file that the pattern matches is not read twice.
func TestRotationNamed(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"app.log*"}, FromStart: true})
	var want []string
	for n := range 6 {
		line := fmt.Sprintf("generation %d", n)
		want = append(want, line)
		for k := n; k > 1; k-- {
			must(t, os.Rename(filepath.Join(r.dir, fmt.Sprint("app.log.", k-1)), filepath.Join(r.dir, fmt.Sprint("app.log.", k))))
		}
		if n > 0 {
			must(t, os.Rename(filepath.Join(r.dir, "app.log"), filepath.Join(r.dir, "app.log.1")))
		}
		r.write("app.log", line+"\n")
		r.want(want...)
	}
}

func TestTruncate(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"app.log"}, FromStart: true})
	path := filepath.Join(r.dir, "app.log")
	r.write("app.log", join(numbers(0, 10)))
	r.want(numbers(0, 10)...)
	must(t, os.Truncate(path, 0))
	r.wantNotice("truncated")
	r.write("app.log", "new\n")
	r.want(append(numbers(0, 10), "new")...)
	// Written anew and longer than before, in one step as far as a reader can see.
	must(t, os.WriteFile(path, []byte(join(numbers(100, 200))), 0o644))
	r.until("all", func() bool { return len(r.got()) >= 111 })
	got := r.got()
	if !slices.Equal(got[len(got)-100:], numbers(100, 200)) || r.counts.Truncated.Load() < 2 {
		t.Errorf("%q", got)
	}
}

// TestCopyTruncate: what the copy has and was not read before is read from there.
func TestCopyTruncate(t *testing.T) {
	for _, pattern := range []string{"app.log", "app.log*"} {
		t.Run(pattern, func(t *testing.T) {
			block := make(chan struct{})
			r := startWith(t, t.TempDir(), Options{Patterns: []string{pattern}, FromStart: true}, func(ctx context.Context, _ string, batch []record.Record) error {
				if batch[0].Message == "stop" {
					select {
					case <-block:
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				return nil
			})
			path := filepath.Join(r.dir, "app.log")
			r.write("app.log", join(numbers(0, 100)))
			r.want(numbers(0, 100)...)
			r.write("app.log", "stop\n")
			r.until("the stop is read", func() bool { return r.counts.Bytes.Load() == uint64(len(join(numbers(0, 100)))+5) })
			r.write("app.log", "unread\n")
			data, err := os.ReadFile(path)
			must(t, err)
			must(t, os.WriteFile(path+".1", data, 0o644))
			must(t, os.Truncate(path, 0))
			r.write("app.log", "after\n")
			close(block)
			r.until("all", func() bool { return len(r.got()) >= 103 })
			got := r.got()
			slices.Sort(got[101:])
			if !slices.Equal(got, append(numbers(0, 100), "stop", "after", "unread")) {
				t.Errorf("%q", got[95:])
			}
		})
	}
}

func TestRemoveAndCreate(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"app.log"}})
	path := filepath.Join(r.dir, "app.log")
	var want []string
	for n := range 5 {
		line := fmt.Sprint("same start, then ", n)
		want = append(want, line)
		r.write("app.log", line+"\n")
		r.want(want...)
		must(t, os.Remove(path))
		if n%2 == 0 { // also when the old one was closed, and its number is used again
			r.until("it is closed", func() bool { return r.counts.Open.Load() == 0 })
		}
	}
}

func TestLinkSwitched(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"current.log"}})
	must(t, os.Mkdir(filepath.Join(r.dir, "days"), 0o755))
	link := func(name string) {
		must(t, os.Symlink(filepath.Join("days", name), filepath.Join(r.dir, "new")))
		must(t, os.Rename(filepath.Join(r.dir, "new"), filepath.Join(r.dir, "current.log")))
	}
	r.write("days/1", "monday\n")
	link("1")
	r.want("monday")
	r.write("days/1", "still monday\n")
	r.want("monday", "still monday")
	r.write("days/2", "tuesday\n")
	link("2")
	r.want("monday", "still monday", "tuesday")
}

func TestGlobs(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755))
	write(t, filepath.Join(dir, "a", "x[1].log"), "odd name\n")
	r := start(t, dir, Options{Patterns: []string{"**/*.log", "a/x[1].log", "a/{one,two}.txt"}})
	r.want("odd name")
	r.write("a/b/new.log", "new\n")
	r.want("odd name", "new")
	must(t, os.MkdirAll(filepath.Join(dir, "c", "d", "e"), 0o755))
	r.write("c/d/e/deep.log", "deep\n")
	r.want("odd name", "new", "deep")
	r.write("a/two.txt", "two\n")
	r.want("odd name", "new", "deep", "two")
	if r.paths["x[1].log"] != 1 || r.paths["deep.log"] != 1 {
		t.Errorf("%v", r.paths)
	}
}

func TestPartialLine(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"*.log"}, PartialWait: 30 * time.Millisecond})
	r.write("a.log", "whole\nhalf")
	r.want("whole", "half")
	r.end()
	r = start(t, t.TempDir(), Options{Patterns: []string{"*.log"}})
	r.write("a.log", "whole\nhalf")
	r.want("whole")
	r.write("a.log", " of it\n")
	r.want("whole", "half of it")
	r.write("a.log", "no end")
	must(t, os.Remove(filepath.Join(r.dir, "a.log")))
	r.want("whole", "half of it", "no end")
}

// TestStreamsApart: each file is joined and guessed by itself.
func TestStreamsApart(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"*.log"}, Text: func(string) text.Options { return text.Options{JoinWait: time.Second} }})
	r.write("a.log", "INFO a\n")
	r.write("b.log", "INFO b\n")
	r.until("both", func() bool { return r.counts.Bytes.Load() == 14 })
	r.write("a.log", "  more of a\n")
	r.write("b.log", "  more of b\n")
	r.until("both", func() bool { return len(r.got()) == 2 })
	got := r.got()
	slices.Sort(got)
	if !slices.Equal(got, []string{"a\n  more of a", "b\n  more of b"}) {
		t.Errorf("%q", got)
	}
}

func TestAcceptFails(t *testing.T) {
	full := errors.New("full")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.log"), "x\n")
	err := Follow(t.Context(), Options{Patterns: []string{filepath.Join(dir, "*")}}, func(context.Context, string, []record.Record) error { return full })
	if !errors.Is(err, full) {
		t.Error(err)
	}
}
