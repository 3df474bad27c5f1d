package processor

import (
	"encoding/binary"
	"hash/maphash"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
)

// DefaultMaxKeys is how many keys Sample, Deduplicate and RateLimit remember unless
// told: more than a program has log calls, in less than a megabyte. The one that was
// not used for longest is forgotten first.
const DefaultMaxKeys = 4096

// key stands for what makes records alike. It is a hash of 128 bits, seeded anew in
// each process, so that two unlike records share one by nobody's luck or intent, and
// long texts are not kept.
type key [2]uint64

// keyer makes keys. It is used by one goroutine at a time.
type keyer struct {
	names []string // what counts, as record.Lookup finds it; none: everything but times and sequence
	seeds [2]maphash.Seed
	buf   []byte
}

func newKeyer(names []string) keyer {
	return keyer{names: names, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

// maxKeyBuffer is what is kept of the buffer; few records are larger.
const maxKeyBuffer = 64 << 10

func (k *keyer) of(r *record.Record) key {
	b := k.buf[:0]
	if len(k.names) == 0 {
		b = append(b, byte(r.Severity), byte(r.Kind))
		for _, text := range [...]string{r.Level, r.Logger, r.TraceID, r.SpanID, r.Message} {
			b = appendText(b, text)
		}
		b = record.AppendAttrs(b, r.Attrs)
	}
	for _, name := range k.names {
		v, ok := r.Lookup(name)
		switch {
		case !ok:
			b = append(b, 0)
		case v.Kind() == slog.KindString:
			b = appendText(append(b, 1), v.String())
		default:
			b = record.AppendValue(append(b, 2), v)
		}
	}
	if cap(b) <= maxKeyBuffer {
		k.buf = b
	}
	return key{maphash.Bytes(k.seeds[0], b), maphash.Bytes(k.seeds[1], b)}
}

// appendText appends a text with its length, so that "a", "bc" is not "ab", "c".
func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// timeOf is when a record was logged; now when it does not say.
func timeOf(r *record.Record) time.Time {
	if r.Time.IsZero() {
		return time.Now()
	}
	return r.Time
}
