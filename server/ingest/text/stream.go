package text

import (
	"fmt"
	"time"

	"github.com/weirlog/weir/record"
)

// Stream makes batches of records of the bytes of one stream. It has one user at a
// time; accept is called from Feed, Flush, Release and End, and owns the batch. After
// an error of accept the stream is of no more use.
type Stream struct {
	opts   Options
	parser *Parser
	accept func([]record.Record) error
	lines  lines

	group  group      // a record whose lines may still be coming
	object object     // or a JSON object
	place  []heldLine // or what Node prints in front of an error: a file's line, and the code there

	batch   []record.Record
	bytes   int       // of the lines in it
	since   time.Time // when the first record of the batch was made
	settled int64
	count   struct{ lines, records, joined, split uint64 } // since the counts were last told
}

// NewStream returns a stream that hands its records to accept.
func NewStream(opts Options, accept func([]record.Record) error) *Stream {
	p := NewParser(opts)
	return &Stream{opts: p.opts, parser: p, accept: accept, lines: lines{max: p.opts.MaxLine}}
}

// Options returns the options with their defaults.
func (s *Stream) Options() Options { return s.opts }

// Feed takes the next bytes, which may end anywhere. It hands over batches that are
// full or have waited for Options.MaxDelay. It does not keep data.
func (s *Stream) Feed(data []byte) error {
	s.opts.Counts.Bytes.Add(uint64(len(data)))
	defer s.tell()
	if err := s.lines.feed(data, s.add); err != nil {
		return err
	}
	if len(s.batch) > 0 && s.opts.Clock().Sub(s.since) >= s.opts.MaxDelay {
		return s.Flush()
	}
	return nil
}

// Flush hands over the records that are complete.
func (s *Stream) Flush() error {
	if len(s.batch) == 0 {
		return nil
	}
	batch := s.batch
	s.batch, s.bytes = make([]record.Record, 0, min(len(batch), s.opts.MaxBatch)), 0
	if err := s.accept(batch); err != nil {
		return fmt.Errorf("accept %d records: %w", len(batch), err)
	}
	return nil
}

// Waiting reports whether complete lines are held back because more of their record
// may follow. Release them when nothing has come for Options.JoinWait.
func (s *Stream) Waiting() bool { return s.group.open || s.object.open() || len(s.place) > 0 }

// Partial reports whether the beginning of a line waits for its end.
func (s *Stream) Partial() bool { return len(s.lines.partial) > 0 }

// Release takes the lines that wait for complete, and hands over all records.
func (s *Stream) Release() error {
	defer s.tell()
	if err := s.closeAll(); err != nil {
		return err
	}
	return s.Flush()
}

// End does the same, and takes the beginning of a line for a line. More may be fed.
func (s *Stream) End() error {
	if err := s.lines.end(s.add); err != nil {
		s.tell()
		return err
	}
	return s.Release()
}

// Settled is how many bytes of the stream the records that were handed over are made
// of, all from its start. In accept that includes the batch.
func (s *Stream) Settled() int64 { return s.settled }

// tell adds to the counts.
func (s *Stream) tell() {
	c := s.opts.Counts
	c.Lines.Add(s.count.lines)
	c.Records.Add(s.count.records)
	c.Joined.Add(s.count.joined)
	c.Split.Add(s.count.split)
	s.count.lines, s.count.records, s.count.joined, s.count.split = 0, 0, 0, 0
}

// add takes a line, or a piece of one.
func (s *Stream) add(line []byte, part int) error {
	end := s.lines.taken
	if part <= 1 {
		s.count.lines++
		line = s.parser.begin(line)
	}
	switch {
	case part > 0:
		return s.addPiece(line, part, end)
	case s.opts.NoJoin:
		return s.addAlone(line, end)
	}
	return s.join(line, end)
}

// addAlone makes a record of a line by itself.
func (s *Stream) addAlone(line []byte, end int64) error {
	if r, ok := s.parser.readJSON(line); ok {
		return s.emit(&r, len(line), end)
	}
	text := string(line)
	r, f := s.parser.readLine(text)
	s.parser.settle(&r, f, text)
	return s.emit(&r, len(line), end)
}

// addPiece makes a record of a piece of a line that is too long: of the first one as
// of a line, of a later one of its text, with the time of what it goes on from.
func (s *Stream) addPiece(piece []byte, part int, end int64) error {
	if err := s.closeAll(); err != nil {
		return err
	}
	text := string(piece)
	r := record.Record{Message: text, Time: s.parser.headTime}
	if part == 1 {
		var f form
		r, f = s.parser.readLine(text)
		s.parser.settle(&r, f, text)
	}
	markPart(&r, part, fmt.Sprintf("the line is longer than %d bytes", s.opts.MaxLine))
	s.count.split++
	return s.emit(&r, len(piece), end)
}

// emit puts a record, which ends at the offset end of the stream, into the batch.
func (s *Stream) emit(r *record.Record, size int, end int64) error {
	s.parser.complete(r)
	if len(s.batch) == 0 {
		s.since = s.opts.Clock()
	}
	s.batch = append(s.batch, *r)
	s.bytes += size
	s.settled = end
	s.count.records++
	if len(s.batch) >= s.opts.MaxBatch || s.bytes >= maxBatchBytes {
		return s.Flush()
	}
	return nil
}
