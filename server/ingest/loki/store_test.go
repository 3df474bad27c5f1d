package loki

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/snappy"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/repeat"
	"github.com/weirlog/weir/server/store/faulty"
)

func TestStoreAway(t *testing.T) {
	d := open(t, 10, gate.Options{})
	data := jsonBody(25)
	d.store.Next(faulty.FailBefore)
	w := d.post(PathPush, typeJSON, "", data)
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" || len(d.memory.Records()) != 0 {
		t.Fatalf("%d %v %s; %d stored", w.Code, w.Header(), w.Body, len(d.memory.Records()))
	}
	d.store.Next(faulty.None, faulty.FailBefore)
	if w := d.post(PathPush, typeJSON, "", data); w.Code != 503 || len(d.memory.Records()) != 10 {
		t.Fatalf("%d %s; %d stored", w.Code, w.Body, len(d.memory.Records()))
	}
	// The client sends the same body again: only the rest is stored.
	if w := d.post(PathPush, typeJSON, "", data); w.Code != 204 || len(d.memory.Records()) != 25 {
		t.Fatalf("%d %s; %d stored", w.Code, w.Body, len(d.memory.Records()))
	}
	for i, r := range d.memory.Records() {
		if r.Attrs[0].Value.String() != "/api/v1/orders/"+strconv.Itoa(i) && r.Resource.Service != "pay" {
			t.Errorf("record %d: %+v", i, r)
		}
	}
	// The answer was lost: nothing is stored twice.
	if w := d.post(PathPush, typeJSON, "", data); w.Code != 204 || len(d.memory.Records()) != 25 {
		t.Fatalf("%d %s; %d stored", w.Code, w.Body, len(d.memory.Records()))
	}
	if w := d.post(PathPush, typeJSON, "", data, tenantHeader, "other"); w.Code != 204 || len(d.memory.Records()) != 50 {
		t.Fatalf("another tenant: %d; %d stored", w.Code, len(d.memory.Records()))
	}
	if got := d.Stats(); got != (repeat.Stats{Repeated: 3}) {
		t.Errorf("%+v", got)
	}
	for _, line := range d.intake.Ledger() {
		sum := line.Stored + line.Deduplicated + line.Pending
		for _, n := range line.Refused {
			sum += n
		}
		if sum != line.Received {
			t.Errorf("the ledger does not add up: %+v", line)
		}
	}
}

// TestUndated shows that bodies without times are never taken for repetitions.
func TestUndated(t *testing.T) {
	d := open(t, 0, gate.Options{})
	data := []byte(`{"streams":[{"stream":{"app":"a"},"values":[["1732190400000000000","x"],["0","beat"]]}]}`)
	for n := 1; n <= 3; n++ {
		if w := d.post(PathPush, typeJSON, "", data); w.Code != 204 || len(d.memory.Records()) != 2*n {
			t.Fatalf("%d %s; %d stored", w.Code, w.Body, len(d.memory.Records()))
		}
	}
}

// TestAtOnce sends one body from several connections at the same time.
func TestAtOnce(t *testing.T) {
	d := open(t, 10, gate.Options{})
	data := jsonBody(100)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if w := d.post(PathPush, typeJSON, "", data); w.Code != 204 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	if n := len(d.memory.Records()); n != 100 {
		t.Errorf("%d stored", n)
	}
}

func TestRate(t *testing.T) {
	d := open(t, 0, gate.Options{Rate: 10})
	if w := d.post(PathPush, typeJSON, "", jsonBody(50)); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := d.post(PathPush, typeJSON, "", jsonBody(51)); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestManyTinyEntries sends far more records than the gate holds at once.
func TestManyTinyEntries(t *testing.T) {
	const n = 50_000
	d := open(t, 0, gate.Options{Records: 1000})
	entries := bytes.Repeat(message(streamEntries, ""), n)
	data := message(requestStreams, append(message(streamLabels, `{app="a"}`), entries...))
	if w := d.post(PathPush, "", "", snappy.Encode(nil, data)); w.Code != 204 || len(d.memory.Records()) != n {
		t.Errorf("%d %s; %d stored", w.Code, w.Body, len(d.memory.Records()))
	}
}

// TestTooManyEntries: a body of more entries than the gate takes stores none of them,
// however many parts it has; one entry less is taken.
func TestTooManyEntries(t *testing.T) {
	const limit = 2*gate.PartRecords + 5
	one := []byte(`["1732190400000000000","x"]`)
	values := func(n int) string { return string(bytes.Join(slices.Repeat([][]byte{one}, n), []byte(","))) }
	for name, c := range map[string]struct {
		contentType string
		data        func(n int) []byte
	}{
		"JSON": {typeJSON, func(n int) []byte {
			return []byte(`{"streams":[{"stream":{"app":"a"},"values":[` + values(gate.PartRecords) + `]},5,{"stream":{},"values":7},{"labels":"{}","entries":[` + values(n-gate.PartRecords-2) + `]}]}`)
		}},
		"proto": {"", func(n int) []byte {
			entries := bytes.Repeat(message(streamEntries, message(entryLine, "x")), n)
			return snappy.Encode(nil, message(requestStreams, append(message(streamLabels, `{app="a"}`), entries...)))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, 0, gate.Options{PerBody: limit})
			w := d.post(PathPush, c.contentType, "", c.data(limit+1))
			if w.Code != 413 || !strings.Contains(w.Body.String(), "more than 20005 records") || len(d.memory.Records()) != 0 {
				t.Errorf("%d %s; %d stored", w.Code, w.Body, len(d.memory.Records()))
			}
			if w := d.post(PathPush, c.contentType, "", c.data(limit)); w.Code != 204 || len(d.memory.Records()) != limit {
				t.Errorf("%d %s; %d stored", w.Code, w.Body, len(d.memory.Records()))
			}
		})
	}
}
