package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/weirlog/weir/view"
)

// apiError is an error as the client gets it.
type apiError struct {
	status  int
	code    string
	message string
	hint    string
}

func (e *apiError) Error() string { return e.message }

// retryAfter is what a client that is told to come back waits: searches are over
// within seconds.
const retryAfter = time.Second

// errBusy is the answer when all places for searches stay taken.
var errBusy = &apiError{
	http.StatusTooManyRequests, "busy", "too many searches run at once",
	"try again in a moment, or narrow the search with since:15m",
}

func badRequest(code, message, hint string) *apiError {
	return &apiError{http.StatusBadRequest, code, message, hint}
}

// writeError answers with a JSON error.
func writeError(w http.ResponseWriter, e apiError) {
	if e.status == http.StatusTooManyRequests || e.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	}
	writeJSON(w, e.status, ErrorBody{ErrorDetail{e.code, e.message, e.hint}})
}

// writeJSON answers with v, which always encodes.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

// describe turns an error of the backend into an answer.
func describe(err error) apiError {
	var known *apiError
	switch {
	case errors.As(err, &known):
		return *known
	case errors.Is(err, view.ErrNotFound):
		return apiError{http.StatusNotFound, "not_found", "there is no record with this id", "it may have been evicted from memory or removed by retention"}
	case errors.Is(err, context.DeadlineExceeded):
		return apiError{http.StatusGatewayTimeout, "deadline", "the search took too long", "narrow it with since:15m or a field, as service:checkout"}
	case errors.Is(err, context.Canceled):
		return apiError{http.StatusServiceUnavailable, "unavailable", "the request was given up", ""}
	}
	return apiError{http.StatusServiceUnavailable, "unavailable", "the records cannot be read: " + err.Error(), "the server's own log says more"}
}
