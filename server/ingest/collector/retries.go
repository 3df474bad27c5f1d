package collector

import (
	"time"

	"github.com/weirlog/weir/server/ingest/repeat"
)

// retryWindow is how long a body is known. The clients send a batch again when they did
// not see the answer in time; a body is taken for that only when it is byte for byte the
// same, when each record in it has created_at (so that two batches are not the same by
// chance), and when it comes from the same sender within this time. It covers the Python
// client's four tries, which with a server that hangs take 27 s, and a good many of
// Node's, which never ends.
const retryWindow = 2 * time.Minute

// Stats returns the counters of bodies that came again.
func (h *Handler) Stats() repeat.Stats { return h.retries.Stats() }
