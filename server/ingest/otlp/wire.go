package otlp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/weirlog/weir/server/ingest/gate"
)

// The encodings of OTLP.
const (
	typeProto = "application/x-protobuf"
	typeJSON  = "application/json"
)

// wire is one of OTLP's two encodings: how a body is read and how it is answered.
type wire struct {
	contentType string
	code        string // of a refusal of a broken body
	// walk calls to with the parts of a body in their order: a resource, a scope of it,
	// the records of that. The error is to's, or says what is wrong with the body around
	// the records.
	walk func(data []byte, to visitor) error
	// entry reads one record. Its error costs this record only.
	entry func(data []byte) (*entry, error)

	success func(outcome) []byte
	failure func(status) []byte
}

// visitor is led through a body. What it is given is valid during the call.
type visitor interface {
	resource(*resource) error
	scope(*scope) error
	record(data []byte) error
}

func protobufWire() wire {
	return wire{
		contentType: typeProto, code: gate.CodeBadBody, walk: walkProto, entry: protoEntry,
		success: outcome.proto, failure: status.proto,
	}
}

func jsonWire() wire {
	return wire{
		contentType: typeJSON, code: gate.CodeBadJSON, walk: walkJSON, entry: jsonEntry,
		success: outcome.json, failure: status.json,
	}
}

// outcome is what became of a body that was taken.
type outcome struct {
	rejected int64  // records that were not
	message  string // why
}

// proto encodes an ExportLogsServiceResponse.
func (o outcome) proto() []byte {
	if o == (outcome{}) {
		return nil
	}
	const partialSuccess, rejected, message = 1, 1, 2
	var partial []byte
	partial = protowire.AppendTag(partial, rejected, protowire.VarintType)
	partial = protowire.AppendVarint(partial, uint64(o.rejected))
	partial = appendText(partial, message, o.message)
	return protowire.AppendBytes(protowire.AppendTag(nil, partialSuccess, protowire.BytesType), partial)
}

func (o outcome) json() []byte {
	type partial struct {
		Rejected int64  `json:"rejectedLogRecords,string"`
		Message  string `json:"errorMessage"`
	}
	var answer struct {
		Partial *partial `json:"partialSuccess,omitempty"`
	}
	if o != (outcome{}) {
		answer.Partial = &partial{o.rejected, o.message}
	}
	return marshal(answer)
}

// status is a google.rpc.Status: one of gRPC's codes, a text for people, and, for what
// may be taken later, when.
type status struct {
	code    int
	message string
	retry   time.Duration
}

// Codes of gRPC.
const (
	codeOK                = 0
	codeInvalidArgument   = 3
	codeDeadlineExceeded  = 4
	codePermissionDenied  = 7
	codeResourceExhausted = 8
	codeUnimplemented     = 12
	codeInternal          = 13
	codeUnavailable       = 14
)

// statusOf says why a body was refused. A client comes again with what is
// UNAVAILABLE or DEADLINE_EXCEEDED; with what is RESOURCE_EXHAUSTED only when it is
// told when: a body that is too large will not be smaller.
func statusOf(why *gate.Refusal) status {
	s := status{code: codeInvalidArgument, message: why.Message, retry: why.RetryAfter}
	if why.Hint != "" {
		s.message += "; " + why.Hint
	}
	switch why.Status {
	case http.StatusForbidden:
		s.code = codePermissionDenied
	case http.StatusMethodNotAllowed, http.StatusNotFound:
		s.code = codeUnimplemented
	case http.StatusRequestTimeout:
		s.code = codeDeadlineExceeded
	case http.StatusRequestEntityTooLarge, http.StatusTooManyRequests:
		s.code = codeResourceExhausted
	case http.StatusServiceUnavailable:
		s.code = codeUnavailable
	}
	return s
}

func (s status) proto() []byte {
	const code, message, details = 1, 2, 3
	b := protowire.AppendVarint(protowire.AppendTag(nil, code, protowire.VarintType), uint64(s.code))
	b = appendText(b, message, s.message)
	if s.retry > 0 {
		b = protowire.AppendBytes(protowire.AppendTag(b, details, protowire.BytesType), s.retryInfo())
	}
	return b
}

// retryInfo encodes a google.rpc.RetryInfo in a google.protobuf.Any.
func (s status) retryInfo() []byte {
	const typeURL, value, delay, seconds, nanos = 1, 2, 1, 1, 2
	var duration []byte
	duration = protowire.AppendVarint(protowire.AppendTag(duration, seconds, protowire.VarintType), uint64(s.retry/time.Second))
	duration = protowire.AppendVarint(protowire.AppendTag(duration, nanos, protowire.VarintType), uint64(s.retry%time.Second))
	info := protowire.AppendBytes(protowire.AppendTag(nil, delay, protowire.BytesType), duration)
	b := appendText(nil, typeURL, "type.googleapis.com/google.rpc.RetryInfo")
	return protowire.AppendBytes(protowire.AppendTag(b, value, protowire.BytesType), info)
}

func (s status) json() []byte {
	return marshal(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{s.code, s.message})
}

// appendText appends a field of text, which in protobuf is UTF-8.
func appendText(b []byte, num protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), valid(text))
}

func marshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("BUG: %T cannot be encoded: %v", v, err))
	}
	return data
}
