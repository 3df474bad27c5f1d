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

	gate  *Gate
	room  *share   // of the gate's for bodies; nil: none yet
	parts []*Parts // of which some may not have ended
}

// usualHeld is what the usual body of 700 KB fits into. Larger ones have a pool of their
// own, so that they do not keep the usual ones out. A body that grows into it waits for
// a share of that while it has one of the other; none waits the other way round, so
// nobody waits for ever.
const usualHeld = 1 << 20

// Open reads a request's body, when its sender may send now and there is room. The
// error is a *Refusal, which is noted with the source. The caller closes the request
// after its records are stored.
func (g *Gate) Open(r *http.Request, door Door) (*Request, error) {
	q := &Request{gate: g, Source: intake.Source{Protocol: door.Protocol, Sender: Sender(r), Agent: r.UserAgent()}}
	if wait := g.Wait(q.Source); wait > 0 {
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
	if r.ContentLength > g.limits.Sent {
		return nil, q.Refuse(&body.TooLargeError{Limit: g.limits.Sent})
	}
	taken := false
	defer func() { // also when a decoder panics
		if !taken {
			q.Close()
		}
	}()
	hold := func(bytes int64) error { return q.hold(r.Context(), bytes) }
	if err := hold(body.FirstRoom); err != nil {
		return nil, q.Refuse(err)
	}
	data, err := g.reader.Read(r, encoding, hold)
	if err != nil {
		return nil, q.Refuse(err)
	}
	q.Data, taken = data, true
	q.room.shrink(int64(len(data)))
	return q, nil
}

// hold takes room as a body comes: what its sender only says that it will send must not
// keep others from sending.
func (q *Request) hold(ctx context.Context, bytes int64) error {
	if q.room != nil && bytes <= q.room.held {
		return nil
	}
	p := q.gate.bodies
	if bytes > min(usualHeld, p.size) {
		p = q.gate.large
	}
	if q.room != nil && q.room.pool == p {
		return q.room.grow(ctx, bytes)
	}
	room, err := p.take(ctx, bytes)
	if err != nil {
		return err
	}
	if q.room != nil {
		q.room.shrink(0)
	}
	q.room = room
	return nil
}

// Close gives back the room that the body takes, and that of records whose Parts did not
// come to their End because a parser panicked. It may be called more than once.
func (q *Request) Close() {
	q.Data = nil
	for _, p := range q.parts {
		p.drop()
	}
	q.parts = nil
	if q.room != nil {
		q.room.shrink(0)
	}
}

// Refuse notes with the source why the request was not taken, and returns that as a
// *Refusal. Errors that intake returned are counted there already.
func (q *Request) Refuse(err error) *Refusal {
	why := refusalOf(err)
	q.gate.intake.Trouble(q.Source, why.Code, why.Message)
	q.gate.log.Debug("request refused", "protocol", q.Source.Protocol, "sender", q.Source.Sender, "code", why.Code, "error", why.Message)
	return why
}
