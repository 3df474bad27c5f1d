package hostile

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// noise is random bytes that are the same each time.
func noise(size int) []byte {
	out := make([]byte, size)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(out)
	return out
}

// TestNoise: ten megabytes of noise, packed in no way and in each.
func TestNoise(t *testing.T) {
	s := start(t)
	data := noise(10 << 20)
	for _, d := range doors() {
		for _, encoding := range []string{"", "gzip", "zstd", "snappy", "br", "gzip, gzip", strings.Repeat("x", 1000)} {
			s.throw(d, "noise, "+encoding, data, encoding)
		}
		s.throw(d, "packed noise", zipped(t, data), "gzip")
	}
}

// TestFlips: samples in which one bit or all bits of a byte are turned. All of the
// samples are small, so each byte has its turn.
func TestFlips(t *testing.T) {
	s := start(t)
	for _, d := range doors() {
		for _, encoding := range []string{"", "gzip"} {
			if encoding == "gzip" && d.packed {
				continue
			}
			body := d.sample
			if encoding == "gzip" {
				body = zipped(t, body)
			}
			s.throw(d, "the sample", body, encoding)
			for i := range body {
				for _, turn := range []byte{0x01, 0x80, 0xff} {
					flipped := slices.Clone(body)
					flipped[i] ^= turn
					s.throw(d, "a byte flipped", flipped, encoding)
				}
			}
			for i := range body {
				s.throw(d, "cut short", body[:i], encoding)
			}
		}
	}
}

// TestBombs: small bodies that unpack to more than is allowed are refused, and not
// unpacked to their end.
func TestBombs(t *testing.T) {
	s := start(t)
	const size = 256 << 20
	packed := zipped(t, make([]byte, size))
	wrapped := zipped(t, []byte(`{"logs":[{"message":"`+strings.Repeat("x", size)+`"}]}`))
	for _, d := range doors() {
		if status := s.throw(d, "a gzip bomb", packed, "gzip"); status < 400 {
			t.Errorf("%s takes a gzip bomb: %d", d.name, status)
		}
		s.throw(d, "a gzip bomb of JSON", wrapped, "gzip")
		s.throw(d, "a zstd bomb", zstdBomb(size), "zstd")
		s.throw(d, "a snappy bomb", snappyBomb(65<<20), "snappy")
		s.throw(d, "a snappy bomb", snappyBomb(65<<20), "")
		s.throw(d, "a snappy block that claims more than it has", append([]byte{0xff, 0xff, 0xff, 0xff, 0x0f}, d.sample...), "")
	}
}

// TestShapes: JSON that goes very deep, is very wide, or is one long text.
func TestShapes(t *testing.T) {
	s := start(t)
	for _, d := range doors() {
		for what, body := range map[string]string{
			"nothing":       "",
			"a space":       " ",
			"a NUL":         "\x00",
			"brackets":      strings.Repeat("[", 100_000),
			"braces":        strings.Repeat(`{"a":`, 100_000),
			"deep":          deep(100_000),
			"a million":     wide(1_000_000),
			"an open text":  `"` + strings.Repeat("x", 1<<20),
			"one long line": strings.Repeat("x", 5<<20),
			"newlines":      strings.Repeat("\n", 5<<20),
			"commas":        "[" + strings.Repeat(",", 1<<20) + "]",
			"a long number": "[" + strings.Repeat("9", 1<<20) + "]",
			"escapes":       `["` + strings.Repeat(`\ud800`, 1<<18) + `"]`,
		} {
			s.throw(d, what, []byte(body), "")
			if d.wrap == nil {
				continue
			}
			if what != "nothing" {
				s.throw(d, what+" as a message", []byte(d.wrap(body)), "")
			}
		}
		if d.wrap == nil {
			continue
		}
		for what, value := range map[string]string{
			"a deep list": deep(100_000), "a wide object": wide(1_000_000), "a text of NUL": `"` + strings.Repeat(`\u0000`, 1<<18) + `"`,
			"a text of 30 MB": `"` + strings.Repeat("x", 30<<20) + `"`,
		} {
			s.throw(d, what, []byte(d.wrap(value)), "")
		}
	}
}

// TestRecordBomb: twenty million empty records in a body of 64 KB, and what else is far
// above --max-batch. The server says no before it has stored one, and never has all of
// them in memory.
func TestRecordBomb(t *testing.T) {
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			s := start(t)
			s.alive()
			before := s.memory("VmHWM")
			size := len(d.many(1001)) - len(d.many(1)) // of a thousand
			n := (64<<20)/size*1000 - 1000
			body := zipped(t, d.many(n))
			if d.packed {
				body = snappy(d.many(min(n, (31<<20)/size*1000)))
			}
			encoding := "gzip"
			if d.packed {
				encoding = ""
			}
			status := s.throw(d, "a record bomb", body, encoding)
			more := s.memory("VmHWM") - before
			t.Logf("%d records in %d bytes: %d, %d MiB more than before", n, len(body), status, more>>20)
			if more > 400<<20 {
				t.Errorf("it took %d MiB", more>>20)
			}
			if status != http.StatusRequestEntityTooLarge {
				t.Errorf("it is not refused for the number of its records: %d", status)
			}
			if stored := s.Records(`NOT message:"still here"`); len(stored) > 0 {
				t.Errorf("%d records or more of a body that was refused are stored", len(stored))
			}
		})
	}
}

// TestBulkBomb: a bulk body of too many documents, between actions that cannot be done,
// is refused as a whole, in Elasticsearch's words.
func TestBulkBomb(t *testing.T) {
	s := start(t)
	d := door{name: "Elasticsearch", path: "/_bulk", kind: "application/x-ndjson"}
	body := zipped(t, []byte(strings.Repeat("{\"create\":{}}\n{}\n{\"delete\":{}}\n", 1_000_001)))
	status, text := s.post(d, body, "gzip")
	var why struct {
		Error  struct{ Type, Reason string }
		Status int
	}
	if err := json.Unmarshal([]byte(text), &why); err != nil {
		t.Fatalf("%d %.300s: %v", status, text, err)
	}
	if status != http.StatusRequestEntityTooLarge || why.Status != status || why.Error.Type != "content_too_long_exception" || !strings.Contains(why.Error.Reason, "--max-batch") {
		t.Errorf("%d %.300s", status, text)
	}
	if stored := s.Records(""); len(stored) > 0 {
		t.Errorf("%d records or more are stored", len(stored))
	}
}
