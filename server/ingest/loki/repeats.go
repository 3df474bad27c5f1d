package loki

import (
	"time"

	"github.com/weirlog/weir/server/ingest/repeat"
)

// repeatWindow is how long a body is known. A client sends a body again when it did not
// see the answer in time, or when the server could not store all of it. Loki ignores an
// entry that it has with the same time and the same text already, so clients do not care;
// here a body is not stored again that is byte for byte the same, from the same sender and
// for the same tenant, and in which each entry has a time. Promtail's ten tries wait at
// most five minutes for each other; this is more than they mostly take.
const repeatWindow = 15 * time.Minute

// Stats returns the counters of bodies that came again.
func (h *Handler) Stats() repeat.Stats { return h.repeats.Stats() }
