package ship

import (
	"bytes"
	"fmt"
	"time"
)

// batch is what is posted at once: records of one source, numbered without gaps. Its
// text is made once and never again, whatever becomes of it, so that a repetition is
// the same to the byte.
type batch struct {
	source      string
	first, last uint64
	raw         []byte    // NDJSON
	began       time.Time // when its first record came; zero for one from the spool
	whole       *whole

	body     []byte // what is posted: raw in the server's protocol, packed
	encoding string // Content-Encoding of body
	protocol Protocol
	lent     bool // raw itself was handed to the transport, which may still read it

	tries    int
	suspects int  // tries that failed in a way that may be the batch's own fault
	plain    bool // it is not packed, because the server refused it packed
}

// whole is what a batch was before it was split.
type whole struct {
	file  *file // where it lies in the spool; nil: in memory
	parts int   // that are not settled yet
}

// String is the batch's key.
func (b *batch) String() string { return fmt.Sprintf("%s/%d-%d", b.source, b.first, b.last) }

func (b *batch) records() int { return int(b.last-b.first) + 1 }

// halves splits a batch of at least two records. The halves share its memory.
func (b *batch) halves() (one, two *batch) {
	n := b.records() / 2
	at := 0
	for range n {
		at += bytes.IndexByte(b.raw[at:], '\n') + 1
	}
	b.whole.parts++
	one = &batch{source: b.source, first: b.first, last: b.first + uint64(n) - 1, raw: b.raw[:at:at], whole: b.whole, lent: b.lent, suspects: b.suspects}
	two = &batch{source: b.source, first: b.first + uint64(n), last: b.last, raw: b.raw[at:], whole: b.whole, lent: b.lent, suspects: b.suspects}
	return one, two
}

// pack makes the body.
func (b *batch) pack(p Protocol, from int, c Compressor) error {
	if b.body != nil && b.protocol == p && (b.encoding != "") == (c != nil && !b.plain && b.records() >= from) {
		return nil
	}
	b.body, b.encoding, b.protocol = b.raw, "", p
	if p == ProtocolCollector {
		var err error
		if b.body, err = collectorBody(b.raw); err != nil {
			return err
		}
	}
	if c == nil || b.plain || b.records() < from {
		b.lent = b.lent || p == ProtocolWeir
		return nil
	}
	packed, err := compressed(c, b.body)
	if err != nil {
		return fmt.Errorf("pack a batch with %s: %w", c.Name(), err)
	}
	b.body, b.encoding = packed, c.Name()
	return nil
}

// compressed packs data. What log records are packed to is about a sixth.
func compressed(c Compressor, data []byte) ([]byte, error) {
	var packed bytes.Buffer
	packed.Grow(len(data)/4 + 512)
	w, err := c.NewWriter(&packed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}
