package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/weirlog/weir/record"
)

// arrival is what a sink is given of a record.
type arrival struct {
	mark
	added  bool // by a processor
	logger string
	seq    uint64
}

// arrivalOf reads a record.
func arrivalOf(r *record.Record) (arrival, error) {
	a := arrival{logger: r.Logger, seq: r.Seq}
	if r.Message == copyMessage {
		a.added = true
		return a, nil
	}
	m, err := parseMark(r.Message)
	if err != nil {
		return a, err
	}
	a.mark = m
	for _, attr := range r.Attrs {
		switch {
		case attr.Key == "padding" && (attr.Value.Kind() != slog.KindString || !m.hasPadding(attr.Value.String())):
			return a, fmt.Errorf("record %v has the padding of another", m)
		case attr.Key == "n" && attr.Value.Kind() == slog.KindInt64 && uint64(attr.Value.Int64()) != m.number:
			return a, fmt.Errorf("record %v has the number %v", m, attr.Value)
		}
	}
	return a, nil
}

// validEvery is how many lines there are for each that is parsed as a whole.
const validEvery = 8

var errNoJSON = errors.New("a line is no JSON")

// arrivalOfLine reads a line of JSON.
func arrivalOfLine(line []byte) (arrival, error) {
	a := arrival{logger: field(line, `"logger":"`, '"')}
	// A line without a number has 0, which is out of order.
	a.seq, _ = strconv.ParseUint(field(line, `"seq":`, ','), 10, 64)
	if a.seq%validEvery == 0 && !json.Valid(line) {
		return a, fmt.Errorf("%w: %.300q", errNoJSON, line)
	}
	text := field(line, `"message":"`, '"')
	if text == copyMessage {
		a.added = true
		return a, nil
	}
	m, err := parseMark(text)
	if err != nil {
		return a, err
	}
	a.mark = m
	if !m.hasPadding(field(line, `"padding":"`, '"')) {
		return a, fmt.Errorf("line %v has the padding of another", m)
	}
	return a, nil
}

// field returns what stands between a key and the end of its value.
func field(line []byte, key string, end byte) string {
	_, after, ok := bytes.Cut(line, []byte(key))
	if !ok {
		return ""
	}
	if i := bytes.IndexAny(after, string([]byte{end, '}'})); i >= 0 {
		after = after[:i]
	}
	return string(after)
}
