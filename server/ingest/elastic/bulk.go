package elastic

import (
	"errors"
	"net/http"

	"github.com/weirlog/weir/server/ingest/gate"
)

// tally is what a bulk body holds.
type tally struct {
	documents int // that can be kept
	others    int // actions that cannot be done
}

var errNoActions = errors.New("request body is required")

// count reads the whole body as far as its actions go, so that what is wrong with its
// end is known before anything is stored.
func count(data []byte) (t tally, err error) {
	all := actions{data: data}
	for all.next() {
		if all.now.op.stores() && all.now.document != nil {
			t.documents++
		} else {
			t.others++
		}
	}
	if all.err == nil && t == (tally{}) {
		return t, errNoActions
	}
	return t, all.err
}

// bulk stores the documents of a request and answers for each of them.
func (h *Handler) bulk(w http.ResponseWriter, r *http.Request, at target) {
	began := h.clock()
	q, why := h.open(r)
	if why != nil {
		refuse(w, r, why)
		return
	}
	defer q.Close()
	have, err := count(q.Data)
	if err != nil {
		refuse(w, r, q.Refuse(gate.Bad(gate.CodeBadBody, err, "nothing of this body was stored; a body is lines of JSON: an action, and behind it its document")))
		return
	}
	parts := q.Parts(r.Context())
	parts.Check = func() (int, error) { return have.documents, nil }
	reader := newReader()
	for all := (actions{data: q.Data}); all.next(); {
		if !all.now.op.stores() || all.now.document == nil {
			continue
		}
		if parts.Add(reader.record(&all.now, at.index)) != nil {
			break
		}
	}
	got, err := parts.End()
	out := bulkAnswer{filter: filterOf(r), index: at.index, stored: got.Count}
	if err != nil {
		out.why = refusal(err)
		if got.Count == 0 {
			refuse(w, r, out.why)
			return
		}
		out.why.SetHeader(w.Header())
	}
	out.errors = err != nil || have.others > 0
	out.took = h.clock().Sub(began)
	setType(w, r)
	out.write(w, q.Data)
}

// document stores one document.
func (h *Handler) document(w http.ResponseWriter, r *http.Request, at target) {
	q, why := h.open(r)
	if why != nil {
		refuse(w, r, why)
		return
	}
	defer q.Close()
	one := action{op: opCreate, id: at.id, document: q.Data}
	rec, err := newReader().parse(&one, at.index)
	if err != nil {
		refuse(w, r, q.Refuse(gate.Bad(gate.CodeBadJSON, err, "nothing was stored; the body is one JSON object")))
		return
	}
	parts := q.Parts(r.Context())
	_ = parts.Add(rec) // End returns its error
	if _, err := parts.End(); err != nil {
		refuse(w, r, refusal(err))
		return
	}
	setType(w, r)
	w.WriteHeader(http.StatusCreated)
	items := itemWriter{fields: allFields(), ids: newIDs()}
	_, _ = w.Write(append(items.appendStored([]byte("{"), at.index, at.id), "}\n"...))
}
