// Package faulty wraps a store so that tests can make it slow, failing or
// ambiguous.
//
// [New] wraps a store; [Store.Next] and [Store.Always] say how its Appends go
// wrong. Faults are decided when an Append begins. The package changes nothing
// that is stored: searches and everything else go to the wrapped store.
package faulty

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/weirlog/weir/server/store"
)

// Fault is how one Append goes.
type Fault uint8

// The faults.
const (
	None               Fault = iota // the wrapped store decides
	FailBefore                      // an error, nothing stored
	AmbiguousCommitted              // store.ErrAmbiguous, the batch is stored
	AmbiguousLost                   // store.ErrAmbiguous, nothing stored
)

// ErrInjected is the error of an operation that was made to fail.
var ErrInjected = errors.New("injected failure")

// Store is a store that goes wrong as told. All methods may be called
// concurrently, except that Append and LastCommit keep the one caller of
// store.Writer.
type Store struct {
	store.Store

	mu             sync.Mutex
	next           []Fault
	always         Fault
	delay          time.Duration
	held           chan struct{} // closed when Appends may go on; nil: they may
	failLastCommit bool
	failRecall     bool
	appends        int
	lastCommits    int
}

var _ store.Store = (*Store)(nil)

// New wraps s. The wrapper owns s: Close closes it.
func New(s store.Store) *Store { return &Store{Store: s} }

// Unwrap returns the wrapped store, for view.As to find its optional abilities.
func (s *Store) Unwrap() any { return s.Store }

// Next sets the faults of the next Appends, one each, after those set before.
func (s *Store) Next(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, faults...)
}

// Always sets the fault of all Appends that Next says nothing about.
func (s *Store) Always(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = f
}

// Delay makes each Append wait before it does anything, or until its context
// ends.
func (s *Store) Delay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Hold makes Appends wait, before they do anything, until release is called or
// their context ends. A later Hold replaces an earlier one, whose Appends go on
// waiting for their own release.
func (s *Store) Hold() (release func()) {
	held := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = held
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.held == held {
			s.held = nil
		}
		close(held)
	})
}

// FailLastCommit makes LastCommit fail, or work again.
func (s *Store) FailLastCommit(fail bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failLastCommit = fail
}

// FailRecall makes StoredRanges and StoredKey fail, or work again.
func (s *Store) FailRecall(fail bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failRecall = fail
}

// Calls returns how many Appends and LastCommits have begun.
func (s *Store) Calls() (appends, lastCommits int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.appends, s.lastCommits
}

func (s *Store) begin() (f Fault, delay time.Duration, held chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.appends++
	f = s.always
	if len(s.next) > 0 {
		f, s.next = s.next[0], s.next[1:]
	}
	return f, s.delay, s.held
}

// Append commits the batch unless told otherwise.
func (s *Store) Append(ctx context.Context, b store.Batch) error {
	fault, delay, held := s.begin()
	if err := wait(ctx, delay, held); err != nil {
		return fmt.Errorf("append batch: %w", err)
	}
	switch fault {
	case FailBefore:
		return fmt.Errorf("append batch: %w", ErrInjected)
	case AmbiguousCommitted:
		if err := s.Store.Append(ctx, b); err != nil {
			return err
		}
		return fmt.Errorf("append batch: %w: %w", store.ErrAmbiguous, ErrInjected)
	case AmbiguousLost:
		return fmt.Errorf("append batch: %w: %w", store.ErrAmbiguous, ErrInjected)
	}
	return s.Store.Append(ctx, b)
}

func wait(ctx context.Context, delay time.Duration, held chan struct{}) error {
	if delay > 0 {
		t := time.NewTimer(delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// LastCommit asks the wrapped store unless told to fail.
func (s *Store) LastCommit(ctx context.Context) (store.Commit, error) {
	s.mu.Lock()
	s.lastCommits++
	fail := s.failLastCommit
	s.mu.Unlock()
	if fail {
		return store.Commit{}, fmt.Errorf("read the last commit: %w", ErrInjected)
	}
	return s.Store.LastCommit(ctx)
}

// StoredRanges asks the wrapped store unless told to fail.
func (s *Store) StoredRanges(ctx context.Context, source string) ([]store.Range, error) {
	if s.recallFails() {
		return nil, fmt.Errorf("look up a source: %w", ErrInjected)
	}
	return s.Store.StoredRanges(ctx, source)
}

// StoredKey asks the wrapped store unless told to fail.
func (s *Store) StoredKey(ctx context.Context, text string) (store.Key, bool, error) {
	if s.recallFails() {
		return store.Key{}, false, fmt.Errorf("look up a key: %w", ErrInjected)
	}
	return s.Store.StoredKey(ctx, text)
}

func (s *Store) recallFails() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failRecall
}
