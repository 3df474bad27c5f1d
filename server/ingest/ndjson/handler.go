// Package ndjson takes records as NDJSON, as a JSON array or as one object:
// POST /api/v1/records.
//
// [New] makes the handler, [Handler.ServeHTTP] answers when the records are
// durable. What other loggers write is understood. A body with an Idempotency-Key is
// stored once, however often it is sent.
package ndjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
)

// Path is where the handler is mounted, for all methods but GET and HEAD: those
// search.
const Path = "/api/v1/records"

// Protocol is the handler's name in the ledger.
const Protocol = "records"

// Handler serves POST /api/v1/records. It may be called concurrently.
type Handler struct{ gate *gate.Gate }

var _ http.Handler = (*Handler)(nil)

// New makes a handler behind a gate.
func New(g *gate.Gate) *Handler { return &Handler{gate: g} }

// answer is what a sender gets for records that are durable.
type answer struct {
	Status   string `json:"status"`
	Count    int    `json:"count"`
	Repaired int    `json:"repaired,omitempty"`
	First    string `json:"first,omitempty"`
	Last     string `json:"last,omitempty"`

	Duplicate    bool `json:"duplicate,omitempty"`    // all records had been stored before
	Deduplicated int  `json:"deduplicated,omitempty"` // how many had been
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Admit(w, r, func(e *gate.Refusal) { refuse(w, e) }) {
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, &gate.Refusal{Status: http.StatusMethodNotAllowed, Code: "bad_method", Message: "this path does not take " + r.Method, Hint: "records are sent with POST and searched with GET"})
		return
	}
	q, err := h.gate.Open(r, gate.Door{Protocol: Protocol, Encodings: []string{body.Gzip, body.Zstd}})
	if err != nil {
		refuse(w, err)
		return
	}
	defer q.Close()
	key, keyed, err := keyOf(r, q.Data)
	if err != nil {
		refuse(w, q.Refuse(gate.Bad(gate.CodeBadKey, errors.New("the "+KeyHeader+" cannot be used"), err.Error())))
		return
	}
	parts := q.Parts(r.Context())
	if keyed {
		parts.Key = &key
	}
	got, err := store(parts, q.Data, r.URL.Query())
	if err != nil {
		refuse(w, hinted(err, got.Count, keyed))
		return
	}
	reply(w, http.StatusOK, answerOf(got))
}

func answerOf(got intake.Receipt) answer {
	out := answer{Status: "ok", Count: got.Count, Repaired: got.Repaired, Deduplicated: got.Duplicates, Duplicate: got.Duplicates > 0 && got.Duplicates == got.Count}
	if got.Count > got.Duplicates {
		out.First, out.Last = strconv.FormatInt(int64(got.First), 10), strconv.FormatInt(int64(got.Last), 10)
	}
	return out
}

// hinted says how to send again what may be taken later.
func hinted(err error, stored int, keyed bool) error {
	var why *gate.Refusal
	if !errors.As(err, &why) || !why.Temporary() {
		return err
	}
	own := *why
	switch {
	case keyed:
		own.Hint = "send the same body again with the same key after the seconds in Retry-After: what is stored is not stored again"
	case stored > 0:
		own.Hint = fmt.Sprintf("the first %d records of this body are stored: send only those after them again", stored)
	default:
		own.Hint = "send the same body again after the seconds in Retry-After"
	}
	return &own
}

// problem is the body of every error of the API.
type problem struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
	} `json:"error"`
}

// refuse answers with an error. err is a *gate.Refusal; what is not would be an error
// that nobody thought of.
func refuse(w http.ResponseWriter, err error) {
	var why *gate.Refusal
	if !errors.As(err, &why) {
		panic("BUG: the gate returned an error that is no refusal: " + err.Error())
	}
	why.SetHeader(w.Header())
	var p problem
	p.Error.Code, p.Error.Message, p.Error.Hint = why.Code, why.Message, why.Hint
	reply(w, why.Status, p)
}

// reply ignores an error of writing: the client has left, and nothing can be done
// for it.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}
