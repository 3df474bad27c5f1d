package gate

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/intake"
)

// Door is one way in.
type Door struct {
	Protocol string // its name in the ledger
	// Encodings are the Content-Encodings that it takes beside none. Another one is
	// refused.
	Encodings []string
	// Encoding, when it is set, is the body's whatever its headers say.
	Encoding string
}

// encodings tells people what the door takes.
func (d Door) encodings() string {
	if len(d.Encodings) == 0 {
		return "send the body without Content-Encoding"
	}
	return "Content-Encoding may be " + strings.Join(d.Encodings, ", ") + " or absent"
}

// Admit judges a request by the page it comes from, answers a preflight, and has refuse
// answer a page that may not send: false means that the request is answered.
func (g *Gate) Admit(w http.ResponseWriter, r *http.Request, refuse func(*Refusal)) bool {
	return g.origins.Admit(w, r, func(message string) {
		refuse(&Refusal{Status: http.StatusForbidden, Code: "bad_origin", Message: message})
	})
}

// Request is one body that came in. It has one user at a time.
type Request struct {
	Data   []byte // the body, unpacked; valid until Close
	Source intake.Source

	gate *Gate
	held int64
}

// The smallest and the usual share of what a body is taken for before it is read. Logs
// pack to a fifth to a tenth; the rest is given back when the size is known.
const (
	leastHeld   = 64 << 10
	packedRatio = 12
)

// Open reads a request's body, when its sender may send now and there is room. The
// error is a *Refusal, which is noted with the source. The caller closes the request
// after its records are stored.
func (g *Gate) Open(r *http.Request, door Door) (*Request, error) {
	q := &Request{gate: g, Source: intake.Source{Protocol: door.Protocol, Sender: Sender(r), Agent: r.UserAgent()}}
	if wait := g.rates.wait(q.Source.Sender); wait > 0 {
		return nil, q.Refuse(tooFast(wait, g.rates.perSecond))
	}
	encoding := door.Encoding
	if encoding == "" {
		encoding = body.Encoding(r)
		if encoding != "" && !slices.Contains(door.Encodings, encoding) {
			err := &body.EncodingError{Encoding: encoding}
			return nil, q.Refuse(&Refusal{Status: http.StatusBadRequest, Code: CodeBadEncoding, Message: err.Error(), Hint: door.encodings(), Err: err})
		}
	}
	if err := q.hold(r.Context(), r.ContentLength, encoding); err != nil {
		return nil, q.Refuse(err)
	}
	data, err := body.Read(r, encoding, g.limits, q.grow)
	if err != nil {
		q.Close()
		return nil, q.Refuse(err)
	}
	q.Data = data
	q.shrink(max(int64(len(data)), leastHeld))
	return q, nil
}

// hold takes room for what the body is expected to be.
func (q *Request) hold(ctx context.Context, sent int64, encoding string) (err error) {
	switch {
	case sent > q.gate.limits.Sent:
		return &body.TooLargeError{Limit: q.gate.limits.Sent}
	case encoding != "" && encoding != body.Identity:
		sent *= packedRatio
	}
	q.held, err = q.gate.bodies.take(ctx, min(max(sent, leastHeld), q.gate.limits.Unpacked))
	return err
}

// grow takes more room if there is some. It does not wait for it: two bodies that each
// wait for what the other one holds would wait for ever.
func (q *Request) grow(bytes int64) error {
	bytes = min(bytes, q.gate.bodies.size)
	if bytes <= q.held {
		return nil
	}
	if !q.gate.bodies.try(bytes - q.held) {
		return errFull
	}
	q.held = bytes
	return nil
}

func (q *Request) shrink(bytes int64) {
	if bytes < q.held {
		q.gate.bodies.give(q.held - bytes)
		q.held = bytes
	}
}

// Close gives back the room that the body takes. It may be called more than once.
func (q *Request) Close() {
	q.Data = nil
	q.shrink(0)
}

// Refuse notes with the source why the request was not taken, and returns that as a
// *Refusal. Errors that intake returned are counted there already.
func (q *Request) Refuse(err error) *Refusal {
	why := refusalOf(err)
	q.gate.intake.Trouble(q.Source, why.Code, why.Message)
	q.gate.log.Debug("request refused", "protocol", q.Source.Protocol, "sender", q.Source.Sender, "code", why.Code, "error", why.Message)
	return why
}
