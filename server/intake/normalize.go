package intake

import (
	"log/slog"

	"github.com/weirlog/weir/record"
)

// normalize makes every record of an entry fit to be stored, counts those that carry
// a note of a repair, whoever made it, and sets the entry's size.
func (in *Intake) normalize(e *entry) (repaired int) {
	n := record.Normalizer{Resources: &in.resources}
	var why map[string]uint64
	e.bytes = 0
	for i := range e.records {
		r := &e.records[i]
		repairs := n.Normalize(r)
		size, cut := in.fit(r)
		if repairs = append(repairs, cut...); len(repairs) > 0 {
			record.MarkRepaired(r, repairs)
		}
		e.bytes += size
		for j := range r.Attrs {
			if r.Attrs[j].Key != record.AttrRepaired {
				continue
			}
			repaired++
			if why == nil {
				why = make(map[string]uint64)
			}
			reasons(why, r.Attrs[j].Value)
			break
		}
	}
	in.ledger.repaired(e.line, uint64(repaired), why)
	return repaired
}

// reasons counts the texts of one record's notes, as long as they are few.
func reasons(why map[string]uint64, notes slog.Value) {
	list, _ := notes.Any().([]slog.Value)
	for _, v := range list {
		if v.Kind() != slog.KindString {
			continue
		}
		text := v.String()
		if _, known := why[text]; !known && len(why) >= maxNotes {
			text = Other
		}
		why[text]++
	}
}
