package processor_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/record/recordtest"
)

// run gives records to a processor as the logger does, and returns what it emits. It
// checks that the attributes that came are as they were: other sinks share them.
func run(t testing.TB, p weir.Processor, records ...record.Record) []record.Record {
	t.Helper()
	var out []record.Record
	emit := func(r record.Record) { out = append(out, r) }
	for i := range records {
		r, before := records[i], records[i].Clone()
		if err := p.Process(&r, emit); err != nil {
			t.Errorf("%v: %v", p, err)
		}
		if !recordtest.Same(&records[i], &before) {
			t.Errorf("%v changed what others share:\n%s\nwas\n%s", p, line(&records[i]), line(&before))
		}
	}
	return out
}

// one is run for a record that goes on as one.
func one(t testing.TB, p weir.Processor, r record.Record) record.Record {
	t.Helper()
	out := run(t, p, r)
	if len(out) != 1 {
		t.Fatalf("%v emitted %d records", p, len(out))
	}
	return out[0]
}

func release(p weir.Processor, now time.Time) (out []record.Record, more bool) {
	more = p.(weir.Holder).Release(now, func(r record.Record) { out = append(out, r) })
	return out, more
}

func info(message string, attrs ...slog.Attr) record.Record {
	return record.Record{Severity: record.SeverityInfo, Message: message, Attrs: attrs}
}

func line(r *record.Record) string { return string(record.AppendJSON(nil, r)) }

// attrsJSON are the attributes in their order, also those that are fields.
func attrsJSON(r record.Record) string { return string(record.AppendAttrs(nil, r.Attrs)) }

func messages(records []record.Record) string {
	var b strings.Builder
	for i := range records {
		if i > 0 {
			b.WriteByte('|')
		}
		b.WriteString(records[i].Message)
	}
	return b.String()
}

func must(t testing.TB) func(p weir.Processor, err error) weir.Processor {
	return func(p weir.Processor, err error) weir.Processor {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func user(attrs ...any) slog.Attr { return slog.Group("user", attrs...) }

func list(values ...slog.Value) slog.Value { return slog.AnyValue(values) }

// TestNames: the names in configuration files.
func TestNames(t *testing.T) {
	redact := must(t)(processor.Redact(processor.RedactOptions{}))
	callsite := must(t)(processor.Callsite())
	for p, want := range map[weir.Processor]string{
		processor.Level(nil): "level", processor.Drop(): "drop", processor.Keep(): "keep", processor.Rename(nil): "rename",
		processor.Defaults(): "defaults", callsite: "callsite", redact: "redact",
		processor.Sample(processor.SampleOptions{}): "sample", processor.Deduplicate(processor.DeduplicateOptions{}): "deduplicate",
		processor.RateLimit(processor.RateLimitOptions{}): "rate_limit", processor.StripMarkup(processor.StripOptions{}): "strip_markup",
		processor.Errors(processor.ErrorsOptions{}): "errors", processor.Filter(nil): "filter",
	} {
		if got := fmt.Sprint(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
