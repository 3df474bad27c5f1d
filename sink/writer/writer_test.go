package writer_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/writer"
)

// target notes what is done to it.
type target struct {
	parts                 [][]byte
	take                  int // how much of a Write is taken; 0: all
	err                   error
	flushes, syncs, close int
}

func (w *target) Write(p []byte) (int, error) {
	n := len(p)
	if w.take > 0 {
		n = min(n, w.take)
	}
	w.parts = append(w.parts, bytes.Clone(p[:n]))
	return n, w.err
}

func (w *target) Flush() error { w.flushes++; return w.err }
func (w *target) Sync() error  { w.syncs++; return w.err }
func (w *target) Close() error { w.close++; return w.err }

func (w *target) text() string { return string(bytes.Join(w.parts, nil)) }

func batch(n, size int) []record.Record {
	records := make([]record.Record, n)
	for i := range records {
		records[i] = record.Record{Severity: record.SeverityInfo, Message: strings.Repeat("x", size), Attrs: []slog.Attr{slog.Int("n", i)}}
	}
	return records
}

func text(t *testing.T, layout string) format.Formatter {
	t.Helper()
	f, err := format.Text(layout, format.TextOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestWholeRecordsInOneWrite(t *testing.T) {
	for _, c := range []struct{ records, size, writes int }{{1, 10, 1}, {500, 100, 1}, {500, 2000, 4}, {2, 300 << 10, 2}} {
		var w target
		s := writer.New(&w, text(t, "%(message)s %(n)d"))
		for range 2 { // the buffer is used again
			w.parts = nil
			if err := s.WriteBatch(context.Background(), batch(c.records, c.size)); err != nil {
				t.Fatal(err)
			}
			if len(w.parts) != c.writes || strings.Count(w.text(), "\n") != c.records {
				t.Errorf("%d records of %d bytes: %d writes, want %d", c.records, c.size, len(w.parts), c.writes)
			}
			for _, p := range w.parts {
				if !bytes.HasSuffix(p, []byte("\n")) {
					t.Error("a write ends inside a line")
				}
			}
		}
	}
}

func TestJSONUnlessTold(t *testing.T) {
	var w bytes.Buffer
	if err := writer.New(&w, nil).WriteBatch(context.Background(), batch(1, 1)); err != nil {
		t.Fatal(err)
	}
	if want := `{"level":"INFO","message":"x","metadata":{"n":0}}` + "\n"; w.String() != want {
		t.Errorf("%s", w.String())
	}
}

// TestLines: lines that calls have made go on as they are, after what was begun.
func TestLines(t *testing.T) {
	if writer.New(io.Discard, text(t, "%(message)s")).AcceptsLines() {
		t.Error("lines of JSON do not go with a layout")
	}
	w := target{take: 3}
	s := writer.New(&w, nil)
	if !s.AcceptsLines() {
		t.Fatal("refused")
	}
	if err := s.WriteLines(context.Background(), []byte("{\"a\":1}\n"), 1); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a short write: %v", err)
	}
	w.take = 0
	for range 2 {
		if err := s.WriteLines(context.Background(), []byte("{}\n{}\n"), 2); err != nil {
			t.Error(err)
		}
	}
	if want := "{\"a\n{}\n{}\n{}\n{}\n"; w.text() != want || w.flushes != 2 {
		t.Errorf("%q, %d flushes", w.text(), w.flushes)
	}
	w.err = io.ErrClosedPipe
	if err := s.WriteLines(context.Background(), []byte("{}\n"), 1); !errors.Is(err, w.err) {
		t.Errorf("a failed write: %v", err)
	}
}

func TestShortAndFailedWrites(t *testing.T) {
	full := errors.New("disk full")
	w := target{take: 3}
	s := writer.New(&w, text(t, "%(message)s"))
	if err := s.WriteBatch(context.Background(), batch(1, 5)); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a short write: %v", err)
	}
	w.err = full
	if err := s.WriteBatch(context.Background(), batch(1, 5)); !errors.Is(err, full) || !strings.HasPrefix(err.Error(), "write records: ") {
		t.Errorf("a failed write: %v", err)
	}
	w.err, w.take = nil, 0
	for range 2 {
		if err := s.WriteBatch(context.Background(), batch(1, 5)); err != nil {
			t.Error(err)
		}
	}
	// What was begun is ended by a newline, and no record is glued to another.
	if got, want := w.text(), "xxx"+"\nxx"+"\nxxxxx\n"+"xxxxx\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFlushSyncClose(t *testing.T) {
	for _, c := range []struct {
		name                 string
		opts                 []writer.Option
		flushes, syncs, shut int
	}{
		{"default", nil, 3, 0, 0},
		{"sync and close", []writer.Option{writer.WithSync(), writer.WithClose()}, 3, 3, 1},
		{"no flush", []writer.Option{writer.WithoutFlush()}, 1, 0, 0},
	} {
		var w target
		s := writer.New(&w, nil, c.opts...)
		for range 2 {
			if err := s.WriteBatch(context.Background(), batch(1, 1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if w.flushes != c.flushes || w.syncs != c.syncs || w.close != c.shut {
			t.Errorf("%s: %d flushes, %d syncs, %d closes", c.name, w.flushes, w.syncs, w.close)
		}
		w.err = errors.New("gone")
		if err := s.Close(); !errors.Is(err, w.err) {
			t.Errorf("%s: close of a writer that fails: %v", c.name, err)
		}
	}
}

// TestThroughACompressor: what a compressor holds is there after each batch.
func TestThroughACompressor(t *testing.T) {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	s := writer.New(zip, text(t, "%(message)s"), writer.WithClose())
	if err := s.WriteBatch(context.Background(), batch(1, 3)); err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil || line != "xxx\n" {
		t.Errorf("%q %v", line, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func Example() {
	f, err := format.Text("%(levelname)s %(name)s: %(message)s %(attrs)s", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	log := weir.New("shop", weir.WithSink(writer.New(os.Stdout, f)), weir.WithoutSource())
	log.Warn("stock is low", "item", "lamp", "left", 2)
	if err := log.Close(); err != nil {
		panic(err)
	}
	// Output: WARNING shop: stock is low item=lamp left=2
}

func TestName(t *testing.T) {
	if got := writer.New(&bytes.Buffer{}, nil).SinkName(); got != "writer *bytes.Buffer" {
		t.Errorf("name %q", got)
	}
	if got := writer.New(os.Stderr, nil).SinkName(); got != "writer /dev/stderr" {
		t.Errorf("name %q", got)
	}
}
