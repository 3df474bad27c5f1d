package weir_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/writer"
)

// show is a sink for examples: level, logger, message and attributes on stdout.
func show() weir.Sink {
	f, err := format.Text("%(level)s %(name)s: %(message)s %(attrs)s", format.TextOptions{})
	if err != nil {
		panic(err) // a layout that is written in the program is right or wrong for good
	}
	return writer.New(os.Stdout, f)
}

// Loggers have dotted names, which inherit levels and sinks; levels change while the
// program runs.
func ExampleLogger_Named() {
	log := weir.New("app", weir.WithSink(show()))
	defer log.Close()
	db := log.Named("db")
	db.Debug("not logged: the level is INFO")
	if err := log.SetLevel("app.db", weir.LevelDebug, 10*time.Minute); err != nil {
		fmt.Println(err)
	}
	db.Debug("logged for ten minutes")
	log.Debug("still not logged")
	// Output: DEBUG app.db: logged for ten minutes
}

func ExampleWithLogger() {
	log := weir.New("app", weir.WithSink(show()),
		weir.WithLogger("app.db", weir.LoggerOptions{Level: weir.LevelError, Attrs: []slog.Attr{slog.String("part", "storage")}}))
	defer log.Close()
	log.Named("db.pool").Warn("not logged")
	log.Named("db.pool").Error("no connection left")
	// Output: ERROR app.db.pool: no connection left part=storage
}

// Each sink has its own level and processors.
func ExampleConfigureSink() {
	shout := weir.ProcessorFunc(func(r *record.Record) bool {
		r.Message += "!"
		return true
	})
	log := weir.New("app", weir.WithSink(
		weir.ConfigureSink(show(), weir.SinkOptions{Name: "alarm", Level: weir.LevelError, Processors: []weir.Processor{shout}})))
	log.Info("not for this sink")
	log.Error("disk full", "free", 0)
	log.Close()
	for _, s := range log.Stats().Sinks {
		fmt.Println(s.Name, "got", s.Records, "and not", s.Filtered)
	}
	// Output:
	// ERROR app: disk full! free=0
	// alarm got 1 and not 1
}

// Attributes in a context are on every record that is logged with it.
func ExampleWith() {
	log := weir.New("app", weir.WithSink(show()))
	defer log.Close()
	ctx := weir.With(context.Background(), "tenant_id", "tenant_1")
	log.InfoContext(weir.With(ctx, "user_id", "user_123"), "inner")
	log.InfoContext(ctx, "outer")
	// Output:
	// INFO app: inner tenant_id=tenant_1 user_id=user_123
	// INFO app: outer tenant_id=tenant_1
}

func ExampleTag() {
	log := weir.New("etl", weir.WithSink(show()))
	defer log.Close()
	ctx := weir.Tag(context.Background(), "ingestion")
	log.InfoContext(ctx, "loading", "rows", 1200)
	log.InfoContext(weir.Tag(ctx, "validation"), "checking")
	log.InfoContext(ctx, "loaded")
	// Output:
	// INFO etl: loading tag=ingestion rows=1200
	// INFO etl: checking tag=validation
	// INFO etl: loaded tag=ingestion
}

func ExampleLogger_Without() {
	log := weir.New("app", weir.WithSink(show()))
	defer log.Close()
	bound := log.With("service", "auth", "request", 7)
	bound.Without("request").Info("without the request")
	bound.Fresh("job", 3).Info("with nothing of before")
	if _, err := bound.TryWithout("nobody"); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// INFO app: without the request service=auth
	// INFO app: with nothing of before job=3
	// the logger has no attribute nobody (use Without where a key may be absent)
}

func ExampleLogger_SetDefaults() {
	log := weir.New("app", weir.WithSink(show()))
	defer log.Close()
	log.SetDefaults("region", "eu")
	log.Named("db").Info("connected")
	log.ClearDefaults()
	log.Info("moved")
	// Output:
	// INFO app.db: connected region=eu
	// INFO app: moved
}

// The calls of a synchronous logger return when the sinks have the record.
func ExampleLogger_Sync() {
	log := weir.New("app", weir.WithSink(show()))
	defer log.Close()
	log.Sync().Error("this is on the screen", "n", 1)
	fmt.Println("before this")
	// Output:
	// ERROR app: this is on the screen n=1
	// before this
}

// A tap gets the records of one context, such as a request's.
func ExampleLogger_Tap() {
	log := weir.New("app", weir.WithLevel(weir.LevelInfo), weir.WithSink(weir.ConfigureSink(show(), weir.SinkOptions{Level: weir.LevelFatal})))
	defer log.Close()
	ctx, stop, err := log.Tap(context.Background(), show())
	if err != nil {
		fmt.Println(err)
		return
	}
	log.Info("somebody else's")
	log.InfoContext(ctx, "this request's")
	if err := stop(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: INFO app: this request's
}

// Errors of Weir have a code.
func ExampleError() {
	err := &weir.Error{
		Layer: weir.LayerSink, Service: "FileSink", Category: weir.CategoryIO, Severity: weir.SeverityError, Recoverable: true,
		Message: "open /var/log/app.log", UserMessage: "check who owns the folder", Err: os.ErrPermission,
	}
	var e *weir.Error
	if errors.As(fmt.Errorf("start: %w", err), &e) {
		fmt.Println(e.Code())
		fmt.Println(e)
	}
	// Output:
	// SINK::FileSink::IO::ERROR::RECOVERABLE
	// open /var/log/app.log: permission denied (check who owns the folder)
}
