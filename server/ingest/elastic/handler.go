// Package elastic takes what Elasticsearch's clients index: POST /_bulk and
// POST /{index}/_doc, and answers what they ask before they do.
//
// [New] makes the handler; [Handler.Owns] tells which requests are for it. It is meant
// to be asked before the other routes, because Elasticsearch has its paths at the root
// and names of indices are free. Everything is also below [Prefix], where nothing has
// to be guessed.
//
// Nothing is kept but documents: templates, policies and pipelines are acknowledged and
// have no effect, and nothing is searched.
package elastic

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
)

// Protocol is the protocol's name in the ledger.
const Protocol = "elasticsearch"

// Prefix is the path below which everything is Elasticsearch's.
const Prefix = "/elasticsearch"

// Options shape the handler; zero fields take the defaults.
type Options struct {
	// Ready tells why no records can be taken in now; nil: they always can.
	Ready func() error
	Clock func() time.Time // default time.Now
}

// Handler serves the part of Elasticsearch's API that brings documents. It may be
// called concurrently.
type Handler struct {
	gate  *gate.Gate
	ready func() error
	clock func() time.Time
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler behind a gate.
func New(g *gate.Gate, opts Options) *Handler {
	if opts.Ready == nil {
		opts.Ready = func() error { return nil }
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	return &Handler{gate: g, ready: opts.Ready, clock: opts.Clock}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch") // without it the official clients refuse to go on
	if !h.gate.Admit(w, r, func(why *gate.Refusal) { refuse(w, r, why) }) {
		return
	}
	at := parseTarget(r)
	writes := r.Method == http.MethodPost || r.Method == http.MethodPut
	if len(at.index) > maxIndexName {
		refuse(w, r, &gate.Refusal{
			Status: http.StatusBadRequest, Code: gate.CodeBadRequest,
			Message: fmt.Sprintf("the name of the index is longer than %d bytes", maxIndexName),
		})
		return
	}
	switch {
	case at.kind == targetBulk && writes:
		h.bulk(w, r, at)
	case at.kind == targetDocument && writes:
		h.document(w, r, at)
	case at.kind == targetBulk:
		w.Header().Set("Allow", "POST, PUT")
		problem{
			status: http.StatusMethodNotAllowed, kind: "method_not_allowed",
			reason: fmt.Sprintf("%s does not take %s; it takes POST and PUT", r.URL.Path, r.Method),
		}.write(w, r)
	default:
		h.handshake(w, r, at)
	}
}

// maxIndexName is Elasticsearch's own limit.
const maxIndexName = 255

// open reads a request's body.
func (h *Handler) open(r *http.Request) (*gate.Request, *gate.Refusal) {
	q, err := h.gate.Open(r, gate.Door{Protocol: Protocol, Encodings: []string{body.Gzip, body.Zstd}})
	if err != nil {
		return nil, refusal(err)
	}
	return q, nil
}

// refusal unwraps what the gate returns.
func refusal(err error) *gate.Refusal {
	var why *gate.Refusal
	if !errors.As(err, &why) {
		panic(fmt.Sprintf("BUG: the gate returned %T: %v", err, err))
	}
	return why
}

// discardMost is how much is read of a body that has no effect: Filebeat's template
// has half a megabyte, and a client whose body is not read sees a broken connection.
const discardMost = 8 << 20

func discard(r *http.Request) {
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, discardMost))
}
