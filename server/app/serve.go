package app

import (
	"context"
	"strings"

	"github.com/weirlog/weir/internal/port"
)

// Serve runs a server until ctx ends, then drains it.
func Serve(ctx context.Context, opts Options) error {
	s, err := open(ctx, opts)
	if err != nil {
		return err
	}
	s.notice("live page on %s%s, records in %s", s.url(), s.reach(), s.dir)
	if len(s.also) > 0 {
		s.notice("also taking %s", strings.Join(s.also, ", "))
	}
	failed := s.wait(ctx)
	if failed == nil {
		s.notice("stopping: storing what was taken in; again to stop at once")
	}
	if err := s.close(); err != nil {
		return err
	}
	return failed
}

// reach says so when the whole network can come in.
func (s *server) reach() string {
	if port.AllInterfaces(s.listener.Addr()) {
		return " and on all of this machine's addresses"
	}
	return ""
}
