package behaviour_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
	"github.com/weirlog/weir/sink/file"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirtest"
)

// The calls of ko-log's README.
func Example_kolog() {
	ctx := context.Background()
	log := weir.New("app", weir.WithSink(toStdout()), weir.WithoutSource())

	log.Info("Processing request", "user_id", "123")
	log.Critical("Cannot go on")
	bound := log.With("component", "auth", "env", "prod")
	bound.Warn("Rate limit exceeded", "ip", "192.168.1.1")
	if _, err := bound.TryWithout("region"); err != nil {
		log.Warn("unbind", "found", false)
	}
	bound.Without("env", "region").Info("without env")
	bound.Fresh("request_id", "abc123").Info("Processing")
	log.Named("db").Info("of a dotted name")
	log.Lookup("other.part").Info("of another")
	log.Sync().Info("written when it returns")

	query := func() (err error) {
		done := log.Scope(ctx, "loading the cache")
		defer done(&err)
		return nil
	}
	_ = query()
	_ = log.Flush(ctx)
	_ = log.Shutdown(ctx)
	// Output:
	// INFO app: Processing request user_id=123
	// CRITICAL app: Cannot go on
	// WARNING app: Rate limit exceeded component=auth env=prod ip=192.168.1.1
	// WARNING app: unbind found=false
	// INFO app: without env component=auth
	// INFO app: Processing request_id=abc123
	// INFO app.db: of a dotted name
	// INFO other.part: of another
	// INFO app: written when it returns
	// INFO app: loading the cache
}

// Lives and errors, whose seconds and stacks differ between runs.
func Example_kologLife() {
	ctx := context.Background()
	layout, err := format.Text("%(levelname)s %(message).8s", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	log := weir.New("app", weir.WithSink(writer.New(os.Stdout, layout)))
	query := func() (err error) {
		done := log.Life(ctx, "Database query", "table", "users")
		defer done(&err)
		return errors.New("connection timeout")
	}
	if err := query(); err != nil {
		log.Err(ctx, err, "Operation failed", "operation", "risky")
	}
	done := log.LifeAt(ctx, weir.LevelWarn, "cleanup")
	done(nil)
	_ = log.Close()
	// Output:
	// INFO Begin: D
	// ERROR Error in
	// INFO End (0.0
	// ERROR Operatio
	// WARNING Begin: c
	// WARNING End (0.0
}

// Handlers, renderers and processors are values; a settings file names them as well.
func Example_kologHandlers() {
	dir, remove := temporary()
	defer remove()
	plain, err := format.Text("%(asctime)s - %(level)s - %(event)s", format.TextOptions{DateFormat: "%Y-%m-%d %H:%M:%S"})
	if err != nil {
		panic(err)
	}
	app, err := file.New(filepath.Join(dir, "app.log"), file.Options{Mode: file.NewName, Format: format.JSON(format.JSONOptions{Indent: 2, Prefix: plain})})
	if err != nil {
		panic(err)
	}
	rotating, err := file.New(filepath.Join(dir, "audit.log"), file.Options{MaxSize: 10_485_760, MaxFiles: 5, Format: plain})
	if err != nil {
		panic(err)
	}
	place, err := processor.Callsite("filename", "lineno", "funcName")
	if err != nil {
		panic(err)
	}
	addRequestID := weir.ProcessorFunc(func(r *record.Record) bool {
		r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], slog.String("request_id", "abc"))
		return true
	})
	log := weir.New("app", weir.WithOverflow(weir.DropOldest), weir.WithMaxRecords(10_000),
		weir.WithProcessor(
			place,
			processor.Defaults(slog.String("env", "production")),
			processor.Errors(processor.ErrorsOptions{}),
			processor.Level(weir.LevelInfo),
			processor.Drop("password"),
			processor.StripMarkup(processor.StripOptions{Rich: true}),
			addRequestID,
		),
		weir.WithSink(app, rotating, null.New()),
		weir.WithSink(console.New(os.Stderr, console.Options{Color: console.ColorNever, Format: brief{}})))
	log.Info("[bold]signed in[/bold]", "password", "x")
	_ = log.Close()
	text, err := os.ReadFile(filepath.Join(dir, "audit.log"))
	fmt.Println(strings.HasSuffix(string(text), " - INFO - signed in\n"), err)
	// Output: true <nil>
}

// brief writes nothing, to keep the example's standard error quiet.
type brief struct{}

func (brief) Append(b []byte, _ *record.Record) []byte { return b }

// Settings as JSON, and the loggers that they name.
func Example_kologFactory() {
	settings := []byte(`{"sinks": {"null": {}}, "loggers": {"app.db": {"level": "debug"}}}`)
	cfg, err := config.Parse(settings, "weir.json", config.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	log, err := cfg.New("app")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = cfg.Logger(log, "app.dv")
	var e *weir.Error
	if errors.As(err, &e) {
		fmt.Println(e.Message, e.Code(), e.UserMessage, e.Recoverable, e.Err)
	}
	_ = log.Close()
	// Output: logger `app.dv` not found in configuration CONFIGURATION::Config::VALIDATION::ERROR did you mean app.db? false <nil>
}

// TestKologSink is the test of ko-log's README with a sink.
func TestKologSink(t *testing.T) {
	log, _ := weirtest.New(t)
	c := weirtest.Attach(t, log, "test")
	log.Info("Test message")
	weirtest.AssertLogged(t, c, weir.LevelInfo, "Test message")
	if c.Len() != 1 {
		t.Errorf("%d records", c.Len())
	}
}
