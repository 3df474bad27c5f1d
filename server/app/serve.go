package app

import (
	"context"
)

// Serve runs a server until ctx ends, then drains it.
func Serve(ctx context.Context, opts Options) error {
	s, err := open(ctx, opts)
	if err != nil {
		return err
	}
	s.notice("live page on %s, records in %s", s.url(), s.dir)
	failed := s.wait(ctx)
	if failed == nil {
		s.notice("stopping: storing what was taken in; again to stop at once")
	}
	if err := s.close(); err != nil {
		return err
	}
	return failed
}
