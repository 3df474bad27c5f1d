package app

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

// slowStore is a destination whose store can be made to hang.
type slowStore struct {
	*stored
	store *faulty.Store
}

func newSlowStore(t *testing.T) *slowStore {
	t.Helper()
	s := faulty.New(storetest.NewMemory())
	in, err := intake.New(s, hub.New(hub.Options{}, 0), intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(in.Close(context.Background()), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return &slowStore{&stored{&server{intake: in, gate: gate.New(in, gate.Options{})}}, s}
}

func (s *slowStore) counts() intake.Counts {
	for _, c := range s.server.intake.Ledger() {
		return c
	}
	return intake.Counts{}
}

func numberedBatch(from, n int) []record.Record {
	batch := make([]record.Record, n)
	for i := range batch {
		batch[i].Message = fmt.Sprintf("line %d", from+i)
	}
	return batch
}

// TestDropUnderASlowStore: nobody waits, the books balance, and what is missing is
// declared where it is missing.
func TestDropUnderASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dest := newSlowStore(t)
		release := dest.store.Hold()
		d := newDropper(dest, func(string, ...any) {})
		source := intake.Source{Protocol: "pipe", Sender: "stdin"}
		const batches, size = 100, 1000
		for i := range batches {
			if err := d.keep(t.Context(), source, numberedBatch(i*size, size)); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.keep(t.Context(), source, numberedBatch(batches*size, 1)); err != nil {
			t.Fatal(err)
		}
		release()
		synctest.Wait()
		if err := d.keep(t.Context(), source, numberedBatch(batches*size+1, 1)); err != nil {
			t.Fatal(err)
		}
		if err := d.close(t.Context()); err != nil {
			t.Error(err)
		}
		const total = batches*size + 2
		c := dest.counts()
		if d.dropped == 0 || c.Refused[intake.ReasonOverflow] != d.dropped || c.Received != total+1 || c.Stored != total+1-d.dropped {
			t.Errorf("%d were dropped, the books say %+v", d.dropped, c)
		}
		if d.records != 0 || d.bytes != 0 {
			t.Errorf("%d records of %d bytes are still counted", d.records, d.bytes)
		}
	})
}

// TestDropGivesUp: what waits when the time is up is counted.
func TestDropGivesUp(t *testing.T) {
	dest := newSlowStore(t)
	release := dest.store.Hold()
	defer release()
	d := newDropper(dest, func(string, ...any) {})
	for i := range 5 {
		if err := d.keep(t.Context(), intake.Source{Protocol: "pipe"}, numberedBatch(i*1000, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	late, cancel := context.WithCancel(t.Context())
	cancel()
	var unstored *unstoredError
	if err := d.close(late); !errors.As(err, &unstored) || unstored.records != 5000 {
		t.Errorf("closed with %v", err)
	}
	if err := d.keep(t.Context(), intake.Source{Protocol: "pipe"}, numberedBatch(0, 1)); err == nil {
		t.Error("it took a batch after it was closed")
	}
}
