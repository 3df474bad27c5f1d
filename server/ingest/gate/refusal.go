package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/intake"
)

// Refusal is why a request was not taken. Code is one of docs/wire.md's.
type Refusal struct {
	Status     int // of HTTP
	Code       string
	Message    string
	Hint       string        // what to do about it; may be empty
	RetryAfter time.Duration // when to come again with the same; 0: not at all
	Err        error         // the cause; may be nil
}

func (e *Refusal) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Refusal) Unwrap() error { return e.Err }

// SetHeader writes Retry-After, in whole seconds, where there is one.
func (e *Refusal) SetHeader(h http.Header) {
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int((e.RetryAfter+time.Second-1)/time.Second))))
	}
}

// Temporary reports whether the same may be taken later.
func (e *Refusal) Temporary() bool { return e.RetryAfter > 0 }

// The codes of refusals.
const (
	CodeBadRequest  = "bad_request"
	CodeBadJSON     = "bad_json"
	CodeBadBody     = "bad_body" // not what the protocol's other forms are
	CodeBadEncoding = "bad_encoding"
	CodeBadKey      = "bad_key"
	CodeKeyReused   = "key_reused"
	CodeTooLarge    = "too_large"
	CodeRate        = "rate"
	CodeUnavailable = "unavailable"
)

// retryAfter is what a client is told to wait when records cannot be stored now.
const retryAfter = 2 * time.Second

// Bad is a refusal of a body that is not what it should be.
func Bad(code string, err error, hint string) *Refusal {
	return &Refusal{Status: http.StatusBadRequest, Code: code, Message: err.Error(), Hint: hint, Err: err}
}

// refusalOf makes a refusal of an error of reading or storing.
func refusalOf(err error) *Refusal {
	var known *Refusal
	var large *body.TooLargeError
	var bad *body.EncodingError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &large):
		hint := "send smaller batches, or start the server with a larger --max-body"
		if large.Unpacked {
			hint = "send smaller batches, or start the server with a larger --max-decoded"
		}
		return &Refusal{Status: http.StatusRequestEntityTooLarge, Code: CodeTooLarge, Message: large.Error(), Hint: hint, Err: err}
	case errors.As(err, &bad):
		return &Refusal{Status: http.StatusBadRequest, Code: CodeBadEncoding, Message: bad.Error(), Hint: "the body must be what its Content-Encoding says", Err: err}
	case errors.Is(err, intake.ErrBadKey):
		return Bad(CodeBadKey, err, "a key <source>/<first>-<last> numbers each record of the body; for a body without numbers use one of another form, such as a UUID")
	case errors.Is(err, intake.ErrKeyReused):
		return &Refusal{Status: http.StatusUnprocessableEntity, Code: CodeKeyReused, Message: err.Error(), Hint: "nothing of this body was stored; send it with a new key", Err: err}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Refusal{Status: http.StatusRequestTimeout, Code: CodeBadRequest, Message: err.Error(), Hint: "the body took too long to arrive; send smaller batches", Err: err}
	case errors.Is(err, errFull), errors.Is(err, intake.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &Refusal{Status: http.StatusServiceUnavailable, Code: CodeUnavailable, Message: err.Error(), Hint: "send the same again after the seconds in Retry-After", RetryAfter: retryAfter, Err: err}
	}
	return &Refusal{Status: http.StatusBadRequest, Code: CodeBadRequest, Message: err.Error(), Err: err}
}

// tooMany refuses a body for the number of its records.
func tooMany(limit int) *Refusal {
	return &Refusal{
		Status: http.StatusRequestEntityTooLarge, Code: CodeTooLarge,
		Message: fmt.Sprintf("the body has more than %d records", limit),
		Hint:    "send smaller batches, or start the server with a larger --max-batch",
	}
}

// errSlow: the store has not said what became of records.
var errSlow = errors.New("they may still be stored")

// tooSlow refuses to wait longer for a store that hangs.
func tooSlow(n int, waited time.Duration, keyed bool) *Refusal {
	e := &Refusal{
		Status: http.StatusServiceUnavailable, Code: CodeUnavailable, RetryAfter: retryAfter, Err: errSlow,
		Message: fmt.Sprintf("the store has not answered for %v about %d records: %v", waited, n, errSlow),
		Hint:    "send the same again after the seconds in Retry-After; without a key it may then be stored twice",
	}
	if keyed {
		e.Hint = "send the same again, with the same key, after the seconds in Retry-After"
	}
	return e
}

func tooFast(wait time.Duration, rate float64) *Refusal {
	return &Refusal{
		Status: http.StatusTooManyRequests, Code: CodeRate, RetryAfter: wait,
		Message: fmt.Sprintf("this sender sent more than %g records a second", rate),
		Hint:    "send the same again after the seconds in Retry-After; the server's --max-rate is the limit",
	}
}
