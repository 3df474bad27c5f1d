//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64)) && unix

package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
	"github.com/weirlog/weir/server/store/storetest"
	"github.com/weirlog/weir/view"
)

// TestNoRoom runs a child whose files may not grow: the nearest thing to a full
// disk that a test can make anywhere.
func TestNoRoom(t *testing.T) {
	out, err := child(t, "starved", t.TempDir()).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// appendStarved appends until the limit on file sizes stops it, asks what became
// of each failed batch, lifts the limit, and goes on. It returns the exit code.
func appendStarved(dir string) int {
	signal.Ignore(unix.SIGXFSZ) // a write beyond the limit then fails as on a full disk
	if err := starve(dir); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func starve(dir string) error {
	ctx := context.Background()
	s, err := duckdb.Open(ctx, duckdb.Options{Dir: dir})
	if err != nil {
		return err
	}
	// A viewer reads all the time; what it is told while the database is opened
	// again is its own business, that nothing crashes is ours.
	reading, stop := context.WithCancel(ctx)
	var viewer sync.WaitGroup
	viewer.Go(func() {
		for reading.Err() == nil {
			_, _ = s.Search(reading, view.Query{Limit: 50})
		}
	})
	defer viewer.Wait()
	defer stop()

	gen := storetest.NewGenerator(21)
	var want []record.Record
	failures := 0
	commit := func(n int) error {
		b := store.Batch{ID: fmt.Sprint(n), Records: gen.Records(2000)}
		err := s.Append(ctx, b)
		if err == nil {
			want = append(want, b.Records...)
			return nil
		}
		failures++
		c, lastErr := s.LastCommit(ctx)
		for try := 0; lastErr != nil && try < 3; try++ {
			c, lastErr = s.LastCommit(ctx)
		}
		if lastErr != nil {
			if limitErr := limitFiles(unix.RLIM_INFINITY); limitErr != nil {
				return limitErr
			}
			if c, lastErr = s.LastCommit(ctx); lastErr != nil {
				return fmt.Errorf("LastCommit with room again: %w", lastErr)
			}
		}
		if c.BatchID == b.ID {
			if !errors.Is(err, store.ErrAmbiguous) {
				return fmt.Errorf("batch %d is stored, but Append said: %w", n, err)
			}
			want = append(want, b.Records...)
		}
		return nil
	}
	for n := range 5 {
		if err := commit(n); err != nil {
			return err
		}
	}
	info, err := os.Stat(filepath.Join(dir, "weir.duckdb.wal"))
	if err != nil {
		return err
	}
	if err := limitFiles(uint64(info.Size()) + 300_000); err != nil {
		return err
	}
	for n := 5; failures < 3 && n < 30; n++ {
		if err := commit(n); err != nil {
			return err
		}
	}
	if failures == 0 {
		return errors.New("nothing failed: the limit on file sizes does not work")
	}
	if err := limitFiles(unix.RLIM_INFINITY); err != nil {
		return err
	}
	before := failures
	for n := 30; n < 33; n++ {
		if err := commit(n); err != nil {
			return err
		}
	}
	if failures != before {
		return errors.New("Append fails although there is room again")
	}
	stop()
	viewer.Wait()
	for reopened := range 2 {
		if err := compare(ctx, s, want); err != nil {
			return fmt.Errorf("reopened %d times: %w", reopened, err)
		}
		if err := s.Close(); err != nil {
			return err
		}
		if s, err = duckdb.Open(ctx, duckdb.Options{Dir: dir}); err != nil {
			return err
		}
	}
	return s.Close()
}

// limitFiles sets the soft limit on the size of files.
func limitFiles(size uint64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	limit.Cur = min(size, limit.Max)
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
}

func compare(ctx context.Context, s *duckdb.Store, want []record.Record) error {
	var got []record.Position
	q := view.Query{Order: view.OldestFirst, Limit: view.MaxLimit}
	for {
		page, err := s.Search(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Records {
			got = append(got, page.Records[i].ID)
		}
		if page.Complete {
			break
		}
		q.After = page.Next
	}
	if len(got) != len(want) {
		return fmt.Errorf("%d records are there, should be %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i].ID {
			return fmt.Errorf("record %d is %d, should be %d", i, got[i], want[i].ID)
		}
	}
	return nil
}
