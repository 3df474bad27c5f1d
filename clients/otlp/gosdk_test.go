// Package otlp tests that OpenTelemetry's own SDK for Go sends to Weir, over HTTP and
// over gRPC.
package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdk "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"

	"github.com/weirlog/weir/clients/weirserver"
)

// patience is how long a test waits for what must happen; only a failing one does.
const patience = 60 * time.Second

// server is a weir that takes OTLP, with the address for gRPC.
type server struct {
	*weirserver.Server
	grpc string
}

func start(t *testing.T, args ...string) server {
	t.Helper()
	address := fmt.Sprintf("127.0.0.1:%d", weirserver.Port(t))
	return server{weirserver.Start(t, append([]string{"--otlp-listen", address}, args...)...), address}
}

// ways are the exporters, with the name of their protocol in /api/v1/sources.
func ways() map[string]func(context.Context, server) (sdk.Exporter, string, error) {
	retryHTTP := otlploghttp.WithRetry(otlploghttp.RetryConfig{Enabled: true, InitialInterval: 100 * time.Millisecond, MaxInterval: time.Second, MaxElapsedTime: patience})
	retryGRPC := otlploggrpc.WithRetry(otlploggrpc.RetryConfig{Enabled: true, InitialInterval: 100 * time.Millisecond, MaxInterval: time.Second, MaxElapsedTime: patience})
	overHTTP := func(opts ...otlploghttp.Option) func(context.Context, server) (sdk.Exporter, string, error) {
		return func(ctx context.Context, s server) (sdk.Exporter, string, error) {
			e, err := otlploghttp.New(ctx, append(opts, retryHTTP, otlploghttp.WithEndpointURL(s.URL+"/v1/logs"), otlploghttp.WithTimeout(patience))...)
			return e, "otlp", err
		}
	}
	overGRPC := func(opts ...otlploggrpc.Option) func(context.Context, server) (sdk.Exporter, string, error) {
		return func(ctx context.Context, s server) (sdk.Exporter, string, error) {
			e, err := otlploggrpc.New(ctx, append(opts, retryGRPC, otlploggrpc.WithEndpoint(s.grpc), otlploggrpc.WithInsecure(), otlploggrpc.WithTimeout(patience))...)
			return e, "otlp-grpc", err
		}
	}
	return map[string]func(context.Context, server) (sdk.Exporter, string, error){
		"HTTP":           overHTTP(),
		"gzip over HTTP": overHTTP(otlploghttp.WithCompression(otlploghttp.GzipCompression)),
		"gRPC":           overGRPC(),
		"gzip over gRPC": overGRPC(otlploggrpc.WithCompressor("gzip")),
	}
}

// failures remembers what an exporter returned: a processor only tells otel's global
// error handler.
type failures struct {
	sdk.Exporter

	t *testing.T
}

// Export implements sdk.Exporter.
func (f failures) Export(ctx context.Context, records []sdk.Record) error {
	err := f.Exporter.Export(ctx, records)
	if err != nil {
		f.t.Errorf("export %d records: %v", len(records), err)
	}
	return err
}

func provider(t *testing.T, e sdk.Exporter) *sdk.LoggerProvider {
	t.Helper()
	about := resource.NewSchemaless(
		attribute.String("service.name", "shop"), attribute.String("service.version", "3.1"), attribute.String("service.namespace", "web"),
		attribute.String("deployment.environment.name", "staging"), attribute.String("host.name", "h1"),
	)
	p := sdk.NewLoggerProvider(sdk.WithResource(about), sdk.WithProcessor(sdk.NewBatchProcessor(failures{e, t}, sdk.WithMaxQueueSize(50_000))))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := p.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	return p
}

