// Package pipe turns lines of text into records: what a program prints, a file, a
// pipe.
//
// [Read] reads a stream and hands over batches; [Parser.Parse] reads one line.
// Lines are JSON objects of any logger, logfmt, or plain text with a time and a
// level in front in one of the usual shapes. Every line becomes exactly one
// record, the empty ones too; what cannot be read stays in the message, whole.
//
// The package does not follow files, start programs or join the lines of a stack
// trace. Each line is judged by itself, so one odd line never changes how the next
// is read.
package pipe

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// Options say what is known about a stream; zero fields take the defaults.
type Options struct {
	Resource record.Resource // fills in what a line does not say about its sender
	Logger   string          // fills in the logger
	Attrs    []slog.Attr     // put on every record, such as stream=stderr
	SourceID string          // the emitter; default a new random one

	// Zone is that of times that do not name one; default time.Local, because files
	// without zones are mostly written on the machine that reads them.
	Zone  *time.Location
	Clock func() time.Time // gives the year to times without one; default time.Now

	MaxLine  int           // longer lines are split; default DefaultMaxLine
	MaxBatch int           // records in one batch; default DefaultMaxBatch
	MaxDelay time.Duration // how long a batch waits while more keeps coming; default DefaultMaxDelay
}

// Defaults of a stream.
const (
	DefaultMaxLine  = 16 << 20              // more than any log line that is not a mistake
	DefaultMaxBatch = 1_000                 // measured: a DuckDB commit of 1,000 costs 7 µs a record, of one 2 ms
	DefaultMaxDelay = 50 * time.Millisecond // less than people notice on a live page
)

func (o Options) withDefaults() Options {
	if o.SourceID == "" {
		o.SourceID = rand.Text()
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.MaxLine <= 0 {
		o.MaxLine = DefaultMaxLine
	}
	if o.MaxBatch <= 0 {
		o.MaxBatch = DefaultMaxBatch
	}
	if o.MaxDelay <= 0 {
		o.MaxDelay = DefaultMaxDelay
	}
	return o
}

// Parser reads the lines of one stream, in order. It has one user at a time.
type Parser struct {
	opts     Options
	defaults *sender.Defaults
	json     record.ParseOptions
	seq      uint64

	// The last line that had a time: indented and empty lines belong to it.
	headSeq  uint64
	headTime time.Time

	pairs  []pair // empty: room for those of the next logfmt line
	object []byte // room for the same as JSON

	hosts    *sender.Defaults // of the last host that a syslog line named
	lastHost string
}

// NewParser returns a parser for one stream.
func NewParser(opts Options) *Parser {
	opts = opts.withDefaults()
	return &Parser{
		opts:     opts,
		defaults: sender.New(opts.Resource),
		json:     record.ParseOptions{Aliases: true, Resources: &record.Interner{}},
	}
}

// Parse reads one line, without its line ending. It does not keep line. Colour
// codes are passed over where the time and the level are read, and stay in the
// message. A byte order mark before the first line is dropped. A time without a year gets the latest one that does not lie in the
// future; a level that says more than its severity is kept as level_text.
//
// A line that is indented or empty and follows one with a time takes that time,
// and names that line's seq in the attribute "continues".
func (p *Parser) Parse(line []byte) record.Record {
	if p.seq == 0 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	r, ok := p.parseJSON(line)
	if !ok {
		text := string(line)
		if r, ok = p.parseLogfmt(text); !ok {
			r = p.parseText(text)
		}
	}
	p.complete(&r)
	return r
}

// complete sets what every record of the stream has.
func (p *Parser) complete(r *record.Record) {
	p.seq++
	if r.SourceID == "" {
		r.SourceID, r.Seq = p.opts.SourceID, p.seq
	}
	if r.Logger == "" {
		r.Logger = p.opts.Logger
	}
	if len(p.opts.Attrs) > 0 {
		r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], p.opts.Attrs...)
	}
	p.defaults.Fill(r)
	if !r.Time.IsZero() && !isContinuation(r) {
		p.headSeq, p.headTime = r.Seq, r.Time
	}
}

// parseJSON reads a line that is one JSON object.
func (p *Parser) parseJSON(line []byte) (record.Record, bool) {
	trimmed := bytes.TrimSpace(line)
	if len(trimmed) < 2 || trimmed[0] != '{' || trimmed[len(trimmed)-1] != '}' {
		return record.Record{}, false
	}
	r, repairs, err := record.ParseJSON(trimmed, p.json)
	if err != nil {
		return record.Record{}, false
	}
	if isBlank(&r) {
		return record.Record{}, false
	}
	record.MarkRepaired(&r, repairs)
	return r, true
}

// isBlank reports whether an object said nothing, like {}: its text is then the
// only thing worth keeping.
func isBlank(r *record.Record) bool {
	return r.Message == "" && len(r.Attrs) == 0 && r.Time.IsZero() && r.LevelText() == "" && r.Logger == "" &&
		r.TraceID == "" && r.SpanID == "" && r.SourceID == "" && r.Seq == 0 && r.Kind == record.KindLog && r.Resource == nil
}

const continuesKey = "continues"

func isContinuation(r *record.Record) bool {
	return len(r.Attrs) > 0 && r.Attrs[0].Key == continuesKey
}
