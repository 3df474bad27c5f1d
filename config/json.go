package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deep lists and objects lie in each other. Settings need six.
const maxDepth = 32

// JSON returns the decoder of JSON files. Load and Parse know it without being told.
func JSON() Decoder { return Decoder{Extensions: []string{".json"}, Decode: decodeJSON} }

// jsonReader reads tokens and knows where each begins.
type jsonReader struct {
	data []byte
	dec  *json.Decoder
}

func decodeJSON(data []byte) (*Node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	node, err := r.value(0)
	if err != nil {
		return nil, r.fail(err)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, r.fail(errors.New("there is more after the end of the settings"))
	}
	return &node, nil
}

// start is where the next token begins.
func (r *jsonReader) start() int {
	at := int(r.dec.InputOffset())
	for at < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[at]) >= 0 {
		at++
	}
	return at
}

func (r *jsonReader) value(depth int) (Node, error) {
	if depth > maxDepth {
		return Node{}, fmt.Errorf("lists and objects lie more than %d deep in each other", maxDepth)
	}
	var n Node
	n.Line, n.Column = position(r.data, r.start())
	token, err := r.dec.Token()
	if err != nil {
		return n, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			n.Kind = KindObject
			return n, r.members(&n, depth)
		}
		n.Kind = KindList
		for r.dec.More() {
			item, err := r.value(depth + 1)
			if err != nil {
				return n, err
			}
			n.Items = append(n.Items, item)
		}
		_, err = r.dec.Token()
		return n, err
	case string:
		n.Kind, n.Text = KindText, t
	case json.Number:
		n.Kind, n.Text = KindNumber, t.String()
	case bool:
		n.Kind, n.Text = KindBool, fmt.Sprint(t)
	}
	return n, nil
}

func (r *jsonReader) members(n *Node, depth int) error {
	seen := make(map[string]bool)
	for r.dec.More() {
		m := Member{}
		m.Line, m.Column = position(r.data, r.start())
		token, err := r.dec.Token()
		if err != nil {
			return err
		}
		m.Key, _ = token.(string) // the decoder lets nothing else be a key
		if seen[m.Key] {
			return &SyntaxError{Line: m.Line, Column: m.Column, Err: fmt.Errorf("the key %q is there twice", m.Key)}
		}
		seen[m.Key] = true
		if m.Value, err = r.value(depth + 1); err != nil {
			return err
		}
		n.Members = append(n.Members, m)
	}
	_, err := r.dec.Token()
	return err
}

// fail adds the place to an error.
func (r *jsonReader) fail(err error) error {
	var placed *SyntaxError
	if errors.As(err, &placed) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the file ends in the middle of the settings")
	}
	at := r.start()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > int64(at) {
		at = int(syntax.Offset) - 1
	}
	line, column := position(r.data, at)
	return &SyntaxError{Line: line, Column: column, Err: err}
}

// position counts lines, and characters in the line, from 1.
func position(data []byte, offset int) (line, column int) {
	before := data[:min(max(offset, 0), len(data))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}
