package elastic

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
)

// mediaType is what newer clients ask for, with a parameter for the version.
const mediaType = "application/vnd.elasticsearch+json"

// setType sets the Content-Type that the client asked for.
func setType(w http.ResponseWriter, r *http.Request) {
	kind := "application/json"
	if accept := r.Header.Get("Accept"); strings.HasPrefix(accept, mediaType) && !strings.ContainsAny(accept, ",\r\n") {
		kind = accept
	}
	w.Header().Set("Content-Type", kind)
}

// problem is an error in Elasticsearch's words.
type problem struct {
	status int
	kind   string
	reason string
}

// write ignores an error of writing: the client has left.
func (p problem) write(w http.ResponseWriter, r *http.Request) {
	type cause struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	}
	type causes struct {
		Root   []cause `json:"root_cause"`
		Type   string  `json:"type"`
		Reason string  `json:"reason"`
	}
	reply(w, r, p.status, struct {
		Error  causes `json:"error"`
		Status int    `json:"status"`
	}{causes{[]cause{{p.kind, p.reason}}, p.kind, p.reason}, p.status})
}

// refuse answers with why a request was not taken.
func refuse(w http.ResponseWriter, r *http.Request, why *gate.Refusal) {
	why.SetHeader(w.Header())
	reason := why.Message
	if why.Hint != "" {
		reason += "; " + why.Hint
	}
	problem{why.Status, kindOf(why), reason}.write(w, r)
}

// kindOf is what Elasticsearch calls a refusal.
func kindOf(why *gate.Refusal) string {
	switch why.Status {
	case http.StatusTooManyRequests:
		return "es_rejected_execution_exception"
	case http.StatusServiceUnavailable:
		return "unavailable_shards_exception"
	case http.StatusRequestEntityTooLarge:
		return "content_too_long_exception"
	case http.StatusForbidden:
		return "security_exception"
	}
	if why.Code == gate.CodeBadJSON {
		return "document_parsing_exception"
	}
	return "illegal_argument_exception"
}

func reply(w http.ResponseWriter, r *http.Request, status int, v any) {
	setType(w, r)
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}

// bulkAnswer tells what became of each document of a body.
type bulkAnswer struct {
	filter filter
	index  string // the path's
	stored int    // documents from the front that are durable
	why    *gate.Refusal
	errors bool
	took   time.Duration
}

// flushAt is how much of an answer is put together before it is sent: a body of 64 MiB
// of very small documents has an answer of a gigabyte.
const flushAt = 32 << 10

// write walks over the body once more. The answer's beginning is to the byte what
// Fluent Bit looks for in an answer that is longer than its buffer.
func (b *bulkAnswer) write(w http.ResponseWriter, data []byte) {
	out := append(make([]byte, 0, flushAt+4<<10), '{')
	comma := func() {
		if out[len(out)-1] != '{' {
			out = append(out, ',')
		}
	}
	if b.filter.keeps("took") {
		out = strconv.AppendInt(append(out, `"took":`...), b.took.Milliseconds(), 10)
	}
	if b.filter.keeps("errors") {
		comma()
		out = strconv.AppendBool(append(out, `"errors":`...), b.errors)
	}
	if b.filter.keepsItems() {
		comma()
		out = append(out, `"items":[`...)
		items := newItemWriter(b)
		first := true
		for all := (actions{data: data}); all.next(); {
			before := len(out)
			if !first {
				out = append(out, ',')
			}
			begin := len(out)
			if out = items.append(out, &all.now); len(out) == begin {
				out = out[:before]
				continue
			}
			first = false
			if len(out) >= flushAt {
				if _, err := w.Write(out); err != nil {
					return
				}
				out = out[:0]
			}
		}
		out = append(out, ']')
	}
	_, _ = w.Write(append(out, "}\n"...))
}

// ids are names for documents that came without one. They name nothing here, but
// clients expect one.
type ids struct {
	prefix string
	n      uint64
}

func newIDs() *ids { return &ids{prefix: rand.Text()[:12]} }

func (i *ids) next() string {
	i.n++
	return i.prefix + strconv.FormatUint(i.n, 36)
}
