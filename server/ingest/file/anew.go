package file

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/weirlog/weir/server/ingest/text"
)

// held is the beginning of a line whose file was emptied meanwhile: a copy of the file
// may have all of the line.
type held struct {
	stream *text.Stream
	key    string // of the place
	since  time.Time
}

// holdWait is how long a copy is waited for: until the files have been looked at.
func (t *tailer) holdWait() time.Duration { return max(copyWait, 2*t.f.opts.Poll) }

// anew begins with the start of a file that was emptied or written anew. What came
// before is complete, but for the beginning of a line.
func (t *tailer) anew(ctx context.Context) error {
	if err := t.letGo(ctx, nil); err != nil {
		return err
	}
	end := t.stream.Release
	if t.once {
		end = t.stream.End // no copy will be looked for
	}
	if err := end(); err != nil {
		return err
	}
	p := t.placeAt(t.offset)
	p.recent = slices.Clone(t.window[max(0, len(t.window)-recentBytes):])
	partial := t.stream.Partial()
	key := t.f.places.emptied(p, partial)
	if partial {
		t.held = &held{t.stream, key, time.Now()}
	}
	t.turns.Add(1)
	t.f.opts.Counts.Truncated.Add(1)
	t.f.notice(t.path, EventTruncated, nil)
	t.offset, t.window, t.head, t.started = 0, t.window[:0], nil, false
	t.begin(ctx)
	return nil
}

// letGo takes what is held for a line, unless a copy has it. A tailer that ends by an
// error can hand nothing over any more; the place is kept for a copy that comes later.
func (t *tailer) letGo(ctx context.Context, ended error) error {
	h := t.held
	t.held = nil
	switch {
	case h == nil:
		return nil
	case ctx.Err() != nil || !isEnd(ctx, ended):
		if !t.f.places.isTaken(h.key) {
			t.f.opts.Counts.Lost.Add(1)
			t.f.notice(t.path, EventLost, errors.New("the file was emptied before its last line was complete: the line is read only when a copy of the file is found"))
		}
		return nil
	case t.f.places.settle(h.key):
		return h.stream.End()
	}
	return nil
}
