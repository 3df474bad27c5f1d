package weirtest

import (
	"context"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// promptly is how long a call may take that has nothing to wait for.
const promptly = 5 * time.Second

func (st *SinkTest) survivesHostile(t *testing.T) {
	s := st.started(t)
	taken := 0
	for i, r := range HostileRecords() {
		if err := write(t.Context(), t, s, []record.Record{r}); err == nil {
			taken++
		} else if !st.RefusesHostile {
			t.Errorf("hostile record %d is refused (%v); when that is meant, set RefusesHostile", i, err)
		}
	}
	all := HostileRecords()
	if err := write(t.Context(), t, s, all); err == nil {
		taken += len(all)
	} else if !st.RefusesHostile {
		t.Errorf("all hostile records in one batch are refused: %v", err)
	}
	mustWrite(t, s, plain(1))
	mustClose(t, s)
	if st.Count == nil {
		return
	}
	switch n := st.Count(t, s); {
	case n < 1:
		t.Error("the good record behind the hostile ones did not arrive")
	case n != taken+1 && !st.RefusesHostile:
		t.Errorf("%d records arrived, %d were taken", n, taken+1)
	}
}

func (st *SinkTest) ended(t *testing.T) {
	s := st.started(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = write(ctx, t, s, plain(10)) // whether it writes or refuses is its own affair
	}()
	select {
	case <-done:
	case <-time.After(promptly):
		t.Fatalf("WriteBatch has not returned in %v", promptly)
	}
	_ = s.Close() // may report what was not written
}

func (st *SinkTest) closesUnused(t *testing.T) {
	s := st.started(t)
	mustClose(t, s)
	if st.Count != nil {
		if n := st.Count(t, s); n != 0 {
			t.Errorf("%d records arrived, nothing was written", n)
		}
	}
}

// writesLines compares both ways into a weir.LineSink. A sink that is none has nothing to
// do here.
func (st *SinkTest) writesLines(t *testing.T) {
	made := st.started(t)
	s, ok := made.(weir.LineSink)
	if !ok || !s.AcceptsLines() {
		mustClose(t, made)
		return
	}
	records := append(plain(100), HostileRecords()...)
	var lines []byte
	for i := range records {
		lines = append(record.AppendJSON(lines, &records[i]), '\n')
	}
	before := string(lines)
	if err := s.WriteLines(t.Context(), lines, len(records)); err != nil {
		t.Fatalf("WriteLines: %v", err)
	}
	if string(lines) != before {
		t.Error("WriteLines changed the lines")
	}
	clear(lines)
	mustClose(t, s)
	if st.Count != nil {
		if n := st.Count(t, s); n != len(records) {
			t.Errorf("%d records arrived as lines, want %d", n, len(records))
		}
	}
	if st.Output == nil {
		return
	}
	other := st.started(t)
	mustWrite(t, other, records)
	mustClose(t, other)
	if got, want := st.Output(t, s), st.Output(t, other); string(got) != string(want) {
		t.Errorf("lines are not written as records are:\n%.4000s", difference(string(want), string(got)))
	}
}
