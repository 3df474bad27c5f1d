package elastic

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// fieldSet says which parts of an item are wanted.
type fieldSet struct {
	index, id, version, result, shards, seqNo, term, status bool

	errorType, errorReason bool
}

func allFields() fieldSet {
	return fieldSet{true, true, true, true, true, true, true, true, true, true}
}

// itemWriter writes the items of one answer.
type itemWriter struct {
	answer *bulkAnswer
	sets   [opsCount]fieldSet
	fields fieldSet // of the item that is written
	ids    *ids
	left   int // documents that are stored and not yet written

	lastIndex string // the last index and its JSON
	indexJSON []byte
}

func newItemWriter(b *bulkAnswer) *itemWriter {
	w := &itemWriter{answer: b, ids: newIDs(), left: b.stored}
	for o := range opsCount {
		w.sets[o] = b.filter.fields(o)
	}
	return w
}

// append appends an action's item, or nothing when nothing of it is wanted.
func (w *itemWriter) append(out []byte, a *action) []byte {
	index := a.index
	if index == "" {
		index = w.answer.index
	}
	w.fields = w.sets[a.op]
	begin := len(out)
	out = append(append(append(out, `{"`...), a.op.String()...), `":{`...)
	inner := len(out)
	switch {
	case !a.op.stores():
		out = w.appendFailed(out, index, a.id, problem{http.StatusBadRequest, "illegal_argument_exception", fmt.Sprintf("[%s] is not supported: weir only adds documents", a.op)})
	case a.document == nil:
		out = w.appendFailed(out, index, a.id, problem{http.StatusBadRequest, "document_parsing_exception", "the document is missing behind the last action"})
	case w.left > 0:
		w.left--
		out = w.appendStored(out, index, a.id)
	default:
		out = w.appendFailed(out, index, a.id, w.answer.later())
	}
	if len(out) == inner {
		return out[:begin]
	}
	return append(out, "}}"...)
}

// later is why a document is not stored that may be stored when it comes again. All
// clients send an item of status 429 again, and some no other.
func (b *bulkAnswer) later() problem {
	if b.why == nil { // cannot be: without a refusal all documents are stored
		return problem{http.StatusTooManyRequests, "es_rejected_execution_exception", "the document was not stored"}
	}
	p := problem{b.why.Status, kindOf(b.why), b.why.Message}
	if b.why.Temporary() {
		p.status, p.kind = http.StatusTooManyRequests, "es_rejected_execution_exception"
	}
	return p
}

func (w *itemWriter) appendNames(out []byte, index, id string) []byte {
	if w.fields.index {
		out = append(appendKey(out, "_index"), w.quotedIndex(index)...)
	}
	if !w.fields.id {
		return out
	}
	out = appendKey(out, "_id")
	if id == "" {
		return append(append(append(out, '"'), w.ids.next()...), '"')
	}
	return append(out, quoted(id)...)
}

// appendStored appends the members of a document that is durable.
func (w *itemWriter) appendStored(out []byte, index, id string) []byte {
	out = w.appendNames(out, index, id)
	if w.fields.version {
		out = append(appendKey(out, "_version"), '1')
	}
	if w.fields.result {
		out = append(appendKey(out, "result"), `"created"`...)
	}
	if w.fields.shards {
		out = append(appendKey(out, "_shards"), `{"total":1,"successful":1,"failed":0}`...)
	}
	if w.fields.seqNo {
		out = append(appendKey(out, "_seq_no"), '0')
	}
	if w.fields.term {
		out = append(appendKey(out, "_primary_term"), '1')
	}
	if w.fields.status {
		out = append(appendKey(out, "status"), "201"...)
	}
	return out
}

// appendFailed appends the members of an action that was not done.
func (w *itemWriter) appendFailed(out []byte, index, id string, p problem) []byte {
	out = w.appendNames(out, index, id)
	if w.fields.status {
		out = strconv.AppendInt(appendKey(out, "status"), int64(p.status), 10)
	}
	if !w.fields.errorType && !w.fields.errorReason {
		return out
	}
	out = append(appendKey(out, "error"), '{')
	if w.fields.errorType {
		out = append(appendKey(out, "type"), quoted(p.kind)...)
	}
	if w.fields.errorReason {
		out = append(appendKey(out, "reason"), quoted(p.reason)...)
	}
	return append(out, '}')
}

// appendKey appends a key, and a comma before all but the first of an object.
func appendKey(out []byte, key string) []byte {
	if out[len(out)-1] != '{' {
		out = append(out, ',')
	}
	return append(append(append(out, '"'), key...), `":`...)
}

func (w *itemWriter) quotedIndex(index string) []byte {
	if w.indexJSON == nil || index != w.lastIndex {
		w.lastIndex, w.indexJSON = index, quoted(index)
	}
	return w.indexJSON
}

// quoted is a text in JSON.
func quoted(text string) []byte {
	out, err := json.Marshal(text)
	if err != nil {
		panic("BUG: a text is always JSON: " + err.Error())
	}
	return out
}
