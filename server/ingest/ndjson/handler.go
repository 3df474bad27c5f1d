// Package ndjson takes records as NDJSON, as a JSON array or as one object:
// POST /api/v1/records.
//
// [New] makes the handler, [Handler.ServeHTTP] answers when the records are
// durable. What other loggers write is understood. A body with an Idempotency-Key is
// stored once, however often it is sent.
package ndjson

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/origin"
	"github.com/weirlog/weir/server/intake"
)

// Intake is where batches go; *intake.Intake is one.
type Intake interface {
	Accept(ctx context.Context, source intake.Source, batch []record.Record) (intake.Receipt, error)
	AcceptOnce(ctx context.Context, source intake.Source, key intake.Key, batch []record.Record) (intake.Receipt, error)
}

var _ Intake = (*intake.Intake)(nil)

// Options shape the handler; zero fields take the defaults.
type Options struct {
	Limits body.Limits
	// Origins are the pages that may send, as origin.New takes them.
	Origins []string
}

// Path is where the handler is mounted, for all methods but GET and HEAD: those
// search.
const Path = "/api/v1/records"

// retryAfter is what a client is told to wait when records cannot be stored now.
const retryAfter = 2 * time.Second

// Handler serves POST /api/v1/records. It may be called concurrently.
type Handler struct {
	intake  Intake
	limits  body.Limits
	origins origin.List
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler.
func New(in Intake, opts Options) *Handler {
	return &Handler{intake: in, limits: opts.Limits, origins: origin.New(opts.Origins)}
}

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
	if !h.origins.Admit(w, r, func(message string) { refuse(w, http.StatusForbidden, "bad_origin", message, "") }) {
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, HEAD, POST")
		refuse(w, http.StatusMethodNotAllowed, "bad_method", "this path does not take "+r.Method, "records are sent with POST and searched with GET")
		return
	}
	data, err := body.Read(r, body.Encoding(r), h.limits, nil)
	if err != nil {
		refuseBody(w, err)
		return
	}
	batch, err := parse(data, r.URL.Query())
	if err != nil {
		refuse(w, http.StatusBadRequest, "bad_json", err.Error(), "nothing of this body was stored; a body is one JSON object on a line, an array of objects, or one object")
		return
	}
	source := intake.Source{Protocol: "records"}
	key, keyed, err := keyOf(r, data)
	var got intake.Receipt
	switch {
	case err != nil:
	case keyed:
		got, err = h.intake.AcceptOnce(r.Context(), source, key, batch)
	default:
		got, err = h.intake.Accept(r.Context(), source, batch)
	}
	if err != nil {
		if !refuseKey(w, err) {
			w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
			refuse(w, http.StatusServiceUnavailable, "unavailable", err.Error(), unavailableHint(got.Count, keyed))
		}
		return
	}
	out := answer{Status: "ok", Count: got.Count, Repaired: got.Repaired, Deduplicated: got.Duplicates, Duplicate: got.Duplicates > 0 && got.Duplicates == got.Count}
	if got.Count > got.Duplicates {
		out.First, out.Last = strconv.FormatInt(int64(got.First), 10), strconv.FormatInt(int64(got.Last), 10)
	}
	reply(w, http.StatusOK, out)
}

func unavailableHint(stored int, keyed bool) string {
	switch {
	case keyed:
		return "send the same body again with the same key after the seconds in Retry-After: what is stored is not stored again"
	case stored > 0:
		return fmt.Sprintf("the first %d records of this body are stored: send only those after them again", stored)
	}
	return "send the same body again after the seconds in Retry-After"
}

func refuseBody(w http.ResponseWriter, err error) {
	var large *body.TooLargeError
	var bad *body.EncodingError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, "too_large", large.Error(), "send smaller batches")
	case errors.As(err, &bad):
		refuse(w, http.StatusBadRequest, "bad_encoding", bad.Error(), "Content-Encoding may be gzip, zstd or absent")
	default:
		refuse(w, http.StatusBadRequest, "bad_request", err.Error(), "")
	}
}

// problem is the body of every error of the API.
type problem struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint,omitempty"`
	} `json:"error"`
}

func refuse(w http.ResponseWriter, status int, code, message, hint string) {
	var p problem
	p.Error.Code, p.Error.Message, p.Error.Hint = code, message, hint
	reply(w, status, p)
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