// text returns a field of a record, or an attribute, slashes between names.
func text(r map[string]any, path string) string {
	var v any = r
	for name := range strings.SplitSeq(path, "/") {
		group, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = group[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func check(t *testing.T, r map[string]any, want map[string]string) {
	t.Helper()
	for path, value := range want {
		if got := text(r, path); got != value {
			t.Errorf("%s is %q, want %q, in %v", path, got, value, r)
		}
	}
}

// TestSlog: a program that logs with log/slog through OpenTelemetry's bridge.
func TestSlog(t *testing.T) {
	s := start(t)
	for name, open := range ways() {
		t.Run(name, func(t *testing.T) {
			e, protocol, err := open(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			p := provider(t, e)
			log := slog.New(otelslog.NewHandler("shop.orders", otelslog.WithLoggerProvider(p), otelslog.WithVersion("1.2.0"), otelslog.WithSource(true)))
			span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 2, 15: 3}, SpanID: trace.SpanID{4, 7: 5}, TraceFlags: trace.FlagsSampled})
			ctx := trace.ContextWithSpanContext(t.Context(), span)
			log.ErrorContext(ctx, "not paid by "+name, "user.id", "u-7", "amount", 12.5, slog.Group("cart", "items", 3, "gift", true), "took", time.Second, "error", errors.New("no money"))
			log.Log(ctx, slog.LevelInfo+1, "paid by "+name, "http.request.method", "POST", "url.path", "/pay", "none", nil)
			if err := p.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
			found := s.WaitFor(`"paid by `+name+`" service:shop`, 2)
			if len(found) != 2 {
				t.Fatalf("%d records: %v", len(found), found)
			}
			check(t, found[0], map[string]string{
				"level": "ERROR", "message": "not paid by " + name, "service": "shop", "service_version": "3.1", "environment": "staging", "host": "h1", "logger": "shop.orders",
				"trace_id": "01020000000000000000000000000003", "span_id": "0400000000000005", "user_id": "u-7",
				"metadata/amount": "12.5", "metadata/cart/items": "3", "metadata/cart/gift": "true",
				"metadata/resource/service.namespace": "web", "metadata/scope/version": "1.2.0", "metadata/flags": "1", "metadata/_repaired": "",
			})
			if file, function := text(found[0], "file_path"), text(found[0], "function_name"); !strings.HasSuffix(file, "gosdk_test.go") || !strings.Contains(function, "TestSlog") || text(found[0], "line_number") == "" {
				t.Errorf("logged at %q, %q", file, function)
			}
			check(t, found[1], map[string]string{"level": "INFO", "severity": "10", "method": "POST", "path": "/pay", "metadata/level_text": ""})
			for _, source := range s.Sources(protocol) {
				if source.Sender != "127.0.0.1" || !strings.Contains(source.Agent, "OTel Go OTLP over ") || len(source.Troubles) > 0 || source.Repaired > 0 {
					t.Errorf("%+v", source)
				}
			}
		})
	}
}

// TestLogAPI: records that slog has no words for: a body with structure, bytes, an
// event.
func TestLogAPI(t *testing.T) {
	s := start(t)
	for name, open := range ways() {
		t.Run(name, func(t *testing.T) {
			e, _, err := open(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			p := provider(t, e)
			logger := p.Logger("api")
			var r log.Record
			r.SetTimestamp(time.Unix(1_763_733_600, 123_456_789))
			r.SetSeverity(log.SeverityFatal2)
			r.SetSeverityText("EMERGENCY")
			r.SetEventName("till.broken")
			r.SetBody(attribute.MapValue(
				attribute.String("msg", "broken by "+name),
				attribute.Slice("list", attribute.IntValue(1), attribute.StringValue("two")),
				attribute.ByteSlice("raw", []byte{0, 1, 255}),
			))
			r.AddAttributes(
				attribute.String("exception.type", "*till.Broken"), attribute.String("exception.stacktrace", "main.main()"),
				attribute.Map("deep", attribute.Map("er", attribute.Bool("yes", true))), attribute.Int64("big", 1<<62),
			)
			logger.Emit(t.Context(), r)
			if err := p.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
			found := s.WaitFor(`"broken by `+name+`"`, 1)
			check(t, found[0], map[string]string{
				"created_at": "2025-11-21T14:00:00.123456Z", "level": "FATAL", "severity": "22", "metadata/level_text": "EMERGENCY", "message": "broken by " + name,
				"metadata/event_name": "till.broken", "metadata/body/list": "[1 two]", "metadata/body/raw": "AAH/", "error_type": "*till.Broken", "stack_trace": "main.main()",
				"metadata/deep/er/yes": "true", "logger": "api",
			})
		})
	}
}

// TestMany: batches of 512, all of them there once.
func TestMany(t *testing.T) {
	s := start(t)
	const records = 9_000
	for name, open := range ways() {
		t.Run(name, func(t *testing.T) {
			e, _, err := open(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			p := provider(t, e)
			log := slog.New(otelslog.NewHandler("many", otelslog.WithLoggerProvider(p)))
			for i := range records {
				log.Info("one of many", "by", name, "n", i)
			}
			if err := p.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
			seen := make(map[string]bool, records)
			for _, r := range s.WaitFor(`by:"`+name+`"`, records) {
				seen[text(r, "metadata/n")] = true
			}
			if len(seen) != records {
				t.Errorf("%d different records", len(seen))
			}
		})
	}
}

// TestServerGone: while the server is away the SDK waits, and loses nothing. That is so
// over gRPC only: over HTTP the SDK gives a batch up when nobody listens.
func TestServerGone(t *testing.T) {
	for name, open := range ways() {
		if !strings.HasSuffix(name, "gRPC") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			e, _, err := open(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			p := provider(t, e)
			log := slog.New(otelslog.NewHandler("gone", otelslog.WithLoggerProvider(p)))
			log.Info("before")
			if err := p.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.Kill()
			log.Info("while away")
			flushed := make(chan error, 1)
			go func() { flushed <- p.ForceFlush(context.WithoutCancel(t.Context())) }()
			s.Restart()
			if err := <-flushed; err != nil {
				t.Fatal(err)
			}
			if found := s.WaitFor("logger:gone", 2); len(found) != 2 || text(found[1], "message") != "while away" {
				t.Errorf("%v", found)
			}
		})
	}
}

// TestTooFast: a sender over its rate is told when to come again, and does.
func TestTooFast(t *testing.T) {
	s := start(t, "--max-rate", "200")
	for name, open := range ways() {
		e, protocol, err := open(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		p := provider(t, e)
		log := slog.New(otelslog.NewHandler("fast", otelslog.WithLoggerProvider(p)))
		for range 3 {
			for i := range 150 {
				log.Info("fast", "by", name, "n", i)
			}
			if err := p.ForceFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if found := s.WaitFor(`by:"`+name+`"`, 450); len(found) != 450 {
			t.Errorf("%s: %d records", name, len(found))
		}
		told := uint64(0)
		for _, source := range s.Sources(protocol) {
			for _, n := range source.Troubles {
				if n.What == "rate" {
					told += n.Count
				}
			}
		}
		if told == 0 {
			t.Errorf("%s: nobody was told to wait", name)
		}
	}
}
