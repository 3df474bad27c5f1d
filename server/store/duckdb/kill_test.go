//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/duckdb"
	"github.com/weirlog/weir/server/store/storetest"
)

// killBatches batches are acknowledged before the kill; each has killBatchSize
// records, several of DuckDB's vectors, so that a torn one would show.
const (
	killBatches   = 50
	killBatchSize = 3000
)

// batchName is what every record of a batch has as its message.
func batchName(n int) string { return fmt.Sprintf("batch-%d", n) }

func killBatch(n int) store.Batch {
	records := make([]record.Record, killBatchSize)
	for i := range records {
		records[i] = record.Record{ID: record.Position(n*killBatchSize + i + 1), Time: storetest.Epoch, Observed: storetest.Epoch, Message: batchName(n)}
	}
	return store.Batch{ID: batchName(n), Records: records}
}

// appendUntilKilled is the child: it appends after what is there, for ever, and
// prints each batch's number once it is durable.
func appendUntilKilled(dir string) {
	ctx := context.Background()
	s, err := duckdb.Open(ctx, duckdb.Options{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	c, err := s.LastCommit(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for n := int(c.Position) / killBatchSize; ; n++ {
		if err := s.Append(ctx, killBatch(n)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

func child(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestKill kills a process in mid-batch, several times over: every acknowledged
// batch is there once and whole, and so is one that was not acknowledged, if any.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	acked := -1
	for round := range 3 {
		cmd := child(t, "appender", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for want := acked + killBatches/3 + 1; acked < want && lines.Scan(); {
			if acked, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		// The child is in the middle of a batch, each time at another point of it.
		time.AfterFunc(time.Duration(round)*3*time.Millisecond, func() { _ = cmd.Process.Kill() })
		for lines.Scan() {
			if acked, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(err)
			}
		}
		_ = cmd.Wait() // killed, as it should be
		checkKilled(t, dir, acked)
		if t.Failed() {
			return
		}
		// What was committed without an acknowledgement counts for the next round.
		s := open(t, duckdb.Options{Dir: dir})
		c, err := s.LastCommit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		acked = int(c.Position)/killBatchSize - 1
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func checkKilled(t *testing.T, dir string, acked int) {
	t.Helper()
	s := open(t, duckdb.Options{Dir: dir})
	defer s.Close()
	c, err := s.LastCommit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	total := 0
	const grouped = "SELECT message, count(*), count(DISTINCT id), min(id), max(id) FROM logs GROUP BY message"
	err = duckdb.QuerySQL(t.Context(), s, grouped, func(scan func(...any) error) error {
		var name string
		var rows, ids, lowest, highest int
		if err := scan(&name, &rows, &ids, &lowest, &highest); err != nil {
			return err
		}
		counts[name] = rows
		total += rows
		if ids != rows || highest-lowest != rows-1 {
			t.Errorf("%s has %d records with %d ids from %d to %d", name, rows, ids, lowest, highest)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for n := range acked + 1 {
		if counts[batchName(n)] != killBatchSize {
			t.Errorf("batch %d was acknowledged: %d of its %d records are there", n, counts[batchName(n)], killBatchSize)
		}
	}
	for name, n := range counts {
		if n != killBatchSize {
			t.Errorf("%s is torn: %d records", name, n)
		}
	}
	if len(counts) > acked+2 {
		t.Errorf("%d batches are there, %d were acknowledged", len(counts), acked+1)
	}
	if n, _ := strconv.Atoi(strings.TrimPrefix(c.BatchID, "batch-")); int(c.Position) != total || (n+1)*killBatchSize != total {
		t.Errorf("LastCommit says %+v, there are %d records", c, total)
	}
}
