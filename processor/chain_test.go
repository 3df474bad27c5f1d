package processor_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/jsonl"
)

// logged returns what reaches a sink with these processors.
func logged(t *testing.T, processors []weir.Processor, use func(l *weir.Logger)) []record.Record {
	t.Helper()
	var out bytes.Buffer
	l := weir.New("app", weir.WithSink(weir.ConfigureSink(jsonl.New(&out), weir.SinkOptions{Processors: processors})),
		weir.WithLevel(weir.LevelTrace), weir.WithErrorOutput(io.Discard))
	use(l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var records []record.Record
	for text := range strings.Lines(out.String()) {
		r, _, err := record.ParseJSON([]byte(text), record.ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

// C14. All processors of a list run, in order; ko-log ran the last alone.
func TestAllProcessorsRunInOrder(t *testing.T) {
	out := logged(t, []weir.Processor{
		processor.Level(slog.LevelInfo),
		must(t)(processor.Callsite("line_number")),
		processor.StripMarkup(processor.StripOptions{Rich: true}),
		processor.Rename(map[string]string{"pw": "password"}),
		must(t)(processor.Redact(processor.RedactOptions{})), // sees the new name
		processor.Defaults(slog.String("region", "eu"), slog.String("a", "no")),
		processor.Drop("a"), // drops what Defaults left, which was there
		weir.ProcessorFunc(func(r *record.Record) bool { // C15. A step of one's own.
			r.Message = strings.ToUpper(r.Message)
			return r.Message != "STOP"
		}),
	}, func(l *weir.Logger) {
		l.Debug("debug")
		l.Info("[bold]paid[/bold] by bob@example.com", "pw", "hunter2", "a", 1)
		l.Info("stop")
	})
	if messages(out) != "PAID BY [REDACTED]" {
		t.Fatalf("messages %s", messages(out))
	}
	for name, want := range map[string]string{"password": "[REDACTED]", "region": "eu", "pw": "", "a": "", "function_name": "", "file_path": ""} {
		if v, _ := out[0].Lookup(name); v.Kind() == slog.KindString && v.String() != want || v.Kind() != slog.KindString && want != "" {
			t.Errorf("%s is %s, want %q", name, v, want)
		}
	}
	if v, ok := out[0].Lookup("line_number"); !ok || v.Int64() == 0 {
		t.Error("the line is gone")
	}
}

// C15. A processor of one's own adds what it was made with.
func TestCustomProcessorAddsRequestID(t *testing.T) {
	addRequestID := func(id string) weir.Processor {
		return weir.ProcessorFunc(func(r *record.Record) bool {
			r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], slog.String("request_id", id))
			return true
		})
	}
	out := logged(t, []weir.Processor{addRequestID("abc")}, func(l *weir.Logger) { l.Info("m") })
	if v, _ := out[0].Lookup("request_id"); v.String() != "abc" {
		t.Error(line(&out[0]))
	}
}

// TestHoldersAreReleasedByFlushAndClose: what was held back comes through the steps
// that follow.
func TestHoldersAreReleasedByFlushAndClose(t *testing.T) {
	deduplicate := processor.Deduplicate(processor.DeduplicateOptions{Window: time.Hour})
	limit := processor.RateLimit(processor.RateLimitOptions{PerSecond: 1, Keys: []string{"message"}, ReportEvery: time.Hour})
	out := logged(t, []weir.Processor{
		must(t)(processor.Callsite()), deduplicate, limit, must(t)(processor.Redact(processor.RedactOptions{})),
	}, func(l *weir.Logger) {
		for range 3 {
			l.Info("retry bob@example.com")
		}
		if err := l.Flush(context.Background()); err != nil {
			t.Error(err)
		}
		l.Info("n", "i", 1)
		l.Info("n", "i", 2)
	})
	const want = `retry [REDACTED]|retry [REDACTED] (repeated 2 times)|n|1 record of message:n was dropped by the rate limit`
	if messages(out) != want {
		t.Errorf("%s\nwant %s", messages(out), want)
	}
	if deduplicate.Dropped() != 2 || limit.Dropped() != 1 {
		t.Errorf("deduplicate %d, limit %d", deduplicate.Dropped(), limit.Dropped())
	}
}

// TestHoldersAreReleasedInTime: without a flush, by the logger's own clock.
func TestHoldersAreReleasedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &waiting{got: make(chan string, 10)}
		l := weir.New("app", weir.WithSink(weir.ConfigureSink(s, weir.SinkOptions{Processors: []weir.Processor{
			processor.Deduplicate(processor.DeduplicateOptions{Window: 3 * time.Second}),
		}})), weir.WithErrorOutput(io.Discard))
		began := time.Now()
		for range 4 {
			l.InfoFast("m")
		}
		if first, second := <-s.got, <-s.got; first != "m" || second != "m (repeated 3 times)" {
			t.Errorf("%q, %q", first, second)
		}
		if took := time.Since(began); took < 3*time.Second || took > 5*time.Second {
			t.Errorf("told after %v", took)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

type waiting struct{ got chan string }

func (s *waiting) WriteBatch(_ context.Context, batch []record.Record) error {
	for i := range batch {
		s.got <- batch[i].Message
	}
	return nil
}

func (*waiting) Close() error { return nil }

// TestErrorsReadsWhatErrLogs: the attributes of weir.Logger.Err.
func TestErrorsReadsWhatErrLogs(t *testing.T) {
	out := logged(t, []weir.Processor{processor.Errors(processor.ErrorsOptions{RemoveText: true})}, func(l *weir.Logger) {
		l.Err(context.Background(), errors.Join(errors.New("first"), io.ErrUnexpectedEOF), "failed")
		l.Err(context.Background(), nil, "fine")
	})
	for name, want := range map[string]string{"exception.message": "first\nunexpected EOF", "exception.type": "*errors.errorString", "exception.module": "errors"} {
		if v, _ := out[0].Lookup(name); v.String() != want {
			t.Errorf("%s is %s, want %q", name, v, want)
		}
	}
	chain, _ := out[0].Lookup("exception.chain")
	frames, _ := out[0].Lookup("exception.frames")
	if list, _ := chain.Any().([]slog.Value); len(list) != 3 {
		t.Errorf("chain %s", chain)
	}
	list, _ := frames.Any().([]slog.Value)
	if len(list) == 0 || !strings.Contains(list[0].String(), "TestErrorsReadsWhatErrLogs") {
		t.Errorf("frames %s", frames)
	}
	if _, ok := out[0].Lookup("stack_trace"); ok {
		t.Error("the text of the stack is left")
	}
	if _, ok := out[1].Lookup("exception"); ok {
		t.Errorf("a nil error: %s", line(&out[1]))
	}
}
