//go:build goexperiment.jsonv2

package main

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"io"
)

// experimental is the decoder of tokens below encoding/json/v2, with its strictness relaxed as far as it
// goes.
func experimental() []decoder { return []decoder{{"encoding/json/v2", tokenBody, tokenMember}} }

func tokens(data []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// tokenBody reads every token; the records are the objects two levels down.
func tokenBody(data []byte) (n int, err error) {
	d := tokens(data)
	for {
		t, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		switch t.Kind() {
		case '{':
			if d.StackDepth() == 3 {
				n++
			}
		case '"':
			_ = len(t.String())
		case '0':
			_ = t.Float()
		}
	}
}

func tokenMember(data []byte, visit func(key, value string)) error {
	d := tokens(data)
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := key.String()
		value, err := d.ReadToken()
		if err != nil {
			return err
		}
		visit(name, value.String())
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errShape
	}
	return nil
}
