package collector

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
)

// refuse answers as the clients know it. err is a *gate.Refusal; what is not would be
// an error that nobody thought of.
func refuse(w http.ResponseWriter, err error) {
	var why *gate.Refusal
	if !errors.As(err, &why) {
		panic("BUG: the gate returned an error that is no refusal: " + err.Error())
	}
	why.SetHeader(w.Header())
	tell(w, why.Status, detailOf(why))
}

// detailOf says what is wrong in the words of the log-collector's server, where it has
// some.
func detailOf(why *gate.Refusal) string {
	var bad *body.EncodingError
	text := why.Message
	switch {
	case errors.As(why.Err, &bad):
		return "Failed to decompress gzip: " + text
	case why.Code == gate.CodeTooLarge:
		text = "Body too large: " + text
	case why.Code == gate.CodeBadRequest:
		text = "Failed to read the body: " + text
	}
	if why.Hint != "" {
		text += "; " + why.Hint
	}
	return text
}

func badMethod(w http.ResponseWriter, allowed string) {
	w.Header().Set("Allow", allowed)
	tell(w, http.StatusMethodNotAllowed, "Method Not Allowed")
}

// tell answers with an error.
func tell(w http.ResponseWriter, status int, detail string) {
	replyJSON(w, status, struct {
		Detail string `json:"detail"`
	}{detail})
}

func replyJSON(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("BUG: an answer cannot be encoded: " + err.Error())
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
