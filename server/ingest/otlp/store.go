package otlp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/repeat"
)

// CodeBadRecord is the trouble of a source whose records were rejected.
const CodeBadRecord = "bad_record"

// repeatWindow is how long a body is known. The protocol has no key for a batch, but its
// exporters send the same bytes again when they saw no answer: a body that is byte for
// byte the same, from the same sender, and in which each record has a time, is not stored
// twice. The Go SDK gives a batch up after a minute, the Collector after five.
const repeatWindow = 10 * time.Minute

// door is what both ways in have: the gate, the resources that their records share, and
// the bodies that came lately.
type door struct {
	gate      *gate.Gate
	resources *record.Interner
	repeats   *repeat.Memory
}

func newDoor(g *gate.Gate) door {
	return door{gate: g, resources: &record.Interner{}, repeats: repeat.New(repeatWindow, time.Now)}
}

// Stats returns the counters of bodies that came again.
func (d door) Stats() repeat.Stats { return d.repeats.Stats() }

// store stores the records of a body. A body that is broken around its records stores
// nothing; a record that cannot be read is left out, and told. The error is a
// *gate.Refusal.
func (d door) store(ctx context.Context, q *gate.Request, wire wire) (outcome, error) {
	parts := q.Parts(ctx)
	all := counter{limit: parts.Limit()}
	parts.Check = func() (int, error) { return all.records, nil }
	if err := wire.walk(q.Data, &all); err != nil {
		parts.Fail(gate.Bad(wire.code, err, "nothing of this body was stored; a body is an ExportLogsServiceRequest of OTLP"))
		_, err := parts.End()
		return outcome{}, err
	}
	once, err := d.repeats.Begin(ctx, q.Source.Sender, q.Data)
	if err != nil {
		parts.Fail(err)
		_, err := parts.End()
		return outcome{}, err
	}
	defer d.repeats.End(once)
	parts.Skip = once.Stored
	p := pusher{wire: wire, parts: parts, shared: d.resources}
	if err := wire.walk(q.Data, &p); err != nil {
		parts.Fail(err) // it is what parts returned: the body was walked through before
	}
	if p.rejected > 0 && p.rejected == all.records {
		parts.Fail(gate.Bad(gate.CodeBadBody, errors.New(p.said()), "nothing of this body was stored"))
	}
	got, err := parts.End()
	if once.Stored = got.Count; p.undated {
		once.Stored = 0 // it may be like another one by chance
	}
	if err != nil {
		return outcome{}, again(err, got.Count, once.Stored)
	}
	if p.rejected == 0 {
		return outcome{}, nil
	}
	d.gate.Reject(q.Source, p.rejected)
	d.gate.Trouble(q.Source, CodeBadRecord, p.said())
	return outcome{rejected: int64(p.rejected), message: p.said()}, nil
}

// again says what a sender that comes again with a body gets, of which stored records are
// stored and known of them are when it comes: the protocol has no way to send only the
// rest.
func again(err error, stored, known int) error {
	why := refusal(err)
	if !why.Temporary() || stored == 0 {
		return why
	}
	own := *why
	own.Hint = fmt.Sprintf("the first %d records of this body are stored; send the same again, and the rest is", stored)
	if known == 0 {
		own.Hint = fmt.Sprintf("the first %d records of this body are stored, and will be twice when it is sent again", stored)
	}
	return &own
}

// counter counts the records of a body. A body may have as many resources and scopes as
// records: one of 64 KB can unpack to thirty million empty ones.
type counter struct {
	limit   int
	records int
	groups  int
}

func (c *counter) resource(*resource) error { return c.group() }
func (c *counter) scope(*scope) error       { return c.group() }
func (c *counter) record([]byte) error      { c.records++; return nil }

func (c *counter) group() error {
	if c.groups++; c.groups > c.limit {
		return fmt.Errorf("the body has more than %d resources and scopes", c.limit)
	}
	return nil
}

// maxReasons is how many rejected records are told one by one.
const maxReasons = 3

// pusher makes records of a body's parts and hands them over.
type pusher struct {
	wire   wire
	parts  *gate.Parts
	shared *record.Interner

	from     from
	seen     int
	rejected int
	undated  bool // some record has no time
	reasons  []string
}

func (p *pusher) resource(r *resource) error {
	p.from.describe(r, p.shared)
	return nil
}

func (p *pusher) scope(s *scope) error {
	p.from.enter(s)
	return nil
}

func (p *pusher) record(data []byte) error {
	p.seen++
	e, err := p.wire.entry(data)
	if err != nil {
		p.rejected++
		if len(p.reasons) < maxReasons {
			p.reasons = append(p.reasons, fmt.Sprintf("record %d: %v", p.seen, err))
		}
		return nil
	}
	r := e.record(&p.from)
	p.undated = p.undated || r.Time.IsZero()
	return p.parts.Add(r)
}

// said tells people what was rejected.
func (p *pusher) said() string {
	text := fmt.Sprintf("%d of %d records were not taken: %s", p.rejected, p.seen, strings.Join(p.reasons, "; "))
	if p.rejected > len(p.reasons) {
		text += "; and others"
	}
	return text
}
