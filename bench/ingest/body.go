package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
	"sync/atomic"
)

const (
	// batchRecords is the records of one body, bodyCount the bodies of each form: more
	// different records than a row group of the store has.
	batchRecords = 1000
	bodyCount    = 128
)

// body is a gzip body that is ready to be sent, but for its end.
type body struct {
	path, contentType string
	packed            []byte
	plain             int                   // bytes before packing
	end               func(n uint64) string // makes the body differ from every other one
}

// sequence numbers what is sent.
type sequence struct{ n atomic.Uint64 }

func (s *sequence) next() uint64 { return s.n.Add(1) }

// form writes one record.
type form func(dst []byte, e *event, n int) []byte

func makeBodies(f form) ([]*body, error) {
	collector := bytes.Contains(f(nil, &event{}, 0), []byte("function_name"))
	c := newContent(1)
	bodies := make([]*body, bodyCount)
	for i := range bodies {
		b := &body{path: "/api/v1/records", contentType: "application/x-ndjson", end: func(uint64) string { return "\n" }}
		var text []byte
		if collector {
			b.path, b.contentType = "/logs", "application/json"
			text = append(text, `{"logs":[`...)
			// A key that nobody reads: without it the server would take a body that comes again
			// for a retry, and not store it.
			b.end = func(n uint64) string { return `],"body":` + strconv.FormatUint(n, 10) + `}` }
		}
		for j := range batchRecords {
			e := c.next()
			text = f(text, &e, i*batchRecords+j+1)
			if collector && j+1 < batchRecords {
				text = append(text, ',')
			}
			if !collector {
				text = append(text, '\n')
			}
		}
		b.plain = len(text)
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(text); err != nil {
			return nil, fmt.Errorf("pack a body: %w", err)
		}
		if err := z.Close(); err != nil {
			return nil, fmt.Errorf("pack a body: %w", err)
		}
		b.packed = packed.Bytes()
		bodies[i] = b
	}
	return bodies, nil
}

// finish appends the body with its end, which is a gzip member of its own: two members,
// one after the other, are one gzip file.
func (b *body) finish(dst []byte, n uint64) []byte {
	return appendStored(append(dst, b.packed...), b.end(n))
}

// appendStored appends a gzip member that holds a short text as it is.
func appendStored(dst []byte, text string) []byte {
	dst = append(dst, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff) // RFC 1952: deflate, no flags, no time
	dst = append(dst, 1)                                     // RFC 1951: the last block, stored
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(text)))
	dst = binary.LittleEndian.AppendUint16(dst, ^uint16(len(text)))
	dst = append(dst, text...)
	dst = binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE([]byte(text)))
	return binary.LittleEndian.AppendUint32(dst, uint32(len(text)))
}
