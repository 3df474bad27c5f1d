// Package collector takes batches from the log-collector's clients: POST /logs.
//
// [New] makes the handler, [Handler.ServeHTTP] answers as the log-collector's own
// server does, so its Python, Node and browser clients work unchanged. Unlike that
// server it keeps every field, never refuses a batch for one bad record, and
// stores a batch that a client sends again only once. [NewSummary] makes the handler
// of that system's counts, GET /stats and GET /services.
package collector

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/repeat"
	"github.com/weirlog/weir/server/intake"
)

// Options shape the handler; zero fields take the defaults.
type Options struct {
	Log   *slog.Logger // the server's own: what came, at DEBUG; default: none
	Clock func() time.Time
}

// Path is where the handler is mounted, with and without a slash at its end.
const Path = "/logs"

// Protocol is the handler's name in the ledger.
const Protocol = "collector"

// Handler serves POST /logs, its preflight, and the redirect from /logs/. It may
// be called concurrently.
type Handler struct {
	gate    *gate.Gate
	log     *slog.Logger
	retries *repeat.Memory
}

var _ http.Handler = (*Handler)(nil)

// New makes a handler behind a gate.
func New(g *gate.Gate, opts Options) *Handler {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Handler{gate: g, log: opts.Log, retries: repeat.New(retryWindow, opts.Clock)}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Admit(w, r, func(e *gate.Refusal) { refuse(w, e) }) {
		return
	}
	switch {
	case r.URL.Path == Path+"/":
		target := *r.URL
		target.Path = Path
		w.Header().Set("Location", target.RequestURI())
		w.WriteHeader(http.StatusTemporaryRedirect)
	case r.Method != http.MethodPost:
		badMethod(w, http.MethodPost)
	default:
		h.post(w, r)
	}
}

func (h *Handler) post(w http.ResponseWriter, r *http.Request) {
	door := gate.Door{Protocol: Protocol, Encoding: body.Gzip}
	if body.Encoding(r) != body.Gzip {
		door.Encoding = body.Identity // as the log-collector's server does: the JSON parser will say what is wrong
	}
	q, err := h.gate.Open(r, door)
	if err != nil {
		refuse(w, err)
		return
	}
	defer q.Close()
	got, err := h.store(r.Context(), q)
	if err != nil {
		refuse(w, err)
		return
	}
	if h.log.Enabled(r.Context(), slog.LevelDebug) {
		h.log.Debug(fmt.Sprintf("Received %d records", got.Count), "sender", q.Source.Sender, "agent", q.Source.Agent, "duplicates", got.Duplicates)
	}
	answer := []byte(`{"status":"ok","count":` + strconv.Itoa(got.Count))
	if got.Repaired > 0 {
		answer = append(answer, `,"repaired":`+strconv.Itoa(got.Repaired)...)
	}
	if isDuplicate(got) {
		answer = append(answer, `,"duplicate":true`...)
	}
	reply(w, http.StatusOK, append(answer, '}'))
}

// isDuplicate reports whether a whole body had been stored before.
func isDuplicate(got intake.Receipt) bool { return got.Count > 0 && got.Duplicates == got.Count }
