package loki

import (
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
)

// tenantHeader is how Loki's clients say for whom they send.
const tenantHeader = "X-Scope-OrgID"

// label is one label of a stream, or one piece of an entry's structured metadata.
type label struct{ name, value string }

// entry is one line of a stream, as it came. Its bytes are the request's.
type entry struct {
	time     time.Time // zero: none was given
	line     []byte
	metadata []label
	attrs    []slog.Attr     // metadata that is no text
	repairs  []record.Repair // what could not be read
}

// receiver takes what a body holds, piece by piece: a stream, by the bytes of its
// labels, then the bytes of each of its entries. read makes sense of them, for a receiver
// that needs it. An error of add ends the reading.
type receiver interface {
	stream(labels []byte, read func(labels []byte) given)
	add(data []byte, read func(data []byte) *entry) error
}

// counter counts the entries of a body, up to one more than limit.
type counter struct{ entries, limit int }

var errEnough = errors.New("there are more entries than count")

func (c *counter) stream([]byte, func([]byte) given) {}

func (c *counter) add([]byte, func([]byte) *entry) error {
	if c.entries++; c.entries > c.limit {
		return errEnough
	}
	return nil
}

// push stores what a request brings.
func (h *Handler) push(r *http.Request) *gate.Refusal {
	format, why := formatOf(r)
	if why != nil {
		return why
	}
	q, err := h.gate.Open(r, format.door)
	if err != nil {
		why := *refusal(err)
		if why.Code == gate.CodeBadEncoding {
			why.Hint = typesHint
		}
		return &why
	}
	defer q.Close()
	data, err := format.check(q.Data)
	if err != nil {
		return q.Refuse(gate.Bad(format.code, err, format.hint))
	}
	tenant := r.Header.Get(tenantHeader)
	once, err := h.repeats.Begin(r.Context(), q.Source.Sender+" "+tenant, q.Data)
	if err != nil {
		return q.Refuse(err)
	}
	defer h.repeats.End(once)
	parts := q.Parts(r.Context())
	parts.Skip = once.Stored
	parts.Check = func() (int, error) { // format.check has looked at its syntax
		all := counter{limit: parts.Limit()}
		format.read(data, &all)
		return all.entries, nil
	}
	p := newPusher(parts, tenant)
	format.read(data, p)
	got, err := parts.End()
	if once.Stored = got.Count; p.undated {
		once.Stored = 0 // it may be like another one by chance
	}
	if err != nil {
		return refusal(err)
	}
	return nil
}

// refusal unwraps what the gate returns.
func refusal(err error) *gate.Refusal {
	var why *gate.Refusal
	if !errors.As(err, &why) {
		panic(fmt.Sprintf("BUG: the gate returned %T: %v", err, err))
	}
	return why
}

// format is one way to write a push. check tells whether a body is well-formed as a
// whole, and returns what read reads of it, which cannot fail but by its receiver.
type format struct {
	door  gate.Door
	code  string
	hint  string
	check func(data []byte) ([]byte, error)
	read  func(data []byte, to receiver)
}

// formatOf tells a push's format as Loki does: JSON when the Content-Type says so,
// else protobuf, which is packed with snappy whether its headers say so or not.
func formatOf(r *http.Request) (format, *gate.Refusal) {
	media := r.Header.Get("Content-Type")
	if media != "" {
		parsed, _, err := mime.ParseMediaType(media)
		if err != nil {
			return format{}, &gate.Refusal{
				Status: http.StatusUnsupportedMediaType, Code: gate.CodeBadRequest, Err: err,
				Message: fmt.Sprintf("the Content-Type %q cannot be read", media), Hint: typesHint,
			}
		}
		media = parsed
	}
	if media == "application/json" {
		return format{
			door:  gate.Door{Protocol: Protocol, Encodings: []string{body.Gzip, body.Zstd}},
			code:  gate.CodeBadJSON,
			hint:  `nothing of this body was stored; a body is {"streams":[{"stream":{"label":"value"},"values":[["<nanoseconds>","<line>"]]}]}`,
			check: checkJSON,
			read:  readJSON,
		}, nil
	}
	if encoding := body.Encoding(r); encoding != "" && encoding != body.Snappy {
		return format{}, &gate.Refusal{
			Status: http.StatusBadRequest, Code: gate.CodeBadEncoding,
			Message: fmt.Sprintf("a protobuf body is packed with snappy, not with %q", encoding), Hint: typesHint,
		}
	}
	return format{
		door:  gate.Door{Protocol: Protocol, Encoding: body.Snappy},
		code:  gate.CodeBadBody,
		hint:  "nothing of this body was stored; " + typesHint,
		check: checkProto,
		read:  readProto,
	}, nil
}

const typesHint = "send JSON with Content-Type application/json, or logproto.PushRequest packed with snappy with application/x-protobuf"
