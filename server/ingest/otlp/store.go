package otlp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
)

// CodeBadRecord is the trouble of a source whose records were rejected.
const CodeBadRecord = "bad_record"

// door is what both ways in have: the gate, and the resources that their records share.
type door struct {
	gate      *gate.Gate
	resources *record.Interner
}

func newDoor(g *gate.Gate) door { return door{gate: g, resources: &record.Interner{}} }

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
	p := pusher{wire: wire, parts: parts, shared: d.resources}
	if err := wire.walk(q.Data, &p); err != nil {
		parts.Fail(err) // it is what parts returned: the body was walked through before
	}
	if p.rejected > 0 && p.rejected == all.records {
		parts.Fail(gate.Bad(gate.CodeBadBody, errors.New(p.said()), "nothing of this body was stored"))
	}
	got, err := parts.End()
	if err != nil {
		return outcome{}, again(err, got.Count)
	}
	if p.rejected == 0 {
		return outcome{}, nil
	}
	d.gate.Reject(q.Source, p.rejected)
	d.gate.Trouble(q.Source, CodeBadRecord, p.said())
	return outcome{rejected: int64(p.rejected), message: p.said()}, nil
}

// again says what a sender that comes again with a body gets, of which a part is stored:
// the protocol has no way to send only the rest.
func again(err error, stored int) error {
	why := refusal(err)
	if !why.Temporary() || stored == 0 {
		return why
	}
	own := *why
	own.Hint = fmt.Sprintf("the first %d records of this body are stored, and will be twice when it is sent again", stored)
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
	return p.parts.Add(e.record(&p.from))
}

// said tells people what was rejected.
func (p *pusher) said() string {
	text := fmt.Sprintf("%d of %d records were not taken: %s", p.rejected, p.seen, strings.Join(p.reasons, "; "))
	if p.rejected > len(p.reasons) {
		text += "; and others"
	}
	return text
}
