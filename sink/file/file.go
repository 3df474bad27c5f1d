// Package file writes records to a file, and rotates it.
//
// [New] makes the sink. The file is opened at the first record; [Options] say how
// records become text, how large and how old a file may get, and how many are kept:
// app.log, app.log.0001 (the newest of the old ones), app.log.0002 … Each record is in
// one file, whole. A file that is renamed, deleted or truncated by others is noticed; a
// full disk and a path that cannot be written cost records, which are counted, and
// nothing else: writing goes on by itself.
//
// Sinks of one program that name the same file share it. Several programs may append to
// one file; only one of them may rotate it.
package file

import (
	"context"
	"errors"
	"maps"
	"sync"
	"syscall"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// writeSize is how much text is collected for one write: a batch, unless its records
// are large. At 256 KiB a system call costs nothing beside the encoding.
const writeSize = 256 << 10

// Sink writes records to a file. Its methods may be called concurrently.
type Sink struct {
	path   string // as it was given
	target *target
	format format.Formatter // nil: JSON lines
	sync   Sync
	hangup *hangup // nil: not listened to

	mu     sync.Mutex // guards what follows
	buf    []byte
	ends   []int
	closed bool
}

var (
	_ weir.LineSink  = (*Sink)(nil)
	_ weir.Starter   = (*Sink)(nil)
	_ weir.SelfNamed = (*Sink)(nil)
)

// New makes a sink that writes to the file at path. A leading ~ is the home directory,
// $NAME and ${NAME} are variables, $$ is a dollar sign. A path that is a symbolic link
// stands for the file it leads to, and backups lie beside that. Devices and pipes are
// written to, and never rotated.
//
// New opens nothing. It refuses, with a [*weir.Error], a path that names a
// directory or an unset variable, options that make no sense, and a file that another
// sink of the program writes with other options. The sink must be closed.
func New(path string, o Options) (*Sink, error) {
	if err := o.complete(); err != nil {
		return nil, refusal("Bad options for the file at path", path, err)
	}
	resolved, err := place(path)
	if err != nil {
		return nil, refusal("Failed to open the file at path", path, err)
	}
	if isDirectory(resolved) {
		return nil, refusal("Failed to open the file at path", path, syscall.EISDIR)
	}
	t, err := files.acquire(resolved, &o)
	if err != nil {
		return nil, refusal("Failed to open the file at path", path, err)
	}
	s := &Sink{path: path, target: t, format: o.Format, sync: o.Sync}
	if o.ReopenOnHangup {
		s.hangup = listenHangup(func() {
			// An error is counted, kept in Stats, and met again by the next batch.
			_ = s.Reopen()
		})
	}
	return s, nil
}

// Start implements weir.Starter: what costs no records is told through the logger from now
// on, unless Options.OnError was given.
func (s *Sink) Start(l *weir.Logger) error {
	s.target.hear(l.Report)
	return nil
}

// SinkName implements weir.SelfNamed: "file" and the path as it was given.
func (s *Sink) SinkName() string { return "file " + s.path }

// WriteBatch implements weir.Sink. Its error is a [*weir.Error] that tells in Context
// how many records_lost there are; the others are in the file.
func (s *Sink) WriteBatch(_ context.Context, batch []record.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum outcome
	for len(batch) > 0 {
		var c chunk
		c, batch = s.encode(batch)
		sum.add(s.write(&c))
	}
	return s.finish(&sum)
}

// write is called with mu held.
func (s *Sink) write(c *chunk) (lost int, err error) {
	if s.closed { // the file may be open for another sink
		s.target.counters.lose(c.records, len(c.text))
		return c.records, failure("Failed to write to the file at path", s.target.given, errClosed)
	}
	return s.target.write(s.target.clock(), c)
}

// encode makes the text of the next records.
func (s *Sink) encode(batch []record.Record) (c chunk, rest []record.Record) {
	b, ends, n := s.buf[:0], s.ends[:0], 0
	for n < len(batch) && len(b) < writeSize {
		if s.format == nil {
			b = append(record.AppendJSON(b, &batch[n]), '\n')
		} else {
			b = s.format.Append(b, &batch[n])
			ends = append(ends, len(b))
		}
		n++
	}
	c = chunk{text: b, records: n}
	if s.format != nil {
		c.ends = ends
	}
	s.buf, s.ends = b, ends
	return c, batch[n:]
}

// WriteLines implements weir.LineSink. It is for a sink without Format only; see
// AcceptsLines.
func (s *Sink) WriteLines(_ context.Context, lines []byte, records int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum outcome
	if s.format != nil {
		s.target.counters.lose(records, len(lines))
		sum.add(records, refusal("JSON lines do not go with the format of the file at path", s.target.given, errors.New("ask AcceptsLines first")))
		return s.finish(&sum)
	}
	sum.add(s.write(&chunk{text: lines, records: records}))
	return s.finish(&sum)
}

// AcceptsLines says whether WriteLines may be called: the file has JSON lines.
func (s *Sink) AcceptsLines() bool { return s.format == nil }

// outcome is what became of a batch.
type outcome struct {
	lost int
	err  error // the first
}

func (o *outcome) add(lost int, err error) {
	o.lost += lost
	if o.err == nil {
		o.err = err
	}
}

// finish ends a batch.
func (s *Sink) finish(o *outcome) error {
	if cap(s.buf) > 2*writeSize {
		s.buf = nil
	}
	if s.sync == SyncBatch {
		o.add(0, s.target.force())
	}
	if o.err == nil {
		return nil
	}
	return o.told()
}

// told returns the error with how much it costs, for one batch: the error itself may be
// that of others too.
func (o *outcome) told() error {
	var e *weir.Error
	if !errors.As(o.err, &e) {
		return o.err
	}
	told := *e
	told.Context = maps.Clone(e.Context)
	told.Context["records_lost"] = o.lost
	return &told
}

// Reopen closes the file and opens what is at its path, or makes it, as after a rotation
// by another program. A file that is not open yet is left so.
func (s *Sink) Reopen() error { return s.target.reopenNow() }

// Rotate makes the file a backup and begins a new one, unless it is empty. It may be
// called whatever MaxSize and Interval are.
func (s *Sink) Rotate() error { return s.target.rotateNow() }

// Stats returns the file's counters. It does not wait for a write.
func (s *Sink) Stats() Stats { return s.target.counters.stats() }

// Path returns the path of the file, absolute and without links. With NewName it is
// known once the file is open.
func (s *Sink) Path() string { return *s.target.counters.path.Load() }

// Close implements weir.Sink. It waits up to two seconds for compressions, and leaves
// the rest to the next start. Further calls do nothing; records that come later are lost
// and counted.
func (s *Sink) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	if s.hangup != nil {
		s.hangup.stop()
	}
	if !files.release(s.target) {
		return nil
	}
	return s.target.close()
}
