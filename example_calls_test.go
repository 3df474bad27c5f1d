package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/writer"
)

// screen is show without the blanks at the ends of lines.
func screen() weir.Sink {
	f, err := format.Text("%(level)s %(name)s: %(message)s %(attrs)s", format.TextOptions{})
	if err != nil {
		panic(err) // as in show
	}
	return writer.New(trimmer{}, f)
}

type trimmer struct{}

func (trimmer) Write(lines []byte) (int, error) {
	for line := range strings.Lines(string(lines)) {
		fmt.Println(strings.TrimRight(line, " \n"))
	}
	return len(lines), nil
}

// nameOfLevel is a level as records have it: TRACE, where slog says DEBUG-4.
func nameOfLevel(l slog.Level) string { return record.SeverityOf(int(l)).Level() }

// A program that uses log/slog keeps its calls.
func ExampleNewHandler() {
	h := weir.NewHandler("app", weir.WithSink(screen()))
	defer h.Close()
	log := slog.New(h)
	log.Info("order placed", "order", 4711)
	log.WithGroup("user").Warn("unknown plan", "plan", "gold")
	h.Logger().Named("db").Info("the same logger")
	// Output:
	// INFO app: order placed order=4711
	// WARN app: unknown plan user.plan=gold
	// INFO app.db: the same logger
}

func ExampleLogger_Slog() {
	log := weir.New("app", weir.WithSink(screen()))
	defer log.Close()
	var library *slog.Logger = log.Named("library").Slog()
	library.Info("hello", "n", 1)
	slog.New(log.Handler()).Info("as its handler")
	// Output:
	// INFO app.library: hello n=1
	// INFO app: as its handler
}

// FATAL is a level: the program goes on.
func ExampleLogger_Critical() {
	log := weir.New("app", weir.WithSink(screen()), weir.WithLevel(weir.LevelTrace))
	defer log.Close()
	ctx := weir.With(context.Background(), "request", 7)
	log.Trace("a")
	log.TraceContext(ctx, "b")
	log.Debug("c")
	log.DebugContext(ctx, "d")
	log.Warn("e")
	log.WarnContext(ctx, "f")
	log.ErrorContext(ctx, "g")
	log.Critical("h")
	log.CriticalContext(ctx, "i")
	fmt.Println(log.Enabled(ctx, weir.LevelTrace))
	_ = log.Flush(ctx)
	// Unordered output:
	// true
	// TRACE app: a
	// TRACE app: b request=7
	// DEBUG app: c
	// DEBUG app: d request=7
	// WARN app: e
	// WARN app: f request=7
	// ERROR app: g request=7
	// FATAL app: h
	// FATAL app: i request=7
}

// The fast calls take a message alone, and do not look where they are.
func ExampleLogger_InfoFast() {
	log := weir.New("app", weir.WithSink(screen()), weir.WithLevel(weir.LevelTrace))
	defer log.Close()
	log.TraceFast("a")
	log.DebugFast("b")
	log.InfoFast("c")
	log.WarnFast("d")
	log.ErrorFast("e")
	log.CriticalFast("f")
	// Output:
	// TRACE app: a
	// DEBUG app: b
	// INFO app: c
	// WARN app: d
	// ERROR app: e
	// FATAL app: f
}

func ExampleLogger_LogAttrs() {
	log := weir.New("app", weir.WithSink(screen()))
	defer log.Close()
	ctx := context.Background()
	log.LogAttrs(ctx, weir.LevelInfo, "without an allocation", slog.Int("order", 4711), slog.Bool("paid", true))
	log.Log(ctx, weir.LevelInfo+2, "of any level", "n", 1)
	// Output:
	// INFO app: without an allocation order=4711 paid=true
	// INFO app: of any level n=1
}

// TryLog tells whether the record was accepted.
func ExampleLogger_TryLog() {
	log := weir.New("app", weir.WithSink(screen()), weir.WithErrorOutput(io.Discard))
	ctx := context.Background()
	fmt.Println(log.TryLog(ctx, weir.LevelInfo, "in time"))
	_ = log.Close()
	err := log.TryLog(ctx, weir.LevelInfo, "too late")
	fmt.Println(errors.Is(err, weir.ErrClosed), err)
	// Unordered output:
	// <nil>
	// INFO app: in time
	// true weir: the logger is closed
}

func ExampleLogger_Tagged() {
	log := weir.New("etl", weir.WithSink(screen()))
	defer log.Close()
	log.Tagged("ingestion").Info("loading", "rows", 1200)
	log.Divider("second run")
	log.Info("again")
	// Output:
	// INFO etl: loading tag=ingestion rows=1200
	// INFO etl: second run
	// INFO etl: again
}

func ExampleLogger_Lookup() {
	log := weir.New("app", weir.WithSink(screen()))
	defer log.Close()
	fmt.Println(log.Named("db").Lookup("app.http").Name())
	log.Lookup("audit").Info("a name beside the program's")
	// Unordered output:
	// app.http
	// INFO audit: a name beside the program's
}

