package file_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/file"
)

// run is a random life of a file: batches, lines, restarts, rotations, reopenings.
type run struct {
	t       *testing.T
	rng     *rand.Rand
	path    string
	options file.Options
	clock   *clock
	sink    *file.Sink
	written []string // a record each
}

func (r *run) start() {
	s, err := file.New(r.path, r.options)
	mustDo(r.t, err)
	r.sink = s
}

func (r *run) step() {
	switch n := r.rng.IntN(100); {
	case n < 4: // restart
		closed(r.t, r.sink)
		if _, err := os.Stat(r.path); err == nil {
			changed(r.t, r.path, r.clock.now()) // as if the system's clock were ours
		}
		r.start()
	case n < 6:
		mustDo(r.t, r.sink.Reopen())
	case n < 8:
		r.clock.add(time.Duration(r.rng.IntN(5000)) * time.Millisecond)
	case r.options.Format == nil && n < 40:
		r.lines()
	default:
		r.batch()
	}
}

func (r *run) batch() {
	batch := batchOf(make([]string, 1+r.rng.IntN(20))...)
	for i := range batch {
		batch[i].Message = r.text()
		if r.options.Format == nil {
			r.written = append(r.written, string(record.AppendJSON(nil, &batch[i]))+"\n")
		} else {
			r.written = append(r.written, batch[i].Message+"\n")
		}
	}
	mustDo(r.t, r.sink.WriteBatch(context.Background(), batch))
}

func (r *run) lines() {
	var b []byte
	n := 1 + r.rng.IntN(20)
	for range n {
		line := r.text() + "\n"
		b = append(b, line...)
		r.written = append(r.written, line)
	}
	mustDo(r.t, r.sink.WriteLines(context.Background(), b, n))
}

// text may be longer than a file, and have lines when the format is not JSON's.
func (r *run) text() string {
	length := r.rng.IntN(30)
	if r.rng.IntN(20) == 0 {
		length = r.rng.IntN(300)
	}
	text := fmt.Sprintf("%d-%s", len(r.written), strings.Repeat("x", length))
	if r.options.Format != nil && r.rng.IntN(5) == 0 {
		text += "\n    " + strings.Repeat("y", r.rng.IntN(30))
	}
	return text
}

// check compares the files with what was written.
func (r *run) check() {
	closed(r.t, r.sink)
	paths := inOrder(r.t, r.path)
	if len(paths) > 1+r.options.MaxFiles {
		r.t.Errorf("%d files, %d allowed", len(paths), 1+r.options.MaxFiles)
	}
	all := strings.Join(r.written, "")
	var got bytes.Buffer
	var ends []int
	for _, p := range paths {
		got.WriteString(content(r.t, p))
		ends = append(ends, got.Len())
	}
	if !strings.HasSuffix(all, got.String()) {
		r.t.Fatalf("the files %q are not the end of what was written", paths)
	}
	if len(paths) <= r.options.MaxFiles && got.Len() != len(all) {
		r.t.Errorf("%d bytes of %d, and no file was removed", got.Len(), len(all))
	}
	// Records, from the last one back, make up the files.
	next, start := len(r.written), 0
	for i := len(paths) - 1; i >= 0; i-- {
		if start = 0; i > 0 {
			start = ends[i-1]
		}
		size, records := int64(ends[i]-start), 0
		for n := size; n > 0; n -= int64(len(r.written[next])) {
			next--
			records++
			if n < int64(len(r.written[next])) {
				r.t.Fatalf("%s begins within a record", paths[i])
			}
		}
		if r.options.MaxSize > 0 && size > r.options.MaxSize && records > 1 {
			r.t.Errorf("%s has %d bytes in %d records, the limit is %d", paths[i], size, records, r.options.MaxSize)
		}
		if r.options.MaxSize > 0 && r.options.Interval == 0 && i+1 < len(paths) && size+int64(len(r.written[next+records])) <= r.options.MaxSize {
			r.t.Errorf("%s has room for the next record", paths[i])
		}
	}
}

// TestProperty: the files, oldest first, are the end of everything written, with no
// record cut, double or out of order; nothing is missing unless whole files were removed;
// no file is over the limit, and none is rotated too early.
func TestProperty(t *testing.T) {
	for seed := range uint64(16) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			r := &run{t: t, rng: rng, path: filepath.Join(t.TempDir(), "app.log"), clock: newClock()}
			r.options = file.Options{
				MaxSize:  int64(rng.IntN(400)),
				MaxFiles: 1 + rng.IntN(40),
				Compress: rng.IntN(2) == 0,
				Location: time.UTC,
				Clock:    r.clock.now,
				OnError:  func(err error) { t.Error(err) },
			}
			if rng.IntN(3) == 0 {
				r.options.Interval = time.Duration(1+rng.IntN(10)) * time.Second
			}
			if rng.IntN(2) == 0 {
				r.options.Format = messages{}
			}
			r.start()
			for range 60 {
				r.step()
			}
			r.check()
		})
	}
}
