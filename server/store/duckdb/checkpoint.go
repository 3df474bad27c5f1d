//go:build cgo && (((linux || darwin) && (amd64 || arm64)) || (windows && amd64))

package duckdb

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// DuckDB writes its log into the file by itself only in a moment without readers;
// with viewers that search all the time there is none, and the log and the memory
// it stands for grew without bound (measured). So the store makes room itself.
//
// By itself a checkpoint also merges row groups that are not full with up to two neighbours, which means to compress these again:
// of 740,000 records, written every 60,000, this cost 6.6 s of a processor instead of 2.2, up to 2 s at a time instead of 0.25, and left
// 205 bytes a record on disk instead of 137. The engine's setting max_vacuum_tasks = 0 leaves them as they are; row groups
// whose records are all deleted are given back all the same.
const (
	// checkpointAt is the size of the log that is written into the file: about 30,000 records, which keep batches
	// waiting for about 0.1 s, and as much to read again after a crash. They stay a row group of their own. Twice as
	// many take 3 % less disk and keep batches waiting twice as long.
	checkpointAt = 16 << 20
	// checkpointPatience is how long a checkpoint keeps searches waiting for a
	// statement that takes long; then it comes back after the next batch.
	checkpointPatience = 2 * time.Second
	// checkpointMust is how many times too large the log is when a checkpoint waits as
	// long as it takes, which the reads' deadlines bound.
	checkpointMust = 8
)

// askCheckpoint wakes the checkpointer when the log is large enough.
func (s *Store) askCheckpoint() {
	if s.logSize() < s.checkpointAt {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

func (s *Store) logSize() int64 {
	info, err := os.Stat(filepath.Join(s.opts.Dir, logName))
	if err != nil {
		return 0 // no log: nothing to write
	}
	return info.Size()
}

// checkpoints runs until the store closes, which waits for it.
func (s *Store) checkpoints() {
	for {
		select {
		case <-s.wake:
		case <-s.closing.Done():
			return
		}
		patience := checkpointPatience
		if s.logSize() >= checkpointMust*s.checkpointAt {
			patience = s.opts.QueryTimeout
		}
		ctx, cancel := context.WithTimeout(s.closing, patience)
		if s.gate.clear(ctx) == nil {
			s.checkpoint()
			s.gate.reopen()
		} else {
			s.counts.checkpointsPutOff.Add(1)
		}
		cancel()
	}
}

// checkpoint writes the log into the file while nobody reads or appends.
func (s *Store) checkpoint() {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.writer == nil {
		return // after an error; the next Append asks again
	}
	if err := execute(context.Background(), s.writer, "CHECKPOINT"); err != nil {
		// Everything is still in the log. Whether the engine can go on shows the
		// restart, or the next Append.
		s.counts.checkpointsFailed.Add(1)
		s.dropWriter()
		_ = s.restart(context.Background())
		return
	}
	s.counts.checkpoints.Add(1)
}
