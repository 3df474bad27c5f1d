package elastic

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/store/faulty"
)

// bulkBody is n documents of about 300 bytes.
func bulkBody(n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"create":{"_index":"logs-app-default"}}
{"@timestamp":"2024-11-21T12:00:00.%06dZ","log":{"level":"info","logger":"http"},"message":"request done","service":{"name":"pay"},"host":{"name":"web-1"},"path":"/api/v1/orders/%d","method":"GET","status":200,"duration_ms":%d.5,"trace":{"id":"%032x"}}
`, i, i, i%90, i)
	}
	return []byte(b.String())
}

type items struct {
	Errors bool
	Items  []map[string]struct {
		Status int
		Error  *struct{ Type, Reason string }
	}
}

func TestStoreAway(t *testing.T) {
	d := open(t, 10, gate.Options{})
	d.store.Next(faulty.FailBefore)
	w := d.post("/_bulk", bulkBody(25))
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), "unavailable_shards_exception") || len(d.memory.Records()) != 0 {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	d.store.Next(faulty.None, faulty.FailBefore)
	w = d.post("/_bulk", append([]byte("{\"delete\":{}}\n"), bulkBody(25)...))
	var got items
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || !got.Errors || len(got.Items) != 26 || w.Header().Get("Retry-After") != "2" {
		t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	for i, item := range got.Items {
		want := 429
		switch {
		case i == 0:
			want = 400
		case i <= 10:
			want = 201
		}
		for _, one := range item {
			if one.Status != want || (one.Error == nil) != (want == 201) {
				t.Errorf("item %d: %+v", i, one)
			}
		}
	}
	if n := len(d.memory.Records()); n != 10 {
		t.Errorf("%d stored", n)
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
	d.store.Next(faulty.FailBefore)
	if w := d.post("/logs/_doc", []byte(`{"message":"x"}`)); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRate(t *testing.T) {
	d := open(t, 0, gate.Options{Rate: 10})
	if w := d.post("/_bulk", bulkBody(50)); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := d.post("/_bulk", bulkBody(1)); w.Code != 429 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "es_rejected_execution_exception") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// TestManyTinyDocuments sends far more records than the gate holds at once.
func TestManyTinyDocuments(t *testing.T) {
	const n = 50_000
	d := open(t, 0, gate.Options{Records: 1000})
	w := d.post("/x/_bulk", []byte(strings.Repeat("{\"index\":{}}\n{}\n", n)))
	var got items
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Errors || len(got.Items) != n || len(d.memory.Records()) != n {
		t.Errorf("%d: %d items, %d stored", w.Code, len(got.Items), len(d.memory.Records()))
	}
}

// TestTooManyDocuments: a body of more documents than the gate takes stores none of
// them; actions without one do not count.
func TestTooManyDocuments(t *testing.T) {
	const limit = 2*gate.PartRecords + 5
	d := open(t, 0, gate.Options{PerBody: limit})
	data := func(n int) []byte {
		return []byte(strings.Repeat("{\"index\":{}}\n{}\n{\"delete\":{}}\n", n))
	}
	w := d.post("/_bulk", data(limit+1))
	var why struct {
		Error  struct{ Type, Reason string }
		Status int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &why); err != nil || w.Code != 413 || why.Status != 413 || why.Error.Type != "content_too_long_exception" || !strings.Contains(why.Error.Reason, "more than 20005 records") {
		t.Errorf("%d %.300s", w.Code, w.Body)
	}
	if n := len(d.memory.Records()); n != 0 {
		t.Errorf("%d stored", n)
	}
	if w := d.post("/_bulk", data(limit)); w.Code != 200 || len(d.memory.Records()) != limit {
		t.Errorf("%d, %d stored", w.Code, len(d.memory.Records()))
	}
}
