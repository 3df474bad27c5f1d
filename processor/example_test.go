package processor_test

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/writer"
)

// example logs through processors to standard output.
func example(use func(log *weir.Logger), processors ...weir.Processor) {
	layout, err := format.Text("%(level)s %(message)s {%(attrs)s}", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	out := weir.ConfigureSink(writer.New(os.Stdout, layout), weir.SinkOptions{Processors: processors})
	log := weir.New("shop", weir.WithSink(out), weir.WithoutSource())
	use(log)
	if err := log.Close(); err != nil {
		panic(err)
	}
}

func ExampleRedact() {
	redact, err := processor.Redact(processor.RedactOptions{Keys: []string{"pin"}})
	if err != nil {
		panic(err) // it names the pattern or key that is wrong
	}
	example(func(log *weir.Logger) {
		log.Info("login of bob@example.com", "password", "hunter2", "pin", 1234)
		log.Info("dial postgresql://admin:secret@db/shop")
	}, redact)
	// Output:
	// INFO login of [REDACTED] {password=[REDACTED] pin=[REDACTED]}
	// INFO dial postgresql://[REDACTED]@db/shop {}
}

// A Redactor counts.
func ExampleRedactor() {
	redact, err := processor.Redact(processor.RedactOptions{Replacement: "***"})
	if err != nil {
		panic(err)
	}
	example(func(log *weir.Logger) { log.Info("login", "password", "hunter2") }, redact)
	counts := redact.(*processor.Redactor) //nolint:errcheck // Redact says so
	fmt.Println(counts.Redacted(), counts.Failed())
	// Output:
	// INFO login {password=***}
	// 1 0
}

func ExampleDeduplicate() {
	repeats := processor.Deduplicate(processor.DeduplicateOptions{})
	example(func(log *weir.Logger) {
		for range 3 {
			log.Warn("connection refused")
		}
	}, repeats, processor.Keep("repeated"))
	fmt.Println(repeats.Dropped(), repeats.Forgotten())
	// Output:
	// WARN connection refused {}
	// WARN connection refused (repeated 2 times) {repeated=2}
	// 2 0
}

func ExampleSample() {
	sample := processor.Sample(processor.SampleOptions{First: 2, Thereafter: 5})
	example(func(log *weir.Logger) {
		for range 7 {
			log.Info("cache miss")
		}
	}, sample)
	fmt.Println(sample.Dropped())
	// Output:
	// INFO cache miss {}
	// INFO cache miss {}
	// INFO cache miss {sampled=5}
	// 4
}

func ExampleRateLimit() {
	example(func(log *weir.Logger) {
		for range 5 {
			log.Info("tick")
		}
	}, processor.RateLimit(processor.RateLimitOptions{PerSecond: 0.001, Burst: 2, Keys: []string{"message"}}))
	// Output:
	// INFO tick {}
	// INFO tick {}
	// WARN 3 records of message:tick were dropped by the rate limit {dropped=3}
}

func ExampleFilter() {
	q, err := query.Parse("level>=warn OR user.plan:pro", record.Record{}.Time)
	if err != nil {
		panic(err)
	}
	example(func(log *weir.Logger) {
		log.Info("no")
		log.Warn("a warning")
		log.Info("a customer", slog.Group("user", "plan", "pro"))
	}, processor.Filter(q))
	// Output:
	// WARN a warning {}
	// INFO a customer {user.plan=pro}
}

// Keep removes all attributes but some.
func ExampleKeep() {
	example(func(log *weir.Logger) {
		log.Info("order", "order", 4711, slog.Group("user", "id", 7, "address", "Main St 1"), "n", 1)
	}, processor.Keep("order", "user.id"))
	// Output:
	// INFO order {order=4711 user.id=7}
}

// Rename gives attributes the names that a reader expects; dotted names reach into groups.
func ExampleRename() {
	example(func(log *weir.Logger) {
		log.Info("order", "usr", "u-42", slog.Group("http", "status", 200))
	}, processor.Rename(map[string]string{"usr": "user_id", "http.status": "status"}))
	// Output:
	// INFO order {user_id=u-42 status=200}
}

// Defaults are for records that lack them.
func ExampleDefaults() {
	example(func(log *weir.Logger) {
		log.Info("here", "region", "us")
		log.Info("anywhere")
	}, processor.Defaults(slog.String("region", "eu")))
	// Output:
	// INFO here {region=us}
	// INFO anywhere {region=eu}
}

func ExampleDrop() {
	example(func(log *weir.Logger) {
		log.Info("order", slog.Group("user", "id", 7, "address", "Main St 1"), "n", 1)
	}, processor.Drop("user.address"), processor.Rename(map[string]string{"user.id": "user_id"}), processor.Defaults(slog.String("region", "eu")))
	// Output:
	// INFO order {n=1 user_id=7 region=eu}
}

func ExampleStripMarkup() {
	example(func(log *weir.Logger) {
		log.Info("[bold]done[/bold] \x1b[32mok\x1b[0m")
	}, processor.StripMarkup(processor.StripOptions{Rich: true}))
	// Output:
	// INFO done ok {}
}

func ExampleErrors() {
	example(func(log *weir.Logger) {
		log.Error("failed", "error_type", "*fs.PathError", "error", "open x: no such file")
	}, processor.Errors(processor.ErrorsOptions{RemoveText: true}), processor.Drop("error_type"))
	// Output:
	// ERROR failed {exception.type=*fs.PathError exception.module=fs exception.message="open x: no such file"}
}

func ExampleCallsite() {
	callsite, err := processor.Callsite("filename", "lineno")
	if err != nil {
		panic(err)
	}
	r := record.Record{Message: "m", Attrs: []slog.Attr{
		slog.String("function_name", "main.run"), slog.String("file_path", "/src/main.go"), slog.Int("line_number", 12),
	}}
	if err := callsite.Process(&r, func(r record.Record) { os.Stdout.Write(record.AppendAttrs(nil, r.Attrs)) }); err != nil {
		panic(err)
	}
	// Output:
	// {"line_number":12,"filename":"main.go"}
}

func ExampleLevel() {
	example(func(log *weir.Logger) {
		log.Info("no")
		log.Warn("yes")
	}, processor.Level(slog.LevelWarn))
	// Output:
	// WARN yes {}
}
