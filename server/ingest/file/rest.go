package file

import (
	"context"
	"time"
)

// rest decides what becomes of what waits at the end of the file.
func (t *tailer) rest(ctx context.Context, replaced bool) error {
	idle := time.Since(t.grown)
	switch {
	case t.held != nil && time.Since(t.held.since) >= t.holdWait():
		return t.letGo(ctx, nil)
	case t.once:
		if err := t.stream.End(); err != nil {
			return err
		}
		return errEnded
	case replaced && !t.kept.Load() && t.held == nil && idle >= t.f.opts.Linger:
		if err := t.stream.End(); err != nil {
			return err
		}
		return errEnded
	case t.stream.Partial() && idle >= t.f.opts.PartialWait:
		return t.stream.End()
	case t.stream.Waiting() && time.Since(t.lined) >= t.wait:
		return t.stream.Release()
	case t.park.Load() && t.held == nil && !t.stream.Waiting() && !t.stream.Partial():
		return errEnded
	}
	return nil
}

// sleep waits until there may be something to do.
func (t *tailer) sleep(ctx context.Context) {
	until := t.f.opts.Poll
	if t.stream.Waiting() {
		until = min(until, t.wait-time.Since(t.lined))
	}
	if t.stream.Partial() {
		until = min(until, t.f.opts.PartialWait-time.Since(t.grown))
	}
	if t.held != nil {
		until = min(until, t.holdWait()-time.Since(t.held.since))
	}
	t.pause(ctx, until, nil)
}

// pause waits so long, or until the tailer is to look again, or another has drained.
func (t *tailer) pause(ctx context.Context, most time.Duration, drained <-chan struct{}) {
	timer := time.NewTimer(max(most, time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-t.wake:
	case <-drained:
	case <-timer.C:
	}
}
