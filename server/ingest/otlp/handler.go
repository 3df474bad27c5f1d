// Package otlp takes log records in the OpenTelemetry Protocol: POST /v1/logs with
// protobuf or JSON, and the service LogsService over gRPC.
//
// [New] makes the handler for HTTP, [NewGRPC] the server for gRPC. Both read a body
// one LogRecord at a time, so that one that is broken costs only itself: the sender is
// told of it as partial success.
//
// The package takes logs only, no traces and no metrics. It is no part of a pipeline:
// it sends nothing on.
package otlp

import (
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
)

// Path is where the handler is mounted.
const Path = "/v1/logs"

// The names in the ledger.
const (
	Protocol     = "otlp"      // over HTTP
	ProtocolGRPC = "otlp-grpc" // over gRPC
)

// Handler serves POST /v1/logs. It may be called concurrently.
type Handler struct{ door }

var _ http.Handler = (*Handler)(nil)

// New makes a handler behind a gate.
func New(g *gate.Gate) *Handler { return &Handler{newDoor(g)} }

// ServeHTTP answers one request, in the request's own encoding.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wire, known := wireOf(r)
	refuse := func(err error) { refuseHTTP(w, wire, err) }
	if !h.gate.Admit(w, r, func(e *gate.Refusal) { refuse(e) }) {
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(&gate.Refusal{Status: http.StatusMethodNotAllowed, Message: Path + " does not take " + r.Method, Hint: "records are sent with POST"})
		return
	}
	if !known {
		refuse(&gate.Refusal{
			Status: http.StatusUnsupportedMediaType, Message: fmt.Sprintf("the Content-Type %.100q is not one of OTLP", r.Header.Get("Content-Type")),
			Hint: "send " + typeProto + " or " + typeJSON,
		})
		return
	}
	q, err := h.gate.Open(r, gate.Door{Protocol: Protocol, Encodings: []string{body.Gzip, body.Zstd}})
	if err != nil {
		refuse(err)
		return
	}
	defer q.Close()
	out, err := h.store(r.Context(), q, wire)
	if err != nil {
		refuse(err)
		return
	}
	reply(w, wire, http.StatusOK, wire.success(out))
}

// wireOf tells the encoding of a request by its Content-Type. A request of another one
// is answered in JSON, which people can read.
func wireOf(r *http.Request) (wire, bool) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil:
	case media == typeProto:
		return protobufWire(), true
	case media == typeJSON:
		return jsonWire(), true
	}
	return jsonWire(), false
}

// refuseHTTP answers with an error.
func refuseHTTP(w http.ResponseWriter, wire wire, err error) {
	why := refusal(err)
	why.SetHeader(w.Header())
	reply(w, wire, why.Status, wire.failure(statusOf(why)))
}

// reply ignores an error of writing: the client has left, and nothing can be done
// for it.
func reply(w http.ResponseWriter, wire wire, status int, data []byte) {
	w.Header().Set("Content-Type", wire.contentType)
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// refusal unwraps what the gate returns.
func refusal(err error) *gate.Refusal {
	var why *gate.Refusal
	if !errors.As(err, &why) {
		panic("BUG: an error that is no refusal: " + err.Error())
	}
	return why
}
