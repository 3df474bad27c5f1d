package ship

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// realistic makes records as a web shop's: a few messages, many users, traces and
// times.
func realistic(n int) []record.Record {
	rng := rand.New(rand.NewPCG(1, 2))
	resource := &record.Resource{Service: "checkout", Environment: "production", ServiceVersion: "v1.4.2", LogType: "BACKEND", Host: "node-7"}
	messages := []string{"request completed", "order placed", "cache miss, asking the database", "payment authorized", "slow query", "user logged in", "inventory reserved"}
	paths := []string{"/api/v1/items", "/api/v1/cart", "/api/v1/orders", "/login", "/healthz"}
	batch := make([]record.Record, n)
	at := testTime
	for i := range batch {
		at = at.Add(time.Duration(rng.IntN(2000)) * time.Microsecond)
		batch[i] = record.Record{
			Time: at, Severity: record.SeverityInfo, Message: messages[rng.IntN(len(messages))], Logger: "checkout.http", TraceID: fmt.Sprintf("%016x%016x", rng.Uint64(), rng.Uint64()),
			SourceID: "0123456789abcdef0123456789abcdef", Seq: uint64(i + 1), Resource: resource,
			Attrs: []slog.Attr{
				slog.String("function_name", "github.com/acme/shop/http.(*Server).ServeHTTP"), slog.String("file_path", "/srv/app/http/server.go"), slog.Int("line_number", 120+rng.IntN(80)),
				slog.String("path", paths[rng.IntN(len(paths))]), slog.String("method", "GET"), slog.Int("status", 200+rng.IntN(5)), slog.Float64("duration_ms", float64(rng.IntN(100_000))/1000),
				slog.String("user_id", fmt.Sprint("u-", rng.IntN(50_000))), slog.String("ip", fmt.Sprintf("10.%d.%d.%d", rng.IntN(255), rng.IntN(255), rng.IntN(255))),
			},
		}
	}
	return batch
}

// taker is a server that takes everything, without looking at it.
type taker struct{}

func (taker) RoundTrip(r *http.Request) (*http.Response, error) {
	var count int
	key := r.Header.Get("Idempotency-Key")
	var first, last int
	if _, err := fmt.Sscanf(key[33:], "%d-%d", &first, &last); err == nil {
		count = last - first + 1
	}
	body := fmt.Appendf(nil, `{"status":"ok","count":%d}`, count)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: readCloser{bytes.NewReader(body)}, Request: r}, nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

func taken(tb testing.TB, o Options) *Sink {
	o.HTTPClient = &http.Client{Transport: taker{}}
	o.Protocol = ProtocolWeir
	sink, err := New("http://weir.test", o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := sink.Close(); err != nil {
			tb.Error(err)
		}
	})
	return sink
}

// BenchmarkShip takes, packs and posts batches of 1,000 records; an operation is a record.
func BenchmarkShip(b *testing.B) {
	for _, c := range []struct {
		name string
		o    Options
	}{{"gzip", Options{}}, {"plain", Options{Compression: CompressionNone}}} {
		b.Run(c.name, func(b *testing.B) {
			sink := taken(b, c.o)
			records := realistic(1000)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; i < b.N; i += len(records) {
				if err := sink.WriteBatch(context.Background(), records[:min(len(records), b.N-i)]); err != nil {
					b.Fatal(err)
				}
			}
			if err := sink.Flush(context.Background()); err != nil {
				b.Fatal(err)
			}
			st := sink.Stats()
			b.ReportMetric(float64(st.RawBytes)/float64(st.Sent), "raw-B/record")
			b.ReportMetric(float64(st.RawBytes)/float64(st.SentBytes), "ratio")
		})
	}
}

// BenchmarkEncode is what WriteBatch does itself.
func BenchmarkEncode(b *testing.B) {
	sink := taken(b, Options{BatchRecords: 2000, FlushInterval: time.Hour})
	records := realistic(1000)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i += len(records) {
		if err := sink.WriteBatch(context.Background(), records[:min(len(records), b.N-i)]); err != nil {
			b.Fatal(err)
		}
		sink.mu.Lock()
		sink.setAside(sink.queue.open, DroppedQueueFull)
		sink.queue.open = nil
		sink.mu.Unlock()
	}
}

// BenchmarkGzip compares the levels on a batch of 1,000 records.
func BenchmarkGzip(b *testing.B) {
	raw := linesOf(realistic(1000))
	for level := gzip.BestSpeed; level <= gzip.DefaultCompression+10; level++ {
		if level != 1 && level != 3 && level != 6 && level != 9 {
			continue
		}
		b.Run(fmt.Sprint("level ", level), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			var out bytes.Buffer
			for b.Loop() {
				out.Reset()
				w, err := gzip.NewWriterLevel(&out, level)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := w.Write(raw); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(raw))/float64(out.Len()), "ratio")
		})
	}
}

// BenchmarkCollectorBody turns a batch of 1,000 records into a log-collector's body.
func BenchmarkCollectorBody(b *testing.B) {
	raw := linesOf(realistic(1000))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := collectorBody(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMemoryOfAFullQueue: 10,000 ordinary records that wait cost a few megabytes.
func TestMemoryOfAFullQueue(t *testing.T) {
	srv := newServer()
	srv.breakWith(errAway)
	sink := offline(t, srv, Options{Protocol: ProtocolWeir})
	records := realistic(1000)
	heap := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	before := heap()
	for range 10 {
		if err := sink.WriteBatch(t.Context(), records); err != nil {
			t.Fatal(err)
		}
	}
	st := sink.Stats()
	used := heap() - before
	t.Logf("%d records with %d bytes of text take %d bytes of memory", st.Queued, st.QueuedBytes, used)
	if st.Queued != 10_000 || used > 2*st.QueuedBytes+2<<20 {
		t.Errorf("%d bytes of memory for %+v", used, st)
	}
	runtime.KeepAlive(records)
}
