package view

import (
	"context"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

// FollowOptions say what a viewer wants to see and from where.
type FollowOptions struct {
	Filter *query.Filter
	// After is where the viewer left off; nil: it is new.
	After *hub.Cursor
	// Replay is how many matching stored records a viewer wants at most before the
	// live ones: the newest ones for a new viewer, and for one that comes back as
	// much of what it missed (the rest is declared as a gap). Negative: everything
	// it missed, which for a new viewer is nothing.
	Replay int
	// ReplayTimeout bounds the search for them. Default DefaultReplayTimeout.
	ReplayTimeout time.Duration
	// MaxBytes ends a frame at the record with which its estimated size passes it.
	// Zero: no bound.
	MaxBytes int64
}

// DefaultReplayTimeout is how long a page may stay empty while the stored records
// it asked for are searched.
const DefaultReplayTimeout = 2 * time.Second

// The reasons for a gap.
const (
	GapSlow    = "slow"    // the viewer read more slowly than records came
	GapReplay  = "replay"  // more was missed than the viewer wanted replayed
	GapEvicted = "evicted" // the records had left the memory
)

// Gap declares records that are not delivered. Skipped is exact and counts all
// records, whether they match the filter or not.
type Gap struct {
	Skipped       uint64
	After, Before hub.Cursor // the skipped records lie in (After, Before]
	Reason        string
	Stored        bool // a search between After and Before still finds them
}

// Frame is one step of a feed: a gap, then records.
type Frame struct {
	Gap     *Gap
	Records []record.Record // those that match; shared, read only
	Cursor  hub.Cursor      // where the viewer stands after this frame
	Seen    uint64          // records this frame passed over, matching or not, without the gap's
	// Older is set in the first frame only: where to search for records older than
	// the replayed ones; nil when there are none.
	Older *hub.Cursor
	// CaughtUp tells that the replay is over: everything that had been committed
	// when the feed began is delivered or declared.
	CaughtUp bool
}

// Feed is one viewer's way through the stored records and on into the live ones.
// Next has one caller at a time; Close may be called beside it.
//
// It holds the watermark rule: the feed subscribes and gets a watermark W; it
// reads (last, W] from the backend in pages against that fixed W; then it
// follows. What the hub's ring still has is read from there, by subscribing at an
// earlier place: that is the same rule with W moved back. Filters apply after
// positions. When the feed falls out of the ring it reads the missed records from
// the backend, if that keeps them and Replay allows it, else it declares the gap.
type Feed struct {
	backend   Backend
	opts      FollowOptions
	volatile  bool // the backend keeps nothing but the ring
	all       bool // the filter matches everything
	sub       *hub.Subscription
	watermark hub.Cursor

	at      hub.Cursor // where the viewer stands
	started bool       // the first frame was handed over
	older   *hub.Cursor

	// What comes next, in this order, before the subscription is asked again. Each
	// part begins where the one before it ends.
	gaps   []Gap
	found  *found
	catch  *hub.Cursor     // records up to here are to be read from the backend
	behind *hub.Cursor     // records up to here left the ring before they were read
	raw    []record.Record // from the subscription, not filtered yet
}

// found is matching records that were read from the backend.
type found struct {
	records []record.Record
	to      hub.Cursor // where the viewer stands after them
	total   uint64     // records between the viewer and to, matching or not
	counted bool       // false: total is just that of the records; a new viewer passes nothing over
}

// Follow starts a feed. The caller closes it.
func Follow(ctx context.Context, b Backend, opts FollowOptions) (*Feed, error) {
	if opts.ReplayTimeout <= 0 {
		opts.ReplayTimeout = DefaultReplayTimeout
	}
	f := &Feed{backend: b, opts: opts, all: matchesAll(opts.Filter)}
	_, f.volatile = As[Volatile](b)
	f.watermark = b.Hub().Cursor()
	var err error
	if opts.After == nil {
		err = f.begin(ctx)
	} else {
		err = f.resume(ctx, *opts.After)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func matchesAll(f *query.Filter) bool {
	return f == nil || f.Root() == nil && f.Since.IsZero() && f.Until.IsZero()
}

// Close ends the feed.
func (f *Feed) Close() {
	if f.sub != nil {
		f.sub.Close()
	}
}

const (
	// ringBatch is how many records are taken from the ring at once.
	ringBatch = 2000
	// maxPassed ends a frame, so that a filter that matches nothing still moves the
	// viewer's cursor while records rush by.
	maxPassed = 20_000
)

// Next waits for the next frame, of at most limit records. A frame may have
// neither gap nor records: then only the cursor has moved. The first frame comes
// at once. Its errors are hub.ErrClosed, the context's, and the backend's; after
// one of the backend's the feed goes on where it was.
func (f *Feed) Next(ctx context.Context, limit int) (Frame, error) {
	return f.next(ctx, limit, f.sub.Next)
}

// NextWithin is Next that waits no longer than wait for something to come: then
// the frame is empty.
func (f *Feed) NextWithin(ctx context.Context, limit int, wait time.Duration) (Frame, error) {
	return f.next(ctx, limit, func(ctx context.Context, n int) (hub.Delivery, error) {
		limited, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		d, err := f.sub.Next(limited, n)
		if err != nil && limited.Err() != nil && ctx.Err() == nil {
			return hub.Delivery{From: f.at, Resumed: f.at, To: f.at}, nil
		}
		return d, err
	})
}

func (f *Feed) next(ctx context.Context, limit int, wait func(context.Context, int) (hub.Delivery, error)) (Frame, error) {
	b := frameBuilder{limit: max(limit, 1), maxBytes: f.opts.MaxBytes}
	from := f.at
	for !b.full() {
		empty := f.at == from && b.frame.Gap == nil
		switch {
		case len(f.gaps) > 0:
			if !empty {
				return f.hand(&b), nil
			}
			b.frame.Gap = &f.gaps[0]
			f.at = f.gaps[0].Before
			f.gaps = f.gaps[1:]
		case f.found != nil:
			if err := f.takeFound(ctx, &b); err != nil {
				return Frame{}, err
			}
		case f.catch != nil:
			if !empty {
				return f.hand(&b), nil
			}
			if err := f.readPage(ctx); err != nil {
				return Frame{}, err
			}
		case f.behind != nil:
			if err := f.backfill(ctx, f.at, *f.behind, GapSlow); err != nil {
				return Frame{}, err
			}
			f.behind = nil
		case len(f.raw) > 0:
			f.takeRaw(&b)
		default:
			d, ok, err := f.sub.TryNext(ringBatch)
			if !ok && (!empty || !f.started) {
				return f.hand(&b), nil // an error comes again
			}
			if err == nil && !ok {
				d, err = wait(ctx, ringBatch)
			}
			if err != nil {
				return Frame{}, err
			}
			if d.Missed == 0 && len(d.Records) == 0 {
				return f.hand(&b), nil // waited long enough
			}
			f.take(d)
		}
	}
	return f.hand(&b), nil
}

// hand finishes a frame.
func (f *Feed) hand(b *frameBuilder) Frame {
	b.frame.Cursor = f.at
	if !f.started {
		b.frame.Older, f.started = f.older, true
	}
	b.frame.CaughtUp = f.at.Position >= f.watermark.Position
	return b.frame
}

// take accepts what the subscription delivered.
func (f *Feed) take(d hub.Delivery) {
	f.raw = d.Records
	switch {
	case d.Missed == 0:
	case f.volatile:
		f.gaps = append(f.gaps, Gap{Skipped: d.Missed, After: d.From, Before: d.Resumed, Reason: GapSlow})
	default:
		f.behind = &d.Resumed
	}
}
