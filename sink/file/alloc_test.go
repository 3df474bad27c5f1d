//go:build !race

package file_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/file"
)

// TestAllocations: a batch costs no allocation once the buffers are there, whether it is
// lines or records. Under the race detector this file is not built.
func TestAllocations(t *testing.T) {
	ctx := context.Background()
	batch := batchOf("one", "two", "three")
	var lines []byte
	for i := range batch {
		lines = append(record.AppendJSON(lines, &batch[i]), '\n')
	}
	for name, o := range map[string]file.Options{
		"plain":    {},
		"limits":   {MaxSize: 1 << 30, Interval: 24 * 60 * 60 * 1e9, MaxAge: 1 << 60},
		"messages": {Format: messages{}, MaxSize: 1 << 30},
	} {
		o.Clock = newClock().now // the check of the path, once a second, allocates
		s, err := file.New(filepath.Join(t.TempDir(), "app.log"), o)
		mustDo(t, err)
		if n := testing.AllocsPerRun(200, func() {
			if err := s.WriteBatch(ctx, batch); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a batch", name, n)
		}
		if s.AcceptsLines() {
			if n := testing.AllocsPerRun(200, func() {
				if err := s.WriteLines(ctx, lines, len(batch)); err != nil {
					t.Error(err)
				}
			}); n != 0 {
				t.Errorf("%s: %v allocations for lines", name, n)
			}
		}
		closed(t, s)
	}
}
