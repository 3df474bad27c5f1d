package ship

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/weirlog/weir"
)

const (
	// noticeInterval is how often at most people are told of the same kind of trouble.
	noticeInterval = 10 * time.Second
	// maxHeld bounds the notices that wait for the logger; there are one or two. What
	// they tell is in Stats as well.
	maxHeld = 16
)

// service is the sink's name in errors.
const service = "ShipSink"

// notices tell people about the shipping itself. Nothing of a record is in them. Trouble
// is a *weir.Error; what is good to know is a line.
type notices struct {
	where string    // the server's address
	w     io.Writer // Options.ErrorOutput; nil: the logger's way

	mu      sync.Mutex
	log     *weir.Logger         // nil: none is known
	open    bool                 // the sink is used: nobody is waited for any more
	held    []any                // *weir.Error or string, until it is open
	told    map[string]time.Time // when a kind of trouble was
	lost    losses               // not told yet
	lostAt  time.Time            // when dropped last told
	awayFor bool                 // people know that the server is away
	awayAt  time.Time            // when they were told
	missed  uint64               // lost since then
}

// startWith is how people are told from now on, unless the options said so.
func (n *notices) startWith(l *weir.Logger) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.log = l
	n.release()
}

// begin is called when the sink is used, whether it has a logger or not.
func (n *notices) begin() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.open {
		n.release()
	}
}

// release needs the lock.
func (n *notices) release() {
	n.open = true
	held := n.held
	n.held = nil
	for _, what := range held {
		n.give(what)
	}
}

// give needs the lock. Nobody can be told when it fails.
func (n *notices) give(what any) {
	if !n.open {
		if len(n.held) < maxHeld {
			n.held = append(n.held, what)
		}
		return
	}
	err, trouble := what.(*weir.Error)
	w := n.w
	switch {
	case w != nil:
	case n.log == nil:
		w = os.Stderr
	case trouble:
		n.log.Report(err)
		return
	default:
		w = n.log.ErrorOutput()
	}
	_, _ = fmt.Fprintf(w, "weir: %v\n", what)
}

// trouble makes an error that goes by, of the network or a disk. The caller changes
// what is otherwise.
func (n *notices) trouble(text string, cause error) *weir.Error {
	return &weir.Error{
		Layer: weir.LayerSink, Service: service, Category: weir.CategoryIO, Severity: weir.SeverityWarning,
		Recoverable: true,
		Message:     "ship to " + n.where + ": " + text,
		Context:     map[string]any{"server": n.where},
		Err:         cause,
	}
}

// say tells something that is no trouble.
func (n *notices) say(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.give("ship to " + n.where + ": " + fmt.Sprintf(format, args...))
}

// unsafe tells of a setting that others could make use of.
func (n *notices) unsafe(text, hint string) {
	e := n.trouble(text, nil)
	e.Category, e.Recoverable, e.UserMessage = weir.CategoryConfiguration, false, hint
	n.mu.Lock()
	defer n.mu.Unlock()
	n.give(e)
}

// nowAndThen tells of trouble that may come with each batch. The text is its kind.
func (n *notices) nowAndThen(text string, cause error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now, told := time.Now(), n.told[text]; told.IsZero() || now.Sub(told) >= noticeInterval {
		if n.told == nil {
			n.told = make(map[string]time.Time)
		}
		n.told[text] = now
		n.give(n.trouble(text, cause))
	}
}

// dropped adds lost records to the next notice of them.
func (n *notices) dropped(reason string, records int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lost.add(reason, uint64(records))
	n.missed += uint64(records)
	if now := time.Now(); reason != DroppedClosed && (n.lostAt.IsZero() || now.Sub(n.lostAt) >= noticeInterval) {
		n.lostAt = now
		n.give(n.lostError(n.lost, 0))
		n.lost = losses{spool: n.lost.spool}
	}
}

// away tells once that the server is away, and not each time that one comes and goes.
func (n *notices) away(why error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); !n.awayFor && (n.awayAt.IsZero() || now.Sub(n.awayAt) >= noticeInterval) {
		n.awayFor, n.awayAt, n.missed = true, now, 0
		n.give(n.trouble("records wait", why))
	}
}

// back tells that it is not any more.
func (n *notices) back() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.awayFor {
		return
	}
	n.awayFor = false
	text := "works again: the server takes records"
	if n.missed > 0 {
		text += fmt.Sprintf("; %s lost meanwhile", count(n.missed))
	}
	e := n.trouble(text, nil)
	e.Context["works_again"], e.Context["records"] = true, n.missed
	n.give(e)
}

// end tells of everything that was lost, once the last of it is known.
func (n *notices) end(e *weir.Error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.give(e)
}
