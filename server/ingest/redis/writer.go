package redis

import (
	"context"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// partRecords is how many records are stored at once: a message may be an array of
// very many tiny ones, which are not all made at once.
const partRecords = intake.DefaultCommitRecords

// writer stores the records of messages. It has one user at a time.
type writer struct {
	gate   Gate
	parser *parser

	source intake.Source
	batch  []record.Record
	ends   []int // in batch, of the messages that end in it
	kept   int   // messages all of whose records are stored
}

// store stores messages of a source and returns how many of them, from the front, are
// stored with all their records. It waits while the store is away; its error is ctx's,
// or that the server is stopping.
func (w *writer) store(ctx context.Context, source intake.Source, messages []message) (kept int, err error) {
	w.source, w.kept = source, 0
	w.batch, w.ends = nil, w.ends[:0]
	for i := range messages {
		for r := range w.parser.records(&messages[i]) {
			if len(w.batch) == partRecords {
				if err := w.flush(ctx); err != nil {
					return w.kept, err
				}
			}
			w.batch = append(w.batch, r)
		}
		w.ends = append(w.ends, len(w.batch))
	}
	return w.kept, w.flush(ctx)
}

func (w *writer) flush(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	done, err := w.gate.Keep(ctx, w.source, w.batch)
	for len(w.ends) > 0 && w.ends[0] <= done {
		w.kept++
		w.ends = w.ends[1:]
	}
	w.batch = nil
	return err
}