// Sinks come and go while the program runs.
func ExampleLogger_AddSink() {
	log := weir.New("app", weir.WithSink(discard{}))
	defer log.Close()
	ctx := context.Background()
	all, db := screen(), screen()
	for _, err := range []error{log.AddSink(all), log.AddSinkTo("app.db", db)} {
		if err != nil {
			fmt.Println(err)
		}
	}
	log.Info("once")
	if err := log.RemoveSink(ctx, all); err != nil { // waits until it has been given what was logged
		fmt.Println(err)
	}
	log.Info("not here any more")
	log.Named("db").Info("to the name's own sink")
	// Output:
	// INFO app: once
	// INFO app.db: to the name's own sink
}

func ExampleLogger_Levels() {
	log := weir.New("app", weir.WithSink(discard{}), weir.WithLogger("app.db", weir.LoggerOptions{Level: weir.LevelTrace}))
	defer log.Close()
	if err := log.SetLevel("app.http", weir.LevelWarn, time.Hour); err != nil {
		fmt.Println(err)
	}
	for _, rule := range log.Levels() {
		fmt.Printf("%q %s, own: %v, for a time: %v\n", rule.Logger, nameOfLevel(rule.Level), rule.Own, !rule.Until.IsZero())
	}
	if err := log.ResetLevel("app.http"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(log.Lookup("app.http").Enabled(context.Background(), weir.LevelInfo))
	// Output:
	// "" INFO, own: false, for a time: false
	// "app" INFO, own: false, for a time: false
	// "app.db" TRACE, own: true, for a time: false
	// "app.http" WARN, own: true, for a time: true
	// true
}

// Shutdown is Close for a program that has a context to end by.
func ExampleLogger_Shutdown() {
	log := weir.New("app", weir.WithSink(screen()))
	log.Info("the last record")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println(log.Shutdown(ctx))
	// Output:
	// INFO app: the last record
	// <nil>
}

// Flush waits for the sinks; Stats counts what became of the records.
func ExampleLogger_Flush() {
	log := weir.New("app", weir.WithSink(screen()))
	defer log.Close()
	log.Info("one")
	log.Info("two")
	if err := log.Flush(context.Background()); err != nil {
		fmt.Println(err)
	}
	stats := log.Stats()
	fmt.Println(stats.Emitted, stats.Written, stats.Dropped.Total(), log.Started().Equal(stats.Started))
	// Output:
	// INFO app: one
	// INFO app: two
	// 2 2 0 true
}

// For code that does not pass a context on.
func ExampleLogger_WithContext() {
	log := weir.New("app", weir.WithSink(screen()))
	defer log.Close()
	ctx := weir.With(context.Background(), "user_id", "u-42")
	fmt.Println(weir.ContextAttrs(ctx))
	bound := log.WithContext(ctx)
	bound.Info("from deep below")
	log.InfoContext(weir.WithoutContext(ctx), "of nobody")
	_ = log.Flush(ctx)
	// Unordered output:
	// [user_id=u-42]
	// INFO app: from deep below user_id=u-42
	// INFO app: of nobody
}

func ExampleLogger_WithSource() {
	log := weir.New("app", weir.WithSink(printer{[]string{"function_name"}}))
	defer log.Close()
	log.Info("from here")
	log.WithSource(false).Info("from anywhere")
	// Output:
	// INFO from here function_name=github.com/weirlog/weir_test.ExampleLogger_WithSource
	// INFO from anywhere
}

func ExampleParseLevel() {
	for _, text := range []string{"warning", "CRITICAL", "trace", "loud"} {
		level, err := weir.ParseLevel(text)
		if err != nil {
			fmt.Println("no level:", text)
			continue
		}
		fmt.Println(nameOfLevel(level))
	}
	// Output:
	// WARN
	// FATAL
	// TRACE
	// no level: loud
}

// Numbers that jump, and work that fails.
func ExampleProgress() {
	log := weir.New("app", weir.WithSink(printer{[]string{"status", "done", "total"}}))
	defer log.Close()
	p := log.Progress("download", 0, weir.ProgressInterval(time.Hour))
	p.SetTotal(4096) // known only now
	p.Set(1024)
	p.Fail(errors.New("connection lost"))
	// Output:
	// INFO download status=IN_PROGRESS done=0
	// ERROR download status=FAILED done=1024 total=4096
}

// mailSink is a sink of a program: it knows its logger and has a name.
type mailSink struct{ log *weir.Logger }

func (m *mailSink) Start(log *weir.Logger) error { m.log = log; return nil }
func (*mailSink) SinkName() string               { return "mail to the operators" }
func (*mailSink) Close() error                   { return nil }

func (m *mailSink) WriteBatch(_ context.Context, batch []record.Record) error {
	m.log.Report(errors.New("the mail server is slow")) // about the logging itself, never with log.Warn
	fmt.Println("mailed", len(batch))
	return nil
}

var (
	_ weir.Starter   = (*mailSink)(nil)
	_ weir.SelfNamed = (*mailSink)(nil)
)

func ExampleLogger_Report() {
	log := weir.New("app", weir.WithSink(&mailSink{}), weir.WithDiagnostics(func(err error) { fmt.Println("diagnostics:", err) }))
	log.Error("disk full")
	_ = log.Close()
	fmt.Println(log.Stats().Sinks[0].Name)
	fmt.Fprint(log.ErrorOutput()) // where sinks tell people things
	// Output:
	// diagnostics: the mail server is slow
	// mailed 1
	// mail to the operators
}
