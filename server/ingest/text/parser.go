package text

import (
	"bytes"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// Parser reads the lines of one stream, in order. It has one user at a time.
type Parser struct {
	opts     Options
	defaults *sender.Defaults
	json     record.ParseOptions
	seq      uint64
	started  bool // the first line has come
	guess    guess
	judged   bool // the guess has been told of the line, which is JSON and not to be read so

	// headTime is that of the last line that had one: indented and empty lines, and
	// later pieces, which have none, take it.
	headTime time.Time

	threads map[string]bool // names that were threads by the layout of their line

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
		json:     record.ParseOptions{Aliases: true, Resources: &record.Interner{}, MaxValues: sender.MaxValues},
	}
}

// Parse makes a record of one line, without its line ending. It does not keep line.
// Colour codes are passed over where the time and the level are read, and stay in
// the message. A byte order mark before the first line is dropped. A time without a
// year gets the latest one that does not lie in the future; a level that says more
// than its severity is kept as level_text. A line that is indented or empty and
// follows one with a time takes that time.
func (p *Parser) Parse(line []byte) record.Record {
	line = p.begin(line)
	r, ok := p.readJSON(line)
	if !ok {
		text := string(line)
		var f form
		r, f = p.readLine(text)
		p.settle(&r, f, text)
	}
	p.complete(&r)
	return r
}

// begin drops the byte order mark of the stream's first line.
func (p *Parser) begin(line []byte) []byte {
	p.judged = false
	if !p.started {
		p.started = true
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	return line
}

// readJSON reads a line that is one JSON object, if the stream's format admits it.
func (p *Parser) readJSON(line []byte) (record.Record, bool) {
	r, ok := p.parseJSON(line)
	if !ok {
		return record.Record{}, false
	}
	if !p.guess.takesObject(&r) {
		p.judged = true
		return record.Record{}, false
	}
	p.keepTime(&r)
	return r, true
}

// readLine reads a line that is no JSON by the form that it shows.
func (p *Parser) readLine(text string) (record.Record, form) {
	if r, ok := p.parseLogfmt(text); ok {
		return r, formLogfmt
	}
	return p.parseText(text)
}

// settle decides whether a line that starts a record is what it looks like, and
// remembers its time.
func (p *Parser) settle(r *record.Record, f form, text string) form {
	if !p.judged && !p.guess.judge(f) && f == formLogfmt {
		*r, f = p.parseText(text)
	}
	p.keepTime(r)
	return f
}

func (p *Parser) keepTime(r *record.Record) {
	if !r.Time.IsZero() {
		p.headTime = r.Time
	}
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
	return !isLog(r) && len(r.Attrs) == 0 && r.Logger == "" &&
		r.TraceID == "" && r.SpanID == "" && r.SourceID == "" && r.Seq == 0 && r.Kind == record.KindLog && r.Resource == nil
}

// isLog reports whether an object says what log records say.
func isLog(r *record.Record) bool {
	return r.Message != "" || !r.Time.IsZero() || r.LevelText() != ""
}
