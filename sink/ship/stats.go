package ship

import (
	"maps"
	"sync"
)

// The reasons for which records are dropped.
const (
	DroppedQueueFull    = "queue_full"    // memory was full and there is no spool, or it could not be written
	DroppedSpoolFull    = "spool_full"    // the spool was full
	DroppedSpoolDamaged = "spool_damaged" // a file in the spool could not be read
	DroppedTooLarge     = "too_large"     // one record was larger than QueueBytes
	DroppedRetries      = "retries"       // Options.Retries were used up
	DroppedClosed       = "closed"        // Close had no more time and there is no spool, or it could not be written
)

// Stats are a sink's counters since New. All are counts of records unless they say
// otherwise, and they add up:
// Records + Adopted = Sent + Refused + the sum of Dropped + Queued + Spooled.
type Stats struct {
	Records uint64 `json:"records"` // taken from the logger
	Adopted uint64 `json:"adopted"` // found in the spool: of earlier starts, and of programs that have ended

	Sent      uint64            `json:"sent"`              // delivered
	Duplicate uint64            `json:"duplicate"`         // of those: the server had them already
	Refused   uint64            `json:"refused"`           // the server does not take them, ever
	KeptAside uint64            `json:"kept_aside"`        // of those: written to the spool's file of refused records
	Dropped   map[string]uint64 `json:"dropped,omitempty"` // by reason

	Queued      int   `json:"queued"`       // in memory now, those being sent among them
	QueuedBytes int   `json:"queued_bytes"` // their text
	Spooled     int   `json:"spooled"`      // in the spool now
	SpoolBytes  int64 `json:"spool_bytes"`  // size of their files

	SpoolWritten uint64 `json:"spool_written"` // records that were ever written to the spool
	SpoolDamaged uint64 `json:"spool_damaged"` // files that were moved aside
	SpoolErrors  uint64 `json:"spool_errors"`  // times the spool could not be written

	Batches   uint64 `json:"batches"`    // delivered
	Retried   uint64 `json:"retried"`    // times that a batch was tried again
	Split     uint64 `json:"split"`      // batches that were split, because the server would not take them
	RawBytes  uint64 `json:"raw_bytes"`  // the text of delivered batches
	SentBytes uint64 `json:"sent_bytes"` // the bodies of all requests

	Away      bool   `json:"away"`                 // the last request failed
	LastError string `json:"last_error,omitempty"` // why; empty when nothing ever failed
}

// Lost is the sum of Dropped, and of the refused records that were not kept aside.
func (s Stats) Lost() uint64 {
	l := losses{by: s.losses()}
	return l.total()
}

// losses are Dropped, with the refused records that were not kept aside.
func (s Stats) losses() map[string]uint64 {
	var l losses
	for reason, records := range s.Dropped {
		l.add(reason, records)
	}
	l.add(reasonRefused, s.Refused-s.KeptAside)
	return l.by
}

// counters are Stats under a lock of their own, so that reading them never waits for
// the disk.
type counters struct {
	mu sync.Mutex
	s  Stats
}

func (c *counters) change(f func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.s)
}

// drop moves records that were queued in memory to the dropped ones.
func (s *Stats) drop(reason string, records int) {
	if s.Dropped == nil {
		s.Dropped = make(map[string]uint64)
	}
	s.Dropped[reason] += uint64(records)
}

func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.s
	s.Dropped = maps.Clone(s.Dropped)
	return s
}

// Stats returns the counters.
func (s *Sink) Stats() Stats { return s.counters.snapshot() }
