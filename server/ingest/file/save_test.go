package file

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
)

// TestPositionsAway: positions that cannot be written are told of once, and again when
// they could be meanwhile, and tried once a second.
func TestPositionsAway(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "away")
	must(t, os.Mkdir(dir, 0o755))
	synctest.Test(t, func(t *testing.T) {
		ps, err := loadPlaces(filepath.Join(dir, "positions"), time.Now)
		must(t, err)
		must(t, os.RemoveAll(dir))
		var told []string
		tried := 0
		f := &follower{opts: Options{Positions: ps.path, Notice: func(_, event string, err error) { told = append(told, event+" "+err.Error()) }}, told: map[string]string{}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		ps.change()
		ps.keepSaved(ctx, func(err error) {
			tried++
			f.tellSaved(err)
			ps.change() // as when records come all the time
			if tried == 5 {
				must(t, os.Mkdir(dir, 0o755))
			} else if err == nil && len(told) == 1 {
				must(t, os.RemoveAll(dir))
			}
		})
		if tried > 13 || len(told) != 2 || strings.Contains(told[0], ".tmp") || strings.Count(told[0], dir) != 1 || len(f.failed) != 0 {
			t.Errorf("%d times, told %q, kept %v", tried, told, f.failed)
		}
	})
}

// TestOnceEnds: an end before all is read is an error.
func TestOnceEnds(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.log"), strings.Repeat("line\n", 50_000))
	stopped, broken := errors.New("stopped"), errors.New("broken")
	for _, c := range []struct {
		name   string
		accept func(ctx context.Context) error
		want   []error
	}{
		{"stopped", func(ctx context.Context) error { return ctx.Err() }, []error{stopped}},
		{"stopped and accepted", func(context.Context) error { return nil }, []error{stopped}},
		{"broken", func(context.Context) error { return broken }, []error{stopped, broken}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			err := Follow(ctx, Options{Patterns: []string{filepath.Join(dir, "*.log")}, FromStart: true, Once: true}, func(ctx context.Context, _ string, _ []record.Record) error {
				cancel(stopped)
				return c.accept(ctx)
			})
			for _, want := range c.want {
				if !errors.Is(err, want) {
					t.Errorf("%v is not %v", err, want)
				}
			}
		})
	}
}
