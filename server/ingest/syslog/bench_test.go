package syslog

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/storetest"
)

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"5424":    `<165>1 2026-10-11T22:14:15.003Z mymachine.example.com evntslog 1234 ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] An application event log entry that goes on for a while, as they do in real life`,
		"3164":    `<34>Oct 11 22:14:15 mymachine su[123]: 'su root' failed for lonvick on /dev/pts/8 and some more text as it is in real life`,
		"rsyslog": `<30>2026-11-20T10:00:00.123456+01:00 web-1 nginx[812]: 192.0.2.7 - - "GET /api/v1/items?page=2 HTTP/1.1" 200 5316 "-" "curl/8.5.0"`,
		"JSON":    `<30>1 2026-11-20T10:00:00Z h app 1 - - {"time":"2026-11-20T10:00:00.5Z","level":"error","msg":"payment failed","user":{"id":7},"amount":12.5}`,
	} {
		b.Run(name, func(b *testing.B) {
			p := NewParser(time.UTC, nil)
			data := []byte(text)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				p.Parse(data, "192.0.2.1")
			}
		})
	}
}

// discard is a store that keeps nothing, so that a benchmark measures what is before
// it.
type discard struct {
	*storetest.Memory
	last store.Commit
}

func (d *discard) Append(_ context.Context, b store.Batch) error {
	d.last.BatchID, d.last.Position = b.ID, b.Records[len(b.Records)-1].ID
	return nil
}
func (d *discard) LastCommit(context.Context) (store.Commit, error) { return d.last, nil }

// BenchmarkTCP sends over the loopback and waits until all is accepted: parsing, framing,
// intake, the client's share of the machine included.
func BenchmarkTCP(b *testing.B) {
	for _, connections := range []int{1, 4} {
		b.Run(fmt.Sprintf("connections=%d", connections), func(b *testing.B) {
			in, err := intake.New(&discard{Memory: storetest.NewMemory()}, nobody{}, intake.Options{})
			if err != nil {
				b.Fatal(err)
			}
			s, err := Listen(gate.New(in, gate.Options{}), Options{Address: "127.0.0.1:0"})
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			done := make(chan error)
			go func() { done <- s.Run(ctx) }()
			text := []byte(strings.Repeat("<30>2026-11-20T10:00:00.123456+01:00 web-1 nginx[812]: 192.0.2.7 - - \"GET /api/v1/items?page=2 HTTP/1.1\" 200 5316\n", 100))
			b.SetBytes(int64(len(text)) / 100)
			b.ResetTimer()
			for i := range connections {
				conn, err := net.Dial("tcp", s.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				go func() {
					defer conn.Close() //nolint:errcheck // the count below tells
					for n := i; n < b.N/100+connections; n += connections {
						if _, err := conn.Write(text); err != nil {
							b.Error(err)
							return
						}
					}
				}()
			}
			want := uint64((b.N/100 + connections) * 100)
			for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
				if l := in.Ledger(); len(l) == 1 && l[0].Stored >= want {
					tick.Stop()
					break
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(want)/b.Elapsed().Seconds(), "records/s")
			cancel()
			if err := <-done; err != nil {
				b.Error(err)
			}
			if err := in.Close(context.Background()); err != nil {
				b.Error(err)
			}
		})
	}
}

var _ store.Writer = (*discard)(nil)

// BenchmarkFraming measures how fast messages are found.
func BenchmarkFraming(b *testing.B) {
	text := []byte(strings.Repeat("<30>2026-11-20T10:00:00Z web-1 nginx[812]: "+strings.Repeat("x", 100)+"\n", 1000))
	f := newFramer(newMemory(1<<20), DefaultMaxMessage)
	b.SetBytes(int64(len(text)) / 1000)
	for n := 0; n < b.N; {
		for rest := text; len(rest) > 0; {
			k := copy(f.space(), rest)
			f.took(k)
			rest = rest[k:]
			for _, ok := f.next(); ok; _, ok = f.next() {
				n++
			}
		}
	}
}
