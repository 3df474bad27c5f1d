package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/weirhttp"
)

// fromLogCollector: AsyncLogClient("http://localhost:8000") is
//
//	server, err := ship.New("http://localhost:8000", ship.Options{})
//	log := weir.New("my-app", weir.WithSink(server))
//
// which ships to the log-collector's server as to `weir serve`. LOG_SERVER_URL,
// SERVICE_NAME, ENVIRONMENT, SERVICE_VERSION and LOG_TYPE are read as before. The
// function, file and line of calls are recorded unless weir.WithoutSource says no.
func fromLogCollector(ctx context.Context, log *weir.Logger) []step {
	return []step{
		{`logger.info("Hello world!", user_id="123", action="test")`, func() { log.Info("Hello world!", "user_id", "123", "action", "test") }},
		{`logger.trace("Trace message")`, func() { log.Trace("Trace message: below the level here, so not written") }},
		{`with AsyncLogClient.user_context(tenant_id="tenant_1"):
    with AsyncLogClient.user_context(user_id="user_123"):
        logger.info("User operation")`, func() {
			tenant := weir.With(ctx, "tenant_id", "tenant_1")
			user := weir.With(tenant, "user_id", "user_123") // has both
			log.InfoContext(user, "User operation")
		}},
		{`AsyncLogClient.set_user_context(user_id="user_123"); logger.info("User action")`, func() {
			own := log.WithContext(weir.With(ctx, "user_id", "user_123")) // for code without a context
			own.Info("User action")
		}},
		{`logger.info("Manual", user_id="manual")  # inside a context`, func() {
			log.InfoContext(weir.With(ctx, "user_id", "user_123"), "Manual", "user_id", "manual") // the call wins
		}},
		{`timer = logger.start_timer(); …; logger.end_timer(timer, "INFO", "Operation completed")`, func() {
			timer := log.StartTimer()
			time.Sleep(20 * time.Millisecond)
			timer.End(ctx, weir.LevelInfo, "Operation completed")
		}},
		{`result = logger.measure(lambda: expensive_operation())`, func() {
			result, err := weir.MeasureValue(log, ctx, "expensive operation", func(context.Context) (int, error) { return 42, nil })
			log.Info("measured", "result", result, "error", err)
		}},
		{`logger.error_with_trace("Operation failed", exception=e)`, func() {
			log.Err(ctx, weir.WithStack(errors.New("risky")), "Operation failed")
		}},
		{`@app.middleware("http")  # with x-trace-id and x-user-id`, func() {
			users := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { log.InfoContext(r.Context(), "Fetching user 7") })
			service := weirhttp.Middleware(log, weirhttp.Options{Received: true, UserID: true})(users)
			r := httptest.NewRequest(http.MethodGet, "/api/users/7", nil) // in a program, http.ListenAndServe(address, service)
			r.Header.Set("X-User-Id", "user_123")
			service.ServeHTTP(httptest.NewRecorder(), r)
		}},
		{`logger.flush()`, func() {
			if err := log.Flush(ctx); err != nil {
				log.Err(ctx, err, "flush")
			}
		}},
	}
}
