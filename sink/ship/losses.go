package ship

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weirlog/weir"
)

// reasonRefused counts the refused records that were not kept aside among the lost
// ones.
const reasonRefused = "refused"

// losses are numbers of lost records by reason.
type losses struct {
	by    map[string]uint64
	spool bool // there is one
}

func (l *losses) add(reason string, records uint64) {
	if records == 0 {
		return
	}
	if l.by == nil {
		l.by = make(map[string]uint64)
	}
	l.by[reason] += records
}

func (l *losses) total() uint64 {
	var n uint64
	for _, records := range l.by {
		n += records
	}
	return n
}

// lossReasons are how people are told, and what they can do: with a spool, and without
// one where that is another thing.
var lossReasons = [...]struct{ reason, text, hint, without string }{
	{DroppedQueueFull, "that memory had no room for", "the spool could not be written: is its disk full?", spoolHint},
	{DroppedSpoolFull, "that the spool had no room for", "give Options.SpoolBytes more", ""},
	{DroppedSpoolDamaged, "in damaged files of the spool", "what is left of them is in its folder " + asideDir, ""},
	{DroppedTooLarge, "larger than the whole queue", "give Options.QueueBytes more", ""},
	{DroppedRetries, "not delivered at the last try", "Options.Retries of 0 tries until it works", ""},
	{DroppedClosed, "not delivered before the end", "the spool could not be written: is its disk full?", spoolHint},
	{reasonRefused, "refused by the server for good", "the file of refused records is full or cannot be written", "with Options.Spool they are kept aside to be looked at"},
}

const spoolHint = "Options.Spool keeps records on disk until the server takes them"

// lostError is one error for all losses; of is how many records there were, 0 for an
// error about those of a moment.
func (n *notices) lostError(l losses, of uint64) *weir.Error {
	var parts, hints []string
	reasons := make(map[string]uint64)
	for _, r := range lossReasons {
		records := l.by[r.reason]
		if records == 0 {
			continue
		}
		reasons[r.reason] = records
		parts = append(parts, fmt.Sprintf("%d %s", records, r.text))
		hint := r.hint
		if !l.spool && r.without != "" {
			hint = r.without
		}
		if !slices.Contains(hints, hint) {
			hints = append(hints, hint)
		}
	}
	total := l.total()
	text := count(total) + " lost: "
	if of > 0 {
		text = fmt.Sprintf("%d of %s lost: ", total, count(of))
	}
	e := n.trouble(text+strings.Join(parts, ", "), nil)
	e.Severity, e.Recoverable = weir.SeverityError, false
	e.UserMessage = strings.Join(hints, "; ")
	e.Context["records"], e.Context["reasons"] = total, reasons
	return e
}

// count is a number of records with its verb.
func count(n uint64) string {
	if n == 1 {
		return "1 record is"
	}
	return fmt.Sprintf("%d records are", n)
}
