package weirhttp_test

import (
	"context"
	"fmt"
	"io"

	"github.com/weirlog/weir/record"
)

// lines is a sink for examples: it writes what is the same in every run.
type lines struct{ w io.Writer }

func (s lines) WriteBatch(_ context.Context, batch []record.Record) error {
	for _, r := range batch {
		fmt.Fprintf(s.w, "%s %s trace=%s path=%s\n", r.LevelText(), r.Message, r.TraceID, text(r, "path"))
	}
	return nil
}

func (s lines) Close() error { return nil }
