package collector

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/storetest"
)

// usual is a body as a busy service sends it: 1,000 records of 700 bytes.
func usual() string {
	var b strings.Builder
	b.WriteString(`{"logs": [`)
	for i := range 1000 {
		if i > 0 {
			b.WriteString(", ")
		}
		one := fmt.Sprintf(`{"level": "INFO", "message": "order %d accepted", "created_at": 1795219903.%06d, "user_id": "u%d", "order": {"id": %d, "total": 19.5, "lines": [1, 2, 3]}, "path": "/api/orders/%d", "method": "POST", "duration_ms": 12.25, "trace_id": "%032x", "function_name": "accept", "file_path": "/srv/shop/orders.py", "service": "shop", "environment": "production", "service_version": "v1.2.3", "log_type": "BACKEND", "note": "`, i, i, i%50, i, i, i)
		b.WriteString(one + strings.Repeat("x", 698-len(one)) + `"}`)
	}
	b.WriteString("]}")
	return b.String()
}

// nowhere is a store that keeps nothing.
type nowhere struct {
	*storetest.Memory

	last store.Commit
}

func (n *nowhere) Append(_ context.Context, b store.Batch) error {
	n.last = store.Commit{Position: b.Records[len(b.Records)-1].ID, BatchID: b.ID}
	return nil
}

func (n *nowhere) LastCommit(context.Context) (store.Commit, error) { return n.last, nil }

// BenchmarkPost takes the usual body in: all that the server does for a batch but to
// store it. Each body is another one.
func BenchmarkPost(b *testing.B) {
	in, err := intake.New(&nowhere{}, nobody{}, intake.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close(b.Context()) //nolint:errcheck // nothing is kept
	h := New(gate.New(in, gate.Options{}), Options{})
	text := []byte(usual())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	at := bytes.Index(text, []byte("order 0"))
	n := 0
	for b.Loop() {
		n++
		copy(text[at:], fmt.Sprintf("%07d", n%1e7))
		r := httptest.NewRequest(http.MethodPost, Path, bytes.NewReader(text))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body.String())
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*1000), "ns/record")
}
