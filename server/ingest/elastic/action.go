package elastic

import (
	"bytes"
	"fmt"

	"github.com/weirlog/weir/record"
)

// op is what a line of a bulk body asks for.
type op uint8

const (
	opIndex op = iota
	opCreate
	opUpdate
	opDelete
	opsCount
)

func (o op) String() string {
	return [...]string{"index", "create", "update", "delete"}[o]
}

func opOf(name string) (op, bool) {
	for o := range opsCount {
		if o.String() == name {
			return o, true
		}
	}
	return 0, false
}

// stores reports whether the operation brings a document that can be kept.
func (o op) stores() bool { return o == opIndex || o == opCreate }

// action is one line that says what to do, and the document behind it. Its document is
// part of the body.
type action struct {
	op       op
	index    string // "" for the path's
	id       string // "" when the client gave none
	document []byte // nil when there is none
}

// actions walks over a bulk body: lines of actions, each but a delete with a document
// on the next line.
type actions struct {
	data []byte
	line int // the number of the last line
	last []byte
	same action // of last
	now  action
	err  error
}

// next moves to the next action; false at the end, or when err says what is wrong.
func (a *actions) next() bool {
	var line []byte
	for len(bytes.TrimSpace(line)) == 0 {
		if len(a.data) == 0 {
			return false
		}
		line = a.cut()
	}
	if a.last == nil || !bytes.Equal(line, a.last) {
		same, err := parseAction(line)
		if err != nil {
			a.err = fmt.Errorf("Malformed action/metadata line [%d], %w", a.line, err) //nolint:staticcheck // Elasticsearch's words
			return false
		}
		a.last, a.same = line, same
	}
	a.now = a.same
	if a.now.op != opDelete && len(a.data) > 0 {
		a.now.document = bytes.TrimSpace(a.cut())
	}
	return true
}

// cut takes a line off.
func (a *actions) cut() []byte {
	a.line++
	line, rest, _ := bytes.Cut(a.data, []byte("\n"))
	a.data = rest
	return line
}

// parseAction reads {"create":{"_index":"…","_id":"…"}}. Other keys are passed over, as
// Elasticsearch does: winston-elasticsearch writes one.
func parseAction(line []byte) (a action, err error) {
	ops := 0
	var meta []byte
	first := ""
	if err := record.Members(line, func(key string, value []byte) bool {
		if first == "" {
			first = key
		}
		if o, ok := opOf(key); ok {
			ops++
			a.op, meta = o, value
		}
		return true
	}); err != nil {
		return a, fmt.Errorf("expected an object: %w", err)
	}
	if ops != 1 {
		return a, fmt.Errorf("expected one of [create, delete, index, update] but found [%.40q]", first)
	}
	if err := record.Members(meta, func(key string, value []byte) bool {
		switch key {
		case "_index":
			a.index = textOf(value)
		case "_id":
			a.id = textOf(value)
		}
		return true
	}); err != nil {
		return a, fmt.Errorf("expected an object behind [%s]: %w", a.op, err)
	}
	if len(a.index) > maxIndexName {
		return a, fmt.Errorf("the name of the index is longer than %d bytes", maxIndexName)
	}
	return a, nil
}

// textOf returns a JSON string's text, "" for null, and other values as they are
// written.
func textOf(value []byte) string {
	value = bytes.TrimSpace(value)
	switch {
	case string(value) == "null":
		return ""
	case len(value) > 1 && value[0] == '"' && bytes.IndexByte(value, '\\') < 0:
		return string(value[1 : len(value)-1])
	case len(value) > 0 && value[0] == '"':
		attrs, err := record.ParseAttrs(append(append([]byte(`{"v":`), value...), '}'))
		if err == nil && len(attrs) == 1 {
			return attrs[0].Value.String()
		}
	}
	return string(value)
}
