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
	want int64 // what the body is expected to be; it may be more
	held int64 // of the gate's room for bodies
	lane int64 // of its room for large ones
}

// What a body is taken for before it has come. A sender that says it will send much, and
// does not, must not keep others from sending: before the bytes of a large body come,
// it holds no more than a usual one.
const (
	leastHeld = 64 << 10
	usualHeld = 1 << 20
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
	if r.ContentLength > g.limits.Sent {
		return nil, q.Refuse(&body.TooLargeError{Limit: g.limits.Sent})
	}
	if err := q.hold(r.Context(), r.ContentLength, encoding); err != nil {
		return nil, q.Refuse(err)
	}
	data, err := g.reader.Read(r, encoding, func(bytes int64) error { return q.grow(r.Context(), bytes) })
	if err != nil {
		q.Close()
		return nil, q.Refuse(err)
	}
	q.Data = data
	q.shrink(int64(len(data)))
	return q, nil
}

// hold takes a usual body's room.
func (q *Request) hold(ctx context.Context, sent int64, encoding string) (err error) {
	switch q.want = sent; {
	case sent < 0:
		q.want = q.gate.limits.Unpacked
	case encoding != "" && encoding != body.Identity:
		q.want *= body.PackedRatio
	}
	q.held, err = q.gate.bodies.take(ctx, min(max(q.want, leastHeld), usualHeld))
	return err
}

// grow takes the room of a large body, once. Who waits for it holds a usual body's
// room only, which those who have it do not need: so nobody waits for ever. What is
// larger than expected is taken as long as there is room.
func (q *Request) grow(ctx context.Context, bytes int64) (err error) {
	large := q.gate.large
	bytes = min(bytes, large.size)
	switch {
	case bytes <= q.held || bytes <= q.lane:
	case q.lane == 0:
		q.lane, err = large.take(ctx, max(min(q.want, q.gate.limits.Unpacked), bytes))
	case large.try(bytes - q.lane):
		q.lane = bytes
	default:
		err = errFull
	}
	return err
}

// shrink gives back what a body of that size does not need.
func (q *Request) shrink(bytes int64) {
	if bytes <= q.held {
		q.gate.large.give(q.lane)
		q.gate.bodies.give(q.held - bytes)
		q.held, q.lane = bytes, 0
		return
	}
	q.gate.bodies.give(q.held)
	q.gate.large.give(q.lane - bytes)
	q.held, q.lane = 0, min(q.lane, bytes)
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
