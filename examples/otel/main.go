// Command otel puts the ids of OpenTelemetry spans on records: each record can be found
// by the trace and span that it was logged in.
//
//	go run ./otel
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"go.opentelemetry.io/otel/propagation"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/console"
	"github.com/weirlog/weir/weirhttp"
)

// spanOf tells Weir, which does not know OpenTelemetry, where a context stands. Without it
// Weir looks into the context by itself; this is faster and always right.
func spanOf(ctx context.Context) (traceID, spanID string) {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() {
		return "", ""
	}
	return span.TraceID().String(), span.SpanID().String()
}

func main() {
	log := weir.New("otel-service",
		weir.WithSink(console.New(os.Stdout, console.Options{})), weir.WithTrace(spanOf), weir.WithoutSource())
	provider := sdk.NewTracerProvider() // a real program gives it an exporter
	tracer := provider.Tracer("example")

	mux := http.NewServeMux()
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "order asked for")
		ctx, span := tracer.Start(r.Context(), "load order")
		log.InfoContext(ctx, "order loaded", "order", r.PathValue("id")) // the same trace, a span of its own
		span.End()
		fmt.Fprintln(w, "ok")
	})
	service := spans(tracer, weirhttp.Middleware(log, weirhttp.Options{Trace: spanOf})(mux))

	r := httptest.NewRequest(http.MethodGet, "/orders/4711", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	w := httptest.NewRecorder()
	service.ServeHTTP(w, r)
	fmt.Println("returned in the trace", w.Header().Get("X-Trace-Id"))

	if err := provider.Shutdown(context.Background()); err != nil {
		log.Err(context.Background(), err, "the tracer does not end")
	}
	log.Close()
}

// spans gives each request a span, as otelhttp.NewHandler does in a real program.
func spans(tracer trace.Tracer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer.Start(ctx, r.URL.Path, trace.WithSpanKind(trace.SpanKindServer))
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
