package main

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
)

// totals are the numbers of all rounds.
type totals struct {
	rounds                          int
	sent, written, filtered, atCall uint64
	drops                           weir.Drops
	sinkErrors, failed, missed      uint64

	taps, added atomic.Uint64
}

// add adds what a closed logger has.
func (t *totals) add(s weir.Stats) {
	t.rounds++
	t.sent += s.Emitted
	t.written += s.Written
	t.filtered += s.Filtered
	t.atCall += s.EncodedAtCall
	t.sinkErrors += s.SinkErrors
	for _, sink := range s.Sinks {
		t.failed += sink.Failed
		t.missed += sink.Dropped
	}
	t.drops.OverflowOldest += s.Dropped.OverflowOldest
	t.drops.OverflowNewest += s.Dropped.OverflowNewest
	t.drops.BlockTimeout += s.Dropped.BlockTimeout
	t.drops.Fail += s.Dropped.Fail
	t.drops.Closed += s.Dropped.Closed
	t.drops.Abandoned += s.Dropped.Abandoned
}

func (t *totals) print(out io.Writer, since time.Duration) {
	d := t.drops
	fmt.Fprintf(out, "%v: %d rounds, %d sent = %d written + %d dropped (oldest %d, newest %d, block %d, fail %d, closed %d, abandoned %d)\n",
		since.Round(time.Second), t.rounds, t.sent, t.written, d.Total(), d.OverflowOldest, d.OverflowNewest, d.BlockTimeout, d.Fail, d.Closed, d.Abandoned)
	fmt.Fprintf(out, "    %d filtered, %d encoded at the call; sinks: %d errors, %d records in them, %d missed, %d added; %d taps\n",
		t.filtered, t.atCall, t.sinkErrors, t.failed, t.missed, t.added.Load(), t.taps.Load())
}
