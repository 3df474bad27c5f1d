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
	// it missed.
	Replay int
	// ReplayTimeout bounds the search for them. Default DefaultReplayTimeout.
	ReplayTimeout time.Duration
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
}

// Feed is one viewer's way through the stored records and on into the live ones.
//
// It holds the watermark rule: the feed subscribes and gets a watermark W; it
// reads (last, W] from the backend in pages against that fixed W; then it
// follows. Filters apply after positions. When it falls out of the hub's ring it
// reads the missed records from the backend, if that keeps them and Replay allows
// it, else it declares the gap.
type Feed struct{}

// Follow starts a feed. The caller closes it.
func Follow(ctx context.Context, b Backend, opts FollowOptions) (*Feed, error) {
	panic("BUG: not written")
}

// Next waits for the next frame, of at most limit records. A frame may have
// neither gap nor records: then only the cursor has moved. The first frame comes
// at once. Its errors are hub.ErrClosed, the context's, and the backend's.
func (f *Feed) Next(ctx context.Context, limit int) (Frame, error) { panic("BUG: not written") }

// Close ends the feed.
func (f *Feed) Close() { panic("BUG: not written") }
