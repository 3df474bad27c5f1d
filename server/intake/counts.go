package intake

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Counts is what the ledger has of one source. At all times
// Received = Stored + Deduplicated + the sum of Refused + Pending.
type Counts struct {
	Protocol string
	Sender   string
	Agent    string   // the last one
	Services []string // that its records name, sorted; at most 32
	State    string   // of a connection that the server makes itself: "connected"; "" elsewhere

	FirstSeen, LastSeen time.Time

	Received     uint64
	Bytes        uint64 // estimated size in memory of the records received
	Stored       uint64
	Deduplicated uint64
	Refused      map[string]uint64 // records, by reason
	Pending      uint64
	Repaired     uint64 // of those received: the ones that carry a note of a repair

	Repairs   []Note   // what was repaired: "created_at: not a time"
	Troubles  []Note   // what came and was no record: refused requests, lost connections
	Sequences []string // emitters that number their records; see Intake.Sequence
}

// Note is something that happened to a source, and how often.
type Note struct {
	What    string
	Count   uint64
	Last    time.Time
	Message string // of the last time; may be empty
}

// note counts what happened. Beyond maxNotes different ones it is counted as Other.
func note(notes []Note, what, message string, times uint64, now time.Time) []Note {
	what = clip(what)
	at := slices.IndexFunc(notes, func(n Note) bool { return n.What == what })
	if at < 0 && len(notes) >= maxNotes-1 && what != Other {
		return note(notes, Other, message, times, now)
	}
	if at < 0 {
		notes = append(notes, Note{What: what})
		at = len(notes) - 1
	}
	n := &notes[at]
	n.Count += times
	if now.Before(n.Last) { // of two that are merged the later one counts
		return notes
	}
	n.Last = now
	if message != "" {
		n.Message = clip(message)
	}
	return notes
}

// serve notes a service that a record names.
func (c *Counts) serve(name string) {
	if name == "" {
		return
	}
	name = clip(name)
	at, found := slices.BinarySearch(c.Services, name)
	if !found && len(c.Services) < maxNotes {
		c.Services = slices.Insert(c.Services, at, strings.Clone(name))
	}
}

// add merges another source's counts, of which nothing is pending.
func (c *Counts) add(o *Counts) {
	c.Received += o.Received
	c.Bytes += o.Bytes
	c.Stored += o.Stored
	c.Deduplicated += o.Deduplicated
	c.Repaired += o.Repaired
	for reason, n := range o.Refused {
		c.Refused[reason] += n
	}
	for _, name := range o.Services {
		c.serve(name)
	}
	for _, n := range o.Repairs {
		c.Repairs = note(c.Repairs, n.What, n.Message, n.Count, n.Last)
	}
	for _, n := range o.Troubles {
		c.Troubles = note(c.Troubles, n.What, n.Message, n.Count, n.Last)
	}
	if c.LastSeen.Before(o.LastSeen) {
		c.LastSeen = o.LastSeen
	}
	if o.FirstSeen.Before(c.FirstSeen) {
		c.FirstSeen = o.FirstSeen
	}
}

// clip bounds a text, and makes it one.
func clip(text string) string {
	if len(text) > maxNoteText {
		cut := maxNoteText
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// Ledger returns what became of every record so far, by protocol and sender. All
// lines are of one moment.
func (in *Intake) Ledger() []Counts {
	l := in.ledger
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Counts, 0, len(l.lines))
	for _, found := range l.lines {
		c := found.Counts
		c.Refused = make(map[string]uint64, len(found.Refused))
		for reason, n := range found.Refused {
			c.Refused[reason] = n
		}
		c.Services, c.Sequences = slices.Clone(c.Services), slices.Clone(c.Sequences)
		c.Repairs, c.Troubles = slices.Clone(c.Repairs), slices.Clone(c.Troubles)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Counts) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Sender, b.Sender))
	})
	return out
}

// foldedSources counts how often a sender was counted under Other.
func (in *Intake) foldedSources() uint64 {
	in.ledger.mu.Lock()
	defer in.ledger.mu.Unlock()
	return in.ledger.folded
}
