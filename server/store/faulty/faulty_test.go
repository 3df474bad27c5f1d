package faulty_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

func batch(id string, position record.Position) store.Batch {
	return store.Batch{ID: id, Records: []record.Record{{ID: position, Message: id}}}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name      string
		fault     faulty.Fault
		failed    bool
		ambiguous bool
		stored    bool
	}{
		{"none", faulty.None, false, false, true},
		{"fails before", faulty.FailBefore, true, false, false},
		{"committed but ambiguous", faulty.AmbiguousCommitted, true, true, true},
		{"lost and ambiguous", faulty.AmbiguousLost, true, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := faulty.New(storetest.NewMemory())
			s.Next(test.fault)
			err := s.Append(t.Context(), batch("a", 1))
			if (err != nil) != test.failed || errors.Is(err, store.ErrAmbiguous) != test.ambiguous {
				t.Errorf("Append: got %v", err)
			}
			c, err := s.LastCommit(t.Context())
			if err != nil || (c.BatchID == "a") != test.stored {
				t.Errorf("LastCommit: got %+v, %v", c, err)
			}
			if err := s.Append(t.Context(), batch("b", 2)); err != nil {
				t.Errorf("the next Append: %v", err)
			}
		})
	}
}

func TestAlways(t *testing.T) {
	s := faulty.New(storetest.NewMemory())
	s.Always(faulty.FailBefore)
	s.Next(faulty.None)
	if err := s.Append(t.Context(), batch("a", 1)); err != nil {
		t.Errorf("Next goes before Always: %v", err)
	}
	for range 2 {
		if err := s.Append(t.Context(), batch("b", 2)); !errors.Is(err, faulty.ErrInjected) {
			t.Errorf("got %v", err)
		}
	}
	s.Always(faulty.None)
	if err := s.Append(t.Context(), batch("b", 2)); err != nil {
		t.Error(err)
	}
	if appends, _ := s.Calls(); appends != 4 {
		t.Errorf("got %d calls", appends)
	}
}

func TestFailLastCommit(t *testing.T) {
	s := faulty.New(storetest.NewMemory())
	s.FailLastCommit(true)
	if _, err := s.LastCommit(t.Context()); !errors.Is(err, faulty.ErrInjected) {
		t.Errorf("got %v", err)
	}
	s.FailLastCommit(false)
	if _, err := s.LastCommit(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestFailRecall(t *testing.T) {
	s := faulty.New(storetest.NewMemory())
	b := batch("a", 1)
	b.Ranges, b.Keys = []store.Range{{Source: "s", First: 1, Last: 1}}, []store.Key{{Text: "k", Stored: 1}}
	if err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for _, fail := range []bool{true, false} {
		s.FailRecall(fail)
		ranges, err := s.StoredRanges(t.Context(), "s")
		if errors.Is(err, faulty.ErrInjected) != fail || fail == (len(ranges) == 1) {
			t.Errorf("StoredRanges: got %v, %v", ranges, err)
		}
		_, ok, err := s.StoredKey(t.Context(), "k")
		if errors.Is(err, faulty.ErrInjected) != fail || ok == fail {
			t.Errorf("StoredKey: got %v, %v", ok, err)
		}
	}
}

func TestDelayAndHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := faulty.New(storetest.NewMemory())
		s.Delay(time.Minute)
		began := time.Now()
		if err := s.Append(t.Context(), batch("a", 1)); err != nil || time.Since(began) != time.Minute {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Append(ctx, batch("b", 2)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		s.Delay(0)
		release := s.Hold()
		done := make(chan error, 1)
		go func() { done <- s.Append(t.Context(), batch("c", 3)) }()
		synctest.Wait()
		select {
		case err := <-done:
			t.Errorf("a held Append went on: %v", err)
		default:
		}
		release()
		release()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
