package behaviour_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/ship"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirhttp"
)

// The client, to the log-collector's server or to `weir serve`.
func Example_collectorClient() {
	address := "http://localhost:8000"
	server, err := ship.New(address, ship.Options{BatchRecords: 1000, FlushInterval: time.Second, Compression: ship.CompressionGzip, QueueRecords: 10_000, Spool: ""})
	if err != nil {
		fmt.Println(err)
		return
	}
	log := weir.New("payment-api", weir.WithSink(server), weir.HandleSignals(),
		weir.WithResource(record.Resource{Environment: "production", ServiceVersion: "v1.2.3", LogType: "BACKEND"}))
	_ = log.Close() // nothing was logged, so nothing is sent

	settings := config.Options{DotEnv: ".env", LookupEnv: env("LOG_SERVER_URL", "http://localhost:8000", "SERVICE_NAME", "payment-api")}
	log, err = config.New("payment-api", settings)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(log.Stats().Sinks[1].Name)
	_ = log.Close()
	// Output: server
}

// The calls of the log-collector's document.
func Example_collector() {
	ctx := context.Background()
	log := weir.New("my-service", weir.WithSink(toStdout()), weir.WithLevel(weir.LevelTrace), weir.WithoutSource())

	log.Trace("Trace message")
	log.Warn("High memory usage", "memory_mb", 512)
	log.Critical("Fatal message")
	log.WithSource(false).Info("Manual log")

	tenant := weir.With(ctx, "tenant_id", "tenant_1")
	user := weir.With(tenant, "user_id", "user_123")
	log.InfoContext(user, "User operation")
	log.InfoContext(weir.WithoutContext(user), "nobody's")
	session := log.WithContext(weir.With(ctx, "session_id", "sess_abc"))
	session.Info("User action")
	fmt.Fprintln(io.Discard, weir.ContextAttrs(user))
	if err := log.Flush(ctx); err != nil {
		fmt.Println(err)
	}
	_ = log.Close()
	// Output:
	// TRACE my-service: Trace message
	// WARNING my-service: High memory usage memory_mb=512
	// CRITICAL my-service: Fatal message
	// INFO my-service: Manual log
	// INFO my-service: User operation tenant_id=tenant_1 user_id=user_123
	// INFO my-service: nobody's
	// INFO my-service: User action session_id=sess_abc
}

// Timers, errors and requests, whose times differ between runs.
func Example_collectorTimers() {
	ctx := context.Background()
	layout, err := format.Text("%(levelname)s %(message)s %(error_type)s %(path)s", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	log := weir.New("my-service", weir.WithSink(writer.New(os.Stdout, trimmed{layout})))

	timer := log.StartTimer()
	timer.End(ctx, weir.LevelInfo, "Operation completed")
	result, err := weir.MeasureValue(log, ctx, "expensive operation", func(context.Context) (int, error) { return 42, nil })
	fmt.Fprintln(io.Discard, result, err)
	log.Err(ctx, errors.New("risky"), "Operation failed")

	users := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "Fetching user 7") })
	service := weirhttp.Middleware(log, weirhttp.Options{Received: true, UserID: true})(users)
	service.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/users/7", nil))
	_ = log.Close()
	// Output:
	// INFO Operation completed
	// INFO expensive operation completed
	// ERROR Operation failed *errors.errorString
	// INFO Request received  /api/users/7
	// INFO Fetching user 7  /api/users/7
	// INFO Request completed  /api/users/7
}
