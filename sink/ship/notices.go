package ship

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// noticeInterval is how often at most people are told of the same kind of trouble.
const noticeInterval = 10 * time.Second

// notices tell people about the shipping itself, in single lines. Nothing of a record
// is in them.
type notices struct {
	where string // the server's address

	mu      sync.Mutex
	w       io.Writer // nil: os.Stderr
	told    time.Time // when tellNowAndThen last did
	lost    map[string]int
	lostAt  time.Time // when dropped last told
	awayFor bool      // people know that the server is away
	awayAt  time.Time // when they were told
}

// startWith is where notices go unless the options said so.
func (n *notices) startWith(w io.Writer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.w == nil {
		n.w = w
	}
}

func (n *notices) tell(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.write(format, args...)
}

// write needs the lock. Nobody can be told when it fails.
func (n *notices) write(format string, args ...any) {
	w := n.w
	if w == nil {
		w = os.Stderr
	}
	fmt.Fprintf(w, "weir: ship to %s: %s\n", n.where, fmt.Sprintf(format, args...))
}

func (n *notices) tellNowAndThen(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); n.told.IsZero() || now.Sub(n.told) >= noticeInterval {
		n.told = now
		n.write(format, args...)
	}
}

// dropped adds lost records to the next notice of them.
func (n *notices) dropped(reason string, records int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.lost == nil {
		n.lost = make(map[string]int)
	}
	n.lost[reason] += records
	if now := time.Now(); n.lostAt.IsZero() || now.Sub(n.lostAt) >= noticeInterval {
		n.lostAt = now
		n.writeLost()
	}
}

// writeLost needs the lock.
func (n *notices) writeLost() {
	for _, one := range []struct{ reason, text string }{
		{DroppedQueueFull, "were dropped, because the server does not take them as fast and memory is full (a spool would keep them)"},
		{DroppedSpoolFull, "were dropped, because the spool is full: give it more room"},
		{DroppedSpoolDamaged, "could not be read from the spool: the file was moved aside"},
		{DroppedTooLarge, "were dropped, because they are larger than the whole queue"},
		{DroppedRetries, "were dropped after the last try"},
		{DroppedClosed, "were not delivered before the end"},
		{reasonRefused, "were refused by the server for good"},
	} {
		if count := n.lost[one.reason]; count > 0 {
			n.write("%d records %s", count, one.text)
		}
	}
	clear(n.lost)
}

// reasonRefused counts refused records among the lost ones of notices.
const reasonRefused = "refused"

// away tells once that the server is away, and not each time that one comes and goes.
func (n *notices) away(why string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); !n.awayFor && (n.awayAt.IsZero() || now.Sub(n.awayAt) >= noticeInterval) {
		n.awayFor, n.awayAt = true, now
		n.write("records wait: %s", why)
	}
}

// back tells that it is not any more.
func (n *notices) back() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.awayFor {
		n.awayFor = false
		n.write("the server takes records again")
	}
}

// end tells what was not told yet.
func (n *notices) end() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.writeLost()
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
