package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// receiver is a way in beside the page's address. Run returns when ctx has ended and
// what came until then is stored or given up, or with the error that ended it before.
type receiver struct {
	name string
	run  func(ctx context.Context) error
}

// receivers are those that run.
type receivers struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	failed  chan error // the first that ended before it was told to

	mu   sync.Mutex
	errs []error
}

// receivers opens the ways in that the settings name.
func (s *server) receivers() ([]receiver, error) {
	return nil, nil
}

// startReceivers runs all. They end when stop is called.
func startReceivers(all []receiver) *receivers {
	ctx, cancel := context.WithCancel(context.Background())
	rs := &receivers{stop: cancel, failed: make(chan error, 1)}
	for _, r := range all {
		rs.running.Go(func() {
			err := r.run(ctx)
			if err == nil || errors.Is(err, context.Canceled) {
				return
			}
			err = fmt.Errorf("%s: %w", r.name, err)
			rs.mu.Lock()
			rs.errs = append(rs.errs, err)
			rs.mu.Unlock()
			select {
			case rs.failed <- err:
			default:
			}
		})
	}
	return rs
}

// end stops all, and waits for them until ctx ends. It returns what went wrong.
func (rs *receivers) end(ctx context.Context) error {
	rs.stop()
	ended := make(chan struct{})
	go func() { rs.running.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		return fmt.Errorf("not all receivers ended: %w", ctx.Err())
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return errors.Join(rs.errs...)
}
