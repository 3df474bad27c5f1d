package otlp

import (
	"fmt"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
)

func text(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

func number(n int) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(n)}}
}

// thousand is 1,000 records as a service writes them.
func thousand() *logspb.LogsData {
	scope := &logspb.ScopeLogs{Scope: &commonpb.InstrumentationScope{Name: "shop.orders", Version: "1.2.0"}}
	for i := range 1000 {
		scope.LogRecords = append(scope.LogRecords, &logspb.LogRecord{
			TimeUnixNano: 1_763_733_600_000_000_000 + uint64(i), ObservedTimeUnixNano: 1_763_733_600_000_000_000 + uint64(i),
			SeverityNumber: logspb.SeverityNumber(1 + i%24), SeverityText: "INFO", Flags: 1,
			Body:    text(fmt.Sprintf("order %d of customer %d was taken, %s", i, i*7, strings.Repeat("and so on ", 20))),
			TraceId: []byte(fmt.Sprintf("%016d", i)), SpanId: []byte(fmt.Sprintf("%08d", i)),
			Attributes: []*commonpb.KeyValue{
				{Key: "http.request.method", Value: text("POST")},
				{Key: "url.path", Value: text("/orders")},
				{Key: "http.response.status_code", Value: number(200 + i%5)},
				{Key: "order.id", Value: number(i)},
				{Key: "customer.tier", Value: text("gold")},
				{Key: "thread.name", Value: text("worker-3")},
				{Key: "code.function.name", Value: text("orders.(*Desk).Take")},
				{Key: "code.line.number", Value: number(41)},
			},
		})
	}
	return &logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{
			{Key: "service.name", Value: text("shop")},
			{Key: "service.version", Value: text("3.1")},
			{Key: "host.name", Value: text("h1")},
			{Key: "telemetry.sdk.language", Value: text("go")},
			{Key: "telemetry.sdk.name", Value: text("opentelemetry")},
		}},
		ScopeLogs: []*logspb.ScopeLogs{scope},
	}}}
}

// reader makes records and drops them.
type reader struct {
	wire    wire
	from    from
	shared  record.Interner
	records int
}

func (k *reader) resource(r *resource) error { k.from.describe(r, &k.shared); return nil }
func (k *reader) scope(s *scope) error       { k.from.enter(s); return nil }

func (k *reader) record(data []byte) error {
	e, err := k.wire.entry(data)
	if err != nil {
		return err
	}
	_ = e.record(&k.from)
	k.records++
	return nil
}

// BenchmarkRead reads a body of 1,000 records, twice as far as the check goes.
func BenchmarkRead(b *testing.B) {
	proto := marshalProto(b, thousand())
	json, err := protojson.Marshal(thousand())
	if err != nil {
		b.Fatal(err)
	}
	for name, c := range map[string]struct {
		wire wire
		data []byte
	}{"protobuf": {protobufWire(), proto}, "json": {jsonWire(), json}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				all := counter{limit: gate.DefaultPerBody}
				k := reader{wire: c.wire}
				if err := c.wire.walk(c.data, &all); err != nil {
					b.Fatal(err)
				}
				if err := c.wire.walk(c.data, &k); err != nil || k.records != all.records || k.records != 1000 {
					b.Fatal(err, k.records)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
		})
	}
}
