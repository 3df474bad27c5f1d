// Package loki takes what Grafana Loki's clients push: POST /loki/api/v1/push, as
// JSON or as snappy-compressed protobuf.
//
// [New] makes the handler, [Patterns] are the paths to mount it at. The labels of a
// stream become its service, host, environment and level, or attributes; the line of
// an entry is read as a line of a log is: JSON, logfmt or text with a time and a level
// in front. A body that comes again word for word is not stored again.
//
// The package does not answer queries: Grafana reads nothing here.
package loki

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/repeat"
)

// Protocol is the protocol's name in the ledger.
const Protocol = "loki"

// The paths: of Loki, of Loki before 1.0, and those that clients ask before they push.
const (
	PathPush       = "/loki/api/v1/push"
	PathLegacyPush = "/api/prom/push"
	PathReady      = "/ready"
	PathBuildInfo  = "/loki/api/v1/status/buildinfo"
)

// Patterns are what to mount the handler at, for http.ServeMux.
func Patterns() []string { return []string{PathPush, PathLegacyPush, PathReady, PathBuildInfo} }

// Options shape the handler; zero fields take the defaults.
type Options struct {
	// Ready tells why no records can be taken in now; nil: they always can.
	Ready func() error
	Clock func() time.Time // default time.Now
}

// Handler serves Loki's push API. It may be called concurrently.
type Handler struct {
	gate    *gate.Gate
	ready   func() error
	repeats *repeat.Memory
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
	return &Handler{gate: g, ready: opts.Ready, repeats: repeat.New(repeatWindow, opts.Clock)}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Admit(w, r, func(why *gate.Refusal) { refuse(w, why) }) {
		return
	}
	switch r.URL.Path {
	case PathReady:
		h.read(w, r, h.readiness)
	case PathBuildInfo:
		h.read(w, r, buildInfo)
	default:
		h.servePush(w, r)
	}
}

func (h *Handler) servePush(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		notAllowed(w, r, http.MethodPost)
		return
	}
	if why := h.push(r); why != nil {
		refuse(w, why)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// read answers what is only asked for.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, answer func(http.ResponseWriter)) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		notAllowed(w, r, "GET, HEAD")
		return
	}
	answer(w)
}

// readiness is what Vector asks before it starts.
func (h *Handler) readiness(w http.ResponseWriter) {
	if err := h.ready(); err != nil {
		line(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
		return
	}
	line(w, http.StatusOK, "ready")
}

// version is the Loki whose push API this is: the first whose clients send
// structured metadata to every tenant without asking.
const version = "3.0.0"

func buildInfo(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"version":"`+version+`","revision":"","branch":"","buildUser":"","buildDate":"","goVersion":""}`+"\n")
}

// refuse answers in Loki's way: a status that tells a client whether to come again,
// and one line of text, which clients put in their own log.
func refuse(w http.ResponseWriter, why *gate.Refusal) {
	why.SetHeader(w.Header())
	message := why.Message
	if why.Hint != "" {
		message += "; " + why.Hint
	}
	line(w, why.Status, message)
}

func notAllowed(w http.ResponseWriter, r *http.Request, allowed string) {
	w.Header().Set("Allow", allowed)
	line(w, http.StatusMethodNotAllowed, fmt.Sprintf("%s does not take %s; it takes %s", r.URL.Path, r.Method, allowed))
}

// line writes one line. An error of writing is ignored: the client has left.
func line(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}
