package intake

import (
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// Source says who sent something.
type Source struct {
	// Protocol is how it came: the label on /metrics. It is one of the server's own
	// words ("collector", "otlp"), never taken from what was sent.
	Protocol string
	// Sender is who sent it, as far as the server knows: the address of a client
	// without its port, the path of a file, the name of a channel.
	Sender string
	// Agent is the program that sent it, as it calls itself. It does not tell sources
	// apart: the last one is shown.
	Agent string
}

// The reasons for which records are refused.
const (
	ReasonStorage   = "storage"   // the store refused the batch
	ReasonBusy      = "busy"      // the queue was full for too long
	ReasonCancelled = "cancelled" // the sender left before there was room
	ReasonClosed    = "closed"    // the server was stopping
	ReasonKey       = "key"       // the batch's key was used for another one
	ReasonUnfit     = "unfit"     // the store took everything but this record, as it was
	ReasonBad       = "bad"       // the record could not be read, and its protocol can say so of one
	ReasonOverflow  = "overflow"  // the receiver was full, and its sender cannot wait
	ReasonRate      = "rate"      // the sender was over its rate, and cannot wait
)

// Other is the sender under which those beyond Options.MaxSources are counted, and
// those whose name is longer than MaxSourceName or no text.
const Other = "other"

// Bounds of what is kept of one source.
const (
	MaxSourceName = 256 // bytes of a sender's name; longer ones are counted under Other
	maxNotes      = 32  // different repairs, troubles, services; the rest is counted under Other
	maxNoteText   = 300 // bytes of a text: enough for a reason with what it quotes
	maxSequences  = 100 // emitters whose sequence is followed, for each source
)

// ledger counts what became of every record. Each step moves records from one
// column to another under the lock, so that a snapshot always adds up.
type ledger struct {
	maxLines int
	clock    func() time.Time

	mu     sync.Mutex
	lines  map[lineKey]*line
	folded uint64 // times a sender was counted under Other because there were too many
}

type lineKey struct{ protocol, sender string }

// line is one source's part of the ledger; the ledger's lock guards it.
type line struct {
	Counts

	lastResource *record.Resource

	// held is the line on which records of a Held count, whose own line is but a name
	// for it: what of them is refused stays pending there.
	held  *line
	noted bool // repairs of a Held were counted, when it was offered first
}

func newLedger(maxLines int, clock func() time.Time) *ledger {
	return &ledger{maxLines: maxLines, clock: clock, lines: make(map[lineKey]*line)}
}

// lineOf finds or opens a source's line, and notes that it was heard of. The lock is
// held.
func (l *ledger) lineOf(source Source) *line {
	key := lineKey{source.Protocol, source.Sender}
	if key.protocol == "" {
		key.protocol = "unknown"
	}
	if len(key.sender) > MaxSourceName || !utf8.ValidString(key.sender) {
		key.sender = Other
	}
	found, ok := l.lines[key]
	if !ok && len(l.lines) >= l.maxLines && !l.foldOldest() {
		key.sender = Other
		l.folded++
		found, ok = l.lines[key]
	}
	now := l.clock()
	if !ok {
		found = &line{Counts: Counts{Protocol: key.protocol, Sender: key.sender, FirstSeen: now, Refused: make(map[string]uint64)}}
		l.lines[key] = found
	}
	found.LastSeen = now
	if source.Agent != "" && source.Agent != found.Agent {
		found.Agent = clip(source.Agent)
	}
	return found
}

// foldOldest makes room for a new line: the one that was not heard of for the
// longest time, and has nothing on its way, is added to its protocol's Other. It
// reports whether there is room now. The lock is held.
func (l *ledger) foldOldest() bool {
	var oldest *line
	for _, c := range l.lines {
		if c.Pending == 0 && c.Sender != Other && c.State == "" && (oldest == nil || c.LastSeen.Before(oldest.LastSeen)) {
			oldest = c
		}
	}
	if oldest == nil {
		return false
	}
	delete(l.lines, lineKey{oldest.Protocol, oldest.Sender})
	key := lineKey{oldest.Protocol, Other}
	into, ok := l.lines[key]
	if !ok {
		into = &line{Counts: Counts{Protocol: oldest.Protocol, Sender: Other, FirstSeen: oldest.FirstSeen, Refused: make(map[string]uint64)}}
		l.lines[key] = into
	}
	into.add(&oldest.Counts)
	l.folded++
	return len(l.lines) < l.maxLines
}

func (l *ledger) receive(source Source, batch []record.Record, bytes int64) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.lineOf(source)
	n := uint64(len(batch))
	found.Received += n
	found.Pending += n
	found.Bytes += uint64(bytes)
	for i := range batch {
		if res := batch[i].Resource; res != found.lastResource && res != nil {
			found.lastResource = res
			found.serve(res.Service)
		}
	}
	return found
}

func (l *ledger) duplicate(source Source, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.lineOf(source)
	found.Received += n
	found.Deduplicated += n
}

// lose counts records that came and could not be offered to the queue.
func (l *ledger) lose(source Source, reason string, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.lineOf(source)
	found.Received += n
	found.Refused[reason] += n
}

// deduplicate settles records that turned out to be stored already.
func (l *ledger) deduplicate(to *line, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.Pending -= n
	to.Deduplicated += n
}

func (l *ledger) store(to *line, n uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to.held != nil {
		to = to.held
	}
	to.Pending -= n
	to.Stored += n
}

func (l *ledger) refuse(to *line, reason string, n uint64) {
	if n == 0 || to.held != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	to.Pending -= n
	to.Refused[reason] += n
}

// repaired counts records that carry a note, and what the notes say.
func (l *ledger) repaired(to *line, n uint64, why map[string]uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to.held != nil {
		if to.noted {
			return
		}
		to.noted = true
		to = to.held
	}
	if n == 0 {
		return
	}
	to.Repaired += n
	for text, times := range why {
		to.Repairs = note(to.Repairs, text, "", times, to.LastSeen)
	}
}

func (l *ledger) trouble(source Source, reason, message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := l.lineOf(source)
	found.Troubles = note(found.Troubles, reason, message, 1, found.LastSeen)
}

func (l *ledger) state(source Source, state string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lineOf(source).State = clip(state)
}

// sequence notes that a source's records come with this emitter's own numbers.
func (l *ledger) sequence(to *line, emitter string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(to.Sequences, emitter) {
		if len(to.Sequences) >= maxSequences {
			to.Sequences = slices.Delete(to.Sequences, 0, 1)
		}
		to.Sequences = append(to.Sequences, emitter)
	}
}
