package loki

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// The numbers of the fields that are read of logproto.PushRequest and its messages:
// pkg/push/push.proto of Loki. What is not named here (a stream's hash, the format)
// says nothing about the records.
const (
	requestStreams = 1

	streamLabels  = 1
	streamEntries = 2

	entryTimestamp = 1
	entryLine      = 2
	entryMetadata  = 3 // structured metadata
	entryParsed    = 4 // labels that the client parsed of the line

	pairName  = 1
	pairValue = 2

	timestampSeconds = 1
	timestampNanos   = 2
)

// fields calls field with the number and the bytes of each field of a message that is
// a message or text itself, and number with those that are integers.
func fields(data []byte, field func(num protowire.Number, value []byte) error, number func(num protowire.Number, value uint64)) error {
	for len(data) > 0 {
		num, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		switch kind {
		case protowire.BytesType:
			value, n := protowire.ConsumeBytes(data)
			if n < 0 {
				return protowire.ParseError(n)
			}
			if err := field(num, value); err != nil {
				return err
			}
			data = data[n:]
		case protowire.VarintType:
			value, n := protowire.ConsumeVarint(data)
			if n < 0 {
				return protowire.ParseError(n)
			}
			number(num, value)
			data = data[n:]
		default:
			n := protowire.ConsumeFieldValue(num, kind, data)
			if n < 0 {
				return protowire.ParseError(n)
			}
			data = data[n:]
		}
	}
	return nil
}

func noNumber(protowire.Number, uint64) {}

// checkProto reads the whole body as far as its messages go, and returns it.
func checkProto(data []byte) ([]byte, error) {
	stream := func(num protowire.Number, value []byte) error {
		if num != streamEntries {
			return nil
		}
		return fields(value, checkEntry, noNumber)
	}
	err := fields(data, func(num protowire.Number, value []byte) error {
		if num != requestStreams {
			return nil
		}
		return fields(value, stream, noNumber)
	}, noNumber)
	if err != nil {
		return nil, fmt.Errorf("the body is not a logproto.PushRequest: %w", err)
	}
	return data, nil
}

func checkEntry(num protowire.Number, value []byte) error {
	switch num {
	case entryTimestamp, entryMetadata, entryParsed:
		return fields(value, func(protowire.Number, []byte) error { return nil }, noNumber)
	}
	return nil
}

// readProto reads a body that checkProto has passed.
func readProto(data []byte, to receiver) {
	_ = fields(data, func(num protowire.Number, value []byte) error {
		if num != requestStreams {
			return nil
		}
		return readProtoStream(value, to)
	}, noNumber)
}

// readProtoStream reads the labels first, wherever they are among the entries.
func readProtoStream(data []byte, to receiver) error {
	var labels []byte
	_ = fields(data, func(num protowire.Number, value []byte) error {
		if num == streamLabels {
			labels = value
		}
		return nil
	}, noNumber)
	to.stream(labels, func(labels []byte) given { return parseLabels(string(labels)) })
	return fields(data, func(num protowire.Number, value []byte) error {
		if num != streamEntries {
			return nil
		}
		return to.add(value, readProtoEntry)
	}, noNumber)
}

func readProtoEntry(data []byte) *entry {
	e := &entry{}
	_ = fields(data, func(num protowire.Number, value []byte) error {
		switch num {
		case entryTimestamp:
			e.readTimestamp(value)
		case entryLine:
			e.line = value
		case entryMetadata, entryParsed:
			e.metadata = append(e.metadata, readPair(value))
		}
		return nil
	}, noNumber)
	return e
}

func (e *entry) readTimestamp(data []byte) {
	var s int64
	var nanos int32
	_ = fields(data, func(protowire.Number, []byte) error { return nil }, func(num protowire.Number, value uint64) {
		switch num {
		case timestampSeconds:
			s = int64(value)
		case timestampNanos:
			nanos = int32(value)
		}
	})
	e.time = seconds(s, nanos)
}

func readPair(data []byte) (l label) {
	_ = fields(data, func(num protowire.Number, value []byte) error {
		switch num {
		case pairName:
			l.name = string(value)
		case pairValue:
			l.value = string(value)
		}
		return nil
	}, noNumber)
	return l
}
