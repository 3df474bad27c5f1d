package redis

import (
	"bytes"
	"iter"
	"log/slog"
	"slices"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// message is one thing that came: what was published, an element of a list, an entry
// of a stream.
type message struct {
	text   string
	marks  []slog.Attr   // where it came from, for each of its records
	entry  []string      // of a stream: the names and values, instead of text
	before record.Record // of a stream: what its records have unless they say otherwise
}

// parser reads messages. It has one user at a time.
type parser struct {
	resources *record.Interner
	fill      *sender.Defaults
}

func newParser(defaults record.Resource) *parser {
	return &parser{resources: &record.Interner{}, fill: sender.New(defaults)}
}

// records returns the records of a message, at least one: those of a JSON array of
// objects, those of several lines of which each is a JSON object, or one, which is a
// JSON object, or else the text.
func (p *parser) records(m *message) iter.Seq[record.Record] {
	return func(yield func(record.Record) bool) {
		finish := func(r record.Record, repairs []record.Repair) bool {
			sender.KeepGiven(&r)
			p.fill.Fill(&r)
			if r.Time.IsZero() {
				r.Time = m.before.Time
			}
			mark(&r, m.marks)
			record.MarkRepaired(&r, repairs)
			return yield(r)
		}
		if m.entry != nil {
			finish(p.entry(m.entry))
			return
		}
		data := []byte(m.text)
		switch first := firstByte(data); {
		case first == '{':
			p.object(data, finish)
		case first == '[' && isBatch(data):
			_ = record.Elements(data, func(one []byte) bool { return finish(p.one(one)) }) // isBatch has seen it whole
		default:
			finish(record.Record{Message: m.text}, nil)
		}
	}
}

// object reads a JSON object, or one on each line. What is neither is text.
func (p *parser) object(data []byte, finish func(record.Record, []record.Repair) bool) {
	r, repairs, err := p.parse(data)
	if err == nil {
		finish(r, repairs)
		return
	}
	if !isLines(data) {
		reason := "not a JSON object, its text is kept: " + err.Error()
		finish(record.Record{Message: string(data)}, []record.Repair{{Field: "message", Reason: reason}})
		return
	}
	for line := range bytes.Lines(data) {
		if firstByte(line) != 0 && !finish(p.one(bytes.TrimRight(line, "\r\n"))) {
			return
		}
	}
}

// one reads an object that is known to be one, of a batch.
func (p *parser) one(data []byte) (record.Record, []record.Repair) {
	r, repairs, err := p.parse(data)
	if err != nil {
		return record.Record{Message: string(data)}, []record.Repair{{Field: "message", Reason: "not a JSON object, its text is kept: " + err.Error()}}
	}
	return r, repairs
}

func (p *parser) parse(data []byte) (record.Record, []record.Repair, error) {
	if isPython(data) {
		return p.parsePython(data)
	}
	return record.ParseJSON(data, record.ParseOptions{Aliases: true, Resources: p.resources, MaxValues: sender.MaxValues})
}

// isBatch reports whether data is an array of at least one object and of nothing else.
func isBatch(data []byte) bool {
	objects := 0
	only := true
	err := record.Elements(data, func(one []byte) bool {
		objects++
		only = firstByte(one) == '{'
		return only
	})
	return err == nil && only && objects > 0
}

// isLines reports whether data is lines of which each is an object.
func isLines(data []byte) bool {
	objects := 0
	for line := range bytes.Lines(data) {
		switch {
		case firstByte(line) == 0:
		case record.Members(line, func(string, []byte) bool { return true }) != nil:
			return false
		default:
			objects++
		}
	}
	return objects > 1
}

// firstByte returns the first byte that is not white space, 0 when there is none.
func firstByte(data []byte) byte {
	for _, c := range data {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// mark adds where a record came from. An attribute of the sender's own keeps its name.
func mark(r *record.Record, marks []slog.Attr) {
	attrs := slices.Clip(r.Attrs)
	for _, m := range marks {
		if slices.ContainsFunc(r.Attrs, func(a slog.Attr) bool { return a.Key == m.Key }) {
			m.Key = "redis_" + m.Key
		}
		attrs = append(attrs, m)
	}
	r.Attrs = attrs
}
