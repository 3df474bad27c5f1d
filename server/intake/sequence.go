package intake

import (
	"context"
	"fmt"
)

// Sequence says what is stored of an emitter's own numbering.
type Sequence struct {
	First, Last uint64 // the lowest and the highest number; 0 when nothing is stored
	Missing     uint64 // numbers from 1 to Last that are not stored
}

// Sequence asks the store what it has of an emitter that numbers its records: one of
// Counts.Sequences.
func (in *Intake) Sequence(ctx context.Context, emitter string) (Sequence, error) {
	have, err := in.writer.StoredRanges(ctx, emitter)
	if err != nil {
		return Sequence{}, fmt.Errorf("look up the sequence of %q: %w", emitter, err)
	}
	var s Sequence
	next := uint64(1) // the lowest number that is not accounted for
	for i, r := range have {
		if i == 0 {
			s.First = r.First
		}
		s.Missing += r.First - next
		s.Last, next = r.Last, r.Last+1
	}
	return s, nil
}
