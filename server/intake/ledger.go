package intake

import (
	"cmp"
	"slices"
	"sync"
	"unicode/utf8"
)

// Source says who sent a batch.
type Source struct {
	// Name is its line in the ledger and its label on /metrics: the protocol and, for
	// few and trusted senders, the sender ("collector", "pipe", "tail app.log"). It
	// should not be taken from a record, because strangers would fill the ledger.
	Name string
}

// The reasons for which records are refused.
const (
	ReasonStorage   = "storage"   // the store refused the batch
	ReasonBusy      = "busy"      // the queue was full for too long
	ReasonCancelled = "cancelled" // the sender left before there was room
	ReasonClosed    = "closed"    // the server was stopping
	ReasonKey       = "key"       // the batch's key was used for another one
)

// OtherSource counts the sources beyond Options.MaxSources, and those whose name is
// longer than MaxSourceName or no text.
const OtherSource = "other"

// MaxSourceName bounds a source's name, in bytes.
const MaxSourceName = 256

// Counts is one source's line in the ledger. At all times
// Received = Stored + Deduplicated + the sum of Refused + Pending.
type Counts struct {
	Source       string
	Received     uint64
	Stored       uint64
	Deduplicated uint64
	Refused      map[string]uint64 // by reason
	Pending      uint64
	Repaired     uint64 // of those received: the ones that carry a note of a repair
}

// ledger counts what became of every record. Each step moves records from one
// column to another under the lock, so that a snapshot always adds up.
type ledger struct {
	maxLines int

	mu     sync.Mutex
	lines  map[string]*line
	folded uint64 // batches counted under OtherSource because there were too many sources
}

type line struct{ counts Counts }

func newLedger(maxLines int) *ledger {
	return &ledger{maxLines: maxLines, lines: make(map[string]*line)}
}

// lineOf finds or opens a source's line. The lock is held.
func (l *ledger) lineOf(source Source) *line {
	name := source.Name
	switch {
	case name == "":
		name = "unknown"
	case len(name) > MaxSourceName || !utf8.ValidString(name):
		name = OtherSource
	}
	if found, ok := l.lines[name]; ok {
		return found
	}
	if len(l.lines) >= l.maxLines && name != OtherSource {
		l.folded++
		return l.lineOf(Source{Name: OtherSource})
	}
	opened := &line{Counts{Source: name, Refused: make(map[string]uint64)}}
	l.lines[name] = opened
	return opened
}

func (l *ledger) receive(source Source, n uint64) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.lineOf(source)
	found.counts.Received += n
	found.counts.Pending += n
	return found
}

func (l *ledger) duplicate(source Source, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.lineOf(source)
	found.counts.Received += n
	found.counts.Deduplicated += n
}

// deduplicate settles records that turned out to be stored already.
func (l *ledger) deduplicate(to *line, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.counts.Pending -= n
	to.counts.Deduplicated += n
}

func (l *ledger) store(to *line, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.counts.Pending -= n
	to.counts.Stored += n
}

func (l *ledger) refuse(to *line, reason string, n uint64) {
	if n == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	to.counts.Pending -= n
	to.counts.Refused[reason] += n
}

func (l *ledger) repaired(to *line, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.counts.Repaired += n
}

// Ledger returns what became of every record so far, by source name. All lines are
// of one moment.
func (in *Intake) Ledger() []Counts {
	l := in.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Counts, 0, len(l.lines))
	for _, found := range l.lines {
		c := found.counts
		c.Refused = make(map[string]uint64, len(found.counts.Refused))
		for reason, n := range found.counts.Refused {
			c.Refused[reason] = n
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Counts) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

// foldedSources counts the batches that had to be counted under OtherSource.
func (in *Intake) foldedSources() uint64 {
	in.ledger.mu.Lock()
	defer in.ledger.mu.Unlock()
	return in.ledger.folded
}
