package gate

import (
	"sync"
	"sync/atomic"
	"time"
)

// maxRated is how many senders the rates are kept of, at about 100 bytes each. Beyond
// it all are forgotten, which lets some send a little more.
const maxRated = 10_000

// rates bounds how many records a second each sender may send. What a request holds is
// known when it is stored: it is charged then, and who is in debt waits before it may
// send again. What is not stored costs nothing, because it comes again.
type rates struct {
	perSecond float64
	clock     func() time.Time

	mu      sync.Mutex
	senders map[string]*allowance

	forgotten atomic.Uint64 // senders, because there were too many
}

// allowance is what a sender may still send; below zero it is in debt.
type allowance struct {
	left float64
	at   time.Time
}

func newRates(perSecond float64, clock func() time.Time) *rates {
	return &rates{perSecond: perSecond, clock: clock, senders: make(map[string]*allowance)}
}

// of returns a sender's allowance as of now. The lock is held.
func (r *rates) of(sender string) *allowance {
	now := r.clock()
	a := r.senders[sender]
	if a == nil {
		if len(r.senders) >= maxRated {
			r.forgotten.Add(uint64(len(r.senders)))
			clear(r.senders)
		}
		a = &allowance{left: r.perSecond, at: now}
		r.senders[sender] = a
	}
	if passed := now.Sub(a.at).Seconds(); passed > 0 {
		a.left = min(a.left+passed*r.perSecond, r.perSecond)
	}
	a.at = now
	return a
}

// wait returns how long a sender is in debt.
func (r *rates) wait(sender string) time.Duration {
	if r.perSecond <= 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.of(sender)
	if a.left > 0 {
		return 0
	}
	return time.Duration((-a.left/r.perSecond)*float64(time.Second)) + time.Millisecond
}

// charge counts what a sender sent.
func (r *rates) charge(sender string, n int) {
	if r.perSecond <= 0 || n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of(sender).left -= float64(n)
}
