package otlp

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/ingest/repeat"
	"github.com/weirlog/weir/server/store/faulty"
)

// body of n records, of which one may have no time.
func jsonLogs(n, undated int) []byte {
	logs := make([]string, n)
	for i := range logs {
		logs[i] = fmt.Sprintf(`{"timeUnixNano":"1763720000000000000","body":{"stringValue":"m%d"}}`, i)
		if i == undated {
			logs[i] = `{"body":{"stringValue":"u"}}`
		}
	}
	return []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[` + strings.Join(logs, ",") + `]}]}]}`)
}

// TestRepeat: an exporter that saw no answer sends the same again; it is stored once, and
// of a body that was stored in part the rest is. Records without a time may be the same by
// chance.
func TestRepeat(t *testing.T) {
	const n = gate.PartRecords + 5
	d := open(t, gate.PartRecords, gate.Options{})
	post := func(data []byte, status, stored int, says string) {
		t.Helper()
		if w := d.post(typeJSON, "", data); w.Code != status || len(d.memory.Records()) != stored || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%d %s, %d stored", w.Code, w.Body, len(d.memory.Records()))
		}
	}
	post(jsonLogs(5, -1), http.StatusOK, 5, "{}")
	post(jsonLogs(5, -1), http.StatusOK, 5, "{}")
	post(jsonLogs(5, 2), http.StatusOK, 10, "{}")
	post(jsonLogs(5, 2), http.StatusOK, 15, "{}")
	d.store.Next(faulty.None, faulty.FailBefore)
	post(jsonLogs(n, -1), http.StatusServiceUnavailable, 15+gate.PartRecords, "the rest is")
	post(jsonLogs(n, -1), http.StatusOK, 15+n, "{}")
	d.store.Next(faulty.None, faulty.FailBefore)
	post(jsonLogs(n, n-1), http.StatusServiceUnavailable, 15+n+gate.PartRecords, "") // known to be undated when all was read
	if d.Stats() != (repeat.Stats{Repeated: 3}) {
		t.Errorf("%+v", d.Stats())
	}
	for _, line := range d.intake.Ledger() {
		if line.Deduplicated != 5+gate.PartRecords {
			t.Errorf("%+v", line)
		}
	}
}
