package intake

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// door is what the harness below puts under load: the intake, and a wrong one.
type door interface {
	Accept(ctx context.Context, source Source, batch []record.Record) (Receipt, error)
}

// TestNothingIsLostOnResume delays commits behind each other while viewers come and
// go: whoever reads up to the watermark and then follows sees each record once.
func TestNothingIsLostOnResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost, twice := resumeUnderLoad(t, func(w store.Writer, p Publisher) (door, func()) {
			in, err := New(w, p, Options{CommitRecords: 7})
			if err != nil {
				t.Fatal(err)
			}
			return in, func() {
				if err := in.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
		if lost != 0 || twice != 0 {
			t.Errorf("viewers lost %d records and saw %d twice", lost, twice)
		}
	})
}

// TestHarnessFindsEarlyStamps proves that the harness would notice the mistake that
// it is there for: positions that are given before the commit.
func TestHarnessFindsEarlyStamps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost, _ := resumeUnderLoad(t, func(w store.Writer, p Publisher) (door, func()) {
			return &earlyStamper{writer: w, hub: p}, func() {}
		})
		if lost == 0 {
			t.Error("records with positions from before their commit were not lost: the harness proves nothing")
		}
	})
}

// earlyStamper gives positions when a batch arrives, and lets batches commit beside
// each other.
type earlyStamper struct {
	writer store.Writer
	hub    Publisher

	mu   sync.Mutex
	last record.Position
}

func (e *earlyStamper) Accept(ctx context.Context, _ Source, batch []record.Record) (Receipt, error) {
	e.mu.Lock()
	for i := range batch {
		e.last = record.NextPosition(e.last, time.Now())
		batch[i].ID = e.last
	}
	e.mu.Unlock()
	if err := e.writer.Append(ctx, store.Batch{Records: batch}); err != nil {
		return Receipt{}, err
	}
	e.hub.Publish(batch)
	return Receipt{Count: len(batch)}, nil
}

// resumeUnderLoad sends 2,000 records in small batches from ten senders into a store
// in which every fifth commit is slow, while five viewers reconnect all the time. It
// counts what the viewers lost and saw twice.
func resumeUnderLoad(t *testing.T, open func(store.Writer, Publisher) (door, func())) (lost, twice int) {
	const senders, batches, size = 10, 50, 4
	st, show := &slowStore{}, &stream{}
	d, closeDoor := open(st, show)
	var sending, viewing sync.WaitGroup
	for s := range senders {
		sending.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(s), 1))
			for b := range batches {
				batch := make([]record.Record, size)
				for i := range batch {
					batch[i].Message = fmt.Sprintf("%d/%d/%d", s, b, i)
				}
				if r, err := d.Accept(t.Context(), Source{Protocol: "test"}, batch); err != nil || r.Count != size {
					t.Errorf("accept: %+v, %v", r, err)
				}
				<-time.After(time.Duration(rng.IntN(20)) * time.Millisecond)
			}
		})
	}
	stop := make(chan struct{})
	seen := make([]map[string]int, 5)
	for v := range seen {
		viewing.Go(func() { seen[v] = watch(stop, st, show, rand.New(rand.NewPCG(uint64(v), 2))) })
	}
	sending.Wait()
	closeDoor()
	close(stop)
	viewing.Wait()
	for _, messages := range seen {
		lost += senders*batches*size - len(messages)
		for _, n := range messages {
			if n > 1 {
				twice++
			}
		}
	}
	return lost, twice
}

// watch is a viewer that follows for a while, leaves, and comes back to where it
// was. When stop closes it comes back a last time.
func watch(stop <-chan struct{}, st *slowStore, show *stream, rng *rand.Rand) map[string]int {
	seen := make(map[string]int)
	var last record.Position
	for {
		place, watermark := show.end()
		for _, r := range st.between(last, watermark) {
			seen[r.Message]++
		}
		last = max(last, watermark)
		select {
		case <-stop:
			return seen
		default:
		}
		for range rng.IntN(30) {
			<-time.After(10 * time.Millisecond)
			var records []record.Record
			records, place = show.from(place)
			for _, r := range records {
				seen[r.Message]++
				last = max(last, r.ID)
			}
		}
		<-time.After(time.Duration(rng.IntN(100)) * time.Millisecond)
	}
}

// slowStore takes positions in any order and some batches slowly.
type slowStore struct {
	mu      sync.Mutex
	appends int
	records []record.Record
	last    store.Commit
}

func (s *slowStore) Append(_ context.Context, b store.Batch) error {
	s.mu.Lock()
	s.appends++
	wait := time.Millisecond
	if s.appends%5 == 0 {
		wait = 50 * time.Millisecond
	}
	s.mu.Unlock()
	<-time.After(wait)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, b.Records...)
	s.last = store.Commit{Position: b.Records[len(b.Records)-1].ID, BatchID: b.ID}
	return nil
}

func (s *slowStore) LastCommit(context.Context) (store.Commit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, nil
}

func (*slowStore) StoredRanges(context.Context, string) ([]store.Range, error) { return nil, nil }

func (*slowStore) StoredKey(context.Context, string) (store.Key, bool, error) {
	return store.Key{}, false, nil
}

func (s *slowStore) between(after, upto record.Position) []record.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []record.Record
	for _, r := range s.records {
		if r.ID > after && r.ID <= upto {
			out = append(out, r)
		}
	}
	return out
}

// stream is a hub that forgets nothing and takes positions in any order.
type stream struct {
	mu        sync.Mutex
	records   []record.Record
	watermark record.Position
}

func (s *stream) Publish(batch []record.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range batch {
		s.watermark = max(s.watermark, r.ID)
		s.records = append(s.records, r)
	}
}

func (s *stream) end() (place int, watermark record.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records), s.watermark
}

func (s *stream) from(place int) ([]record.Record, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records[place:len(s.records):len(s.records)], len(s.records)
}
