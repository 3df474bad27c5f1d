package file

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOthersFiles: a file of another program is not read because its name is that of a
// rotation: not one that was there, not one that comes, and not after a restart.
func TestOthersFiles(t *testing.T) {
	dir, positions := t.TempDir(), filepath.Join(t.TempDir(), "positions")
	opts := func() Options { return Options{Patterns: []string{"app.log"}, Positions: positions, FromStart: true} }
	others := func() {
		for _, name := range []string{"app-2.log", "app_3.log", "app.4.log"} {
			write(t, filepath.Join(dir, name), "OTHER\n")
		}
	}
	write(t, filepath.Join(dir, "app-2.log"), "OTHER, from before\n")
	r := start(t, dir, opts())
	r.wantNotice("app.log missing")
	var want []string
	step := func(line string) {
		t.Helper()
		others()
		want = append(want, line)
		r.write("app.log", line+"\n")
		r.want(want...)
		// The next look has been when a file that came later is read.
		others()
		must(t, os.Rename(filepath.Join(dir, "app.log"), filepath.Join(dir, fmt.Sprintf("app.log.%d", len(want)))))
		want = append(want, "after "+line)
		r.write("app.log", "after "+line+"\n")
		r.want(want...)
	}
	others()
	for n := range 5 {
		step(fmt.Sprint("line ", n))
	}
	r.end()
	others()
	want = nil
	r = start(t, dir, opts())
	step("restarted")
}

// TestRotationByDate: a rotation in the middle of the name is found, also while nobody
// looks.
func TestRotationByDate(t *testing.T) {
	dir, positions := t.TempDir(), filepath.Join(t.TempDir(), "positions")
	log := filepath.Join(dir, "app.log")
	opts := func() Options { return Options{Patterns: []string{"app.log"}, Positions: positions, FromStart: true} }
	r := start(t, dir, opts())
	r.write("app.log", "a\n")
	r.want("a")
	must(t, os.Rename(log, filepath.Join(dir, "app-20260101.log")))
	r.write("app-20260101.log", "b\n")
	r.write("app.log", "c\n")
	r.want("a", "b", "c")
	r.end()
	must(t, os.Rename(log, filepath.Join(dir, "app-20260102.log")))
	r.write("app-20260103.log", "d\n")
	r.write("app.log", "e\n")
	r = start(t, dir, opts())
	r.want("d", "e")
}

func TestAppeared(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	now := func() string {
		info, err := os.Stat(path)
		if err != nil {
			return ""
		}
		id, err := identity(path, info)
		must(t, err)
		return id
	}
	f := &follower{began: time.Now(), opts: Options{Clock: time.Now}}
	for _, c := range []struct {
		name, was     string
		there, looked bool
		want          bool
	}{
		{"app.log.1", "same", true, true, false},
		{"app.log.1", "other", true, true, true},
		{"app.log.1", "", true, true, true},
		{"app.log.1", "", false, true, true},
		{"app.log.1", "", true, false, true},
		{"app-1.log", "same", true, true, false},
		{"app-1.log", "other", true, true, true},
		{"app-1.log", "other", false, true, true},
		{"app-1.log", "", true, true, false},
		{"app-1.log", "", false, true, false},
		{"app-1.log", "", true, false, false},
	} {
		_ = os.Remove(path)
		if c.there {
			write(t, path, "x")
		}
		at := filepath.Join(dir, c.name)
		write(t, at, "x")
		info, err := os.Stat(at)
		must(t, err)
		last := map[string]string{}
		if c.looked {
			last[path] = strings.Replace(c.was, "same", now(), 1)
		}
		if got := f.appeared(&candidate{open: at, path: path, info: info}, last); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// TestPrune: nothing is kept of files that are gone.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	ps, err := loadPlaces("", time.Now)
	must(t, err)
	f := &follower{
		opts: Options{Patterns: []string{filepath.Join(dir, "*")}, Notice: func(string, string, error) {}}.withDefaults(), places: ps,
		looked: map[string]stamp{"gone": {}}, told: map[string]string{}, there: map[string]string{}, last: map[string]string{}, beside: map[string]stamp{}, active: map[string]*tailer{},
	}
	for n := range 100 {
		f.notice(filepath.Join(dir, fmt.Sprint(n, ".log")), EventUnreadable, os.ErrPermission)
	}
	f.notice(f.opts.Patterns[0], EventMissing, nil)
	f.scan(t.Context())
	if len(f.looked) != 0 || len(f.told) != 1 || len(f.failed) != 0 {
		t.Errorf("%v, %v, %v", f.looked, f.told, f.failed)
	}
	// Those of others' files too.
	ps.note(place{Path: filepath.Join(dir, "app.log"), ID: "gone", Beside: true})
	ps.pruneBeside(dir+string(filepath.Separator), map[string]bool{})
	if ps.standing("gone", filepath.Join(dir, "app.log")) != standsUnknown {
		t.Error("it is known")
	}
}
