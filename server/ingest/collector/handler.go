// Package collector takes batches from the log-collector's clients: POST /logs.
//
// [New] makes the handler, [Handler.ServeHTTP] answers as the log-collector's own
// server does, so its Python, Node and browser clients work unchanged. Unlike that
// server it keeps every field, never refuses a batch for one bad record, and
// stores a batch that a client sends again only once.
package collector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
	CountDuplicates(source intake.Source, n int)
}

var _ Intake = (*intake.Intake)(nil)

// Options shape the handler; zero fields take the defaults.
type Options struct {
	Limits body.Limits
	// Origins are the pages that may send, beside those of this server and of the
	// loopback: "https://app.example", "null" for pages without an origin, "*" for all.
	Origins []string
	Clock   func() time.Time
}

// Path is where the handler is mounted, with and without a slash at its end.
const Path = "/logs"

// retryAfter is what a client is told to wait when records cannot be stored now.
const retryAfter = 2 * time.Second

// Handler serves POST /logs, its preflight, and the redirect from /logs/. It may
// be called concurrently.
type Handler struct {
	intake  Intake
	limits  body.Limits
	origins origin.List
	retries *retries
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler.
func New(in Intake, opts Options) *Handler {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	return &Handler{intake: in, limits: opts.Limits, origins: origin.New(opts.Origins), retries: newRetries(opts.Clock)}
}

// source is the handler's line in the ledger.
func source() intake.Source { return intake.Source{Protocol: "collector"} }

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.origins.Admit(w, r, func(message string) { refuse(w, http.StatusForbidden, message) }) {
		return
	}
	switch {
	case r.URL.Path == Path+"/":
		target := *r.URL
		target.Path = Path
		w.Header().Set("Location", target.RequestURI())
		w.WriteHeader(http.StatusTemporaryRedirect)
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "Method Not Allowed")
	default:
		h.post(w, r)
	}
}

func (h *Handler) post(w http.ResponseWriter, r *http.Request) {
	encoding := body.Encoding(r)
	if encoding != body.Gzip {
		encoding = "" // as the log-collector's server does: the JSON parser will say what is wrong
	}
	data, err := body.Read(r, encoding, h.limits, nil)
	if err != nil {
		refuseBody(w, err)
		return
	}
	batch, err := parse(data)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	count, repaired, err := h.store(r.Context(), client(r), data, batch)
	if err != nil {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	answer := []byte(`{"status":"ok","count":` + strconv.Itoa(count))
	if repaired > 0 {
		answer = append(answer, `,"repaired":`+strconv.Itoa(repaired)...)
	}
	reply(w, http.StatusOK, append(answer, '}'))
}

// store hands the batch over, or what is not stored yet of one that came before.
func (h *Handler) store(ctx context.Context, client string, data []byte, batch []record.Record) (count, repaired int, err error) {
	count = len(batch)
	if !canRepeat(batch) {
		got, err := h.intake.Accept(ctx, source(), batch)
		return count, got.Repaired, err
	}
	try, err := h.retries.begin(ctx, client, data)
	if err != nil {
		return count, 0, err
	}
	defer h.retries.end(try)
	if try.stored > 0 {
		h.intake.CountDuplicates(source(), try.stored)
	}
	if try.stored == count {
		return count, try.repaired, nil
	}
	// A client that leaves now may come again with the same batch: then it must be
	// known what became of this one.
	got, err := h.intake.Accept(context.WithoutCancel(ctx), source(), batch[try.stored:])
	try.stored += got.Count
	try.repaired = max(try.repaired, got.Repaired)
	return count, try.repaired, err
}

func refuseBody(w http.ResponseWriter, err error) {
	var large *body.TooLargeError
	var bad *body.EncodingError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, "Body too large: "+large.Error()+"; send smaller batches")
	case errors.As(err, &bad):
		refuse(w, http.StatusBadRequest, "Failed to decompress gzip: "+bad.Error())
	default:
		refuse(w, http.StatusBadRequest, "Failed to read the body: "+err.Error())
	}
}

// refuse answers as the clients know it.
func refuse(w http.ResponseWriter, status int, detail string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(struct {
		Detail string `json:"detail"`
	}{detail}); err != nil {
		panic("BUG: a text cannot be encoded: " + err.Error())
	}
	reply(w, status, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// reply ignores an error of writing: the client has left, and nothing can be done
// for it.
func reply(w http.ResponseWriter, status int, data []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
