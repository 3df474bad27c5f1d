package syslog

import (
	"sync"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
)

// troubles tells of what is wrong with connections: the ledger counts each, and the log
// has one line a second at most for each reason, because senders come again and again.
// Its methods may be called concurrently.
type troubles struct {
	gate  *gate.Gate
	clock func() time.Time

	mu   sync.Mutex
	told map[string]time.Time // by reason
}

func newTroubles(g *gate.Gate, clock func() time.Time) *troubles {
	return &troubles{gate: g, clock: clock, told: make(map[string]time.Time)}
}

// tell counts a trouble; reason is one of the constants.
func (t *troubles) tell(source intake.Source, reason, message string) {
	if t.isTime(reason) {
		t.gate.Trouble(source, reason, message)
		return
	}
	t.gate.CountTrouble(source, reason, message)
}

func (t *troubles) isTime(reason string) bool {
	now := t.clock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, ok := t.told[reason]; ok && now.Sub(last) >= 0 && now.Sub(last) < tellEvery {
		return false
	}
	t.told[reason] = now
	return true
}
