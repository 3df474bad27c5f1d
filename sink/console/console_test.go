package console_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
)

var _ weir.Sink = (*console.Sink)(nil)

var update = flag.Bool("update", false, "write the golden files")

func samples() []record.Record {
	at := time.Date(2026, 11, 20, 10, 0, 0, 123_000_000, time.UTC)
	r := func(s record.Severity, msg string, attrs ...slog.Attr) record.Record {
		return record.Record{Time: at, Severity: s, Logger: "shop.db", Message: msg, Attrs: attrs}
	}
	unknown := r(0, "no such level")
	unknown.Level = "VERBOSE+1"
	traced := r(record.SeverityInfo, "traced", slog.Int("n", 1))
	traced.TraceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	bare := record.Record{Severity: record.SeverityInfo, Message: "no time, no logger"}
	saved := r(record.SeverityInfo, "epoch-3", slog.String("checkpoint", "epoch-3"), slog.String("status", "DONE"), slog.Int("progress", 100))
	saved.Kind = record.KindCheckpoint
	grouped := r(record.SeverityInfo, "epoch 4", slog.String("checkpoint", "epoch-4"), slog.String("status", "SKIPPED"))
	grouped.Kind = record.KindCheckpoint
	wrapped := r(record.SeverityError, "not saved", slog.String("error", "save: disk full"), slog.Any("error_chain", []slog.Value{
		slog.GroupValue(slog.String("type", "*fmt.wrapError"), slog.String("message", "save: disk full")),
		slog.GroupValue(slog.String("type", "*errors.errorString"), slog.String("message", "disk full")),
	}))
	divider := r(record.SeverityInfo, "epoch 2\x1b[2J")
	divider.Kind = record.KindDivider
	return []record.Record{
		r(record.SeverityTrace, "trace"),
		r(record.SeverityDebug, "debug"),
		r(record.SeverityInfo, "info", slog.String("function_name", "main.main"), slog.String("file_path", "/src/shop/main.go"), slog.Int("line_number", 12)),
		r(record.SeverityWarn, "warn", slog.String("text", "two words"), slog.String("empty", ""), slog.String("plain", "word"), slog.String("quote", `a"b`)),
		r(record.SeverityError, "error", slog.Duration("took", 1500*time.Millisecond), slog.Bool("ok", false), slog.Float64("ratio", 0.5), slog.Any("nothing", nil)),
		r(record.SeverityFatal, "fatal", slog.Group("user", slog.String("plan", "pro"), slog.Group("team", slog.Int("id", 7)))),
		r(record.SeverityInfo, "first line\nsecond line\r\n\tthird line\n", slog.Int("n", 1)),
		r(record.SeverityError, "failed", slog.String("stack_trace", "goroutine 1 [running]:\nmain.main()\n\t/src/main.go:12\n")),
		r(record.SeverityInfo, "forged\r2026-11-20 10:00:00.000 FATAL \x1b[31mred\x1b[0m\x07 \u202eright to left\u2028 \xff", slog.String("k\ney", "v\nalue\x1b[0m")),
		r(record.SeverityInfo, "日本語 and ΟΔΟΣ", slog.String("wörd", "ünicode")),
		r(record.SeverityInfo, "list", slog.Any("list", []slog.Value{slog.IntValue(1), slog.StringValue("a\x1b")})),
		unknown, traced, bare, saved, grouped, wrapped,
		r(record.SeverityInfo, "epoch-3", slog.String("checkpoint", "epoch-3")), divider,
	}
}

func TestGolden(t *testing.T) {
	for name, color := range map[string]console.Color{"plain": console.ColorNever, "color": console.ColorAlways} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			s := console.New(&out, console.Options{Color: color, Location: time.UTC})
			if err := s.WriteBatch(context.Background(), samples()); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(out.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", out.Bytes(), want)
			}
		})
	}
}

// C18. TestFormat: another form is written as it is, and told about colours.
func TestFormat(t *testing.T) {
	layout, err := format.Text("%(levelname)s|%(message)s", format.TextOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := record.Record{Severity: record.SeverityWarn, Message: "[bold]careful[/bold]"}
	for _, c := range []struct {
		name string
		o    console.Options
		want string
	}{
		{"plain", console.Options{Format: layout, Color: console.ColorNever}, "WARNING|[bold]careful[/bold]\n"},
		{"a buffer has no colours", console.Options{Format: layout}, "WARNING|[bold]careful[/bold]\n"},
		{"color", console.Options{Format: layout, Color: console.ColorAlways}, "\x1b[33mWARNING\x1b[0m|[bold]careful[/bold]\n"},
		{"JSON", console.Options{Format: format.JSON(format.JSONOptions{}), Color: console.ColorAlways}, `{"level":"WARN","message":"[bold]careful[/bold]"}` + "\n"},
		{"prefix", console.Options{Format: format.JSON(format.JSONOptions{Prefix: layout}), Color: console.ColorAlways}, "\x1b[33mWARNING\x1b[0m|[bold]careful[/bold]\n"},
		{"the form's own mind", console.Options{Format: format.Console(format.ConsoleOptions{Color: format.ColorNever}), Color: console.ColorAlways}, "WARN  [bold]careful[/bold]\n"},
	} {
		t.Setenv("FORCE_COLOR", "")
		var out bytes.Buffer
		if err := console.New(&out, c.o).WriteBatch(context.Background(), []record.Record{r}); err != nil {
			t.Fatal(err)
		}
		if out.String() != c.want {
			t.Errorf("%s: %q", c.name, out.String())
		}
	}
}

func Example() {
	f, err := format.Text("[%(levelname)-8s] %(name)s: %(message)s", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	log := weir.New("shop", weir.WithSink(console.New(os.Stdout, console.Options{Format: f})))
	log.Warn("stock is low")
	if err := log.Close(); err != nil {
		panic(err)
	}
	// Output: [WARNING ] shop: stock is low
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("closed pipe") }

func TestWriteError(t *testing.T) {
	s := console.New(failing{}, console.Options{})
	if err := s.WriteBatch(context.Background(), samples()); err == nil || !strings.Contains(err.Error(), "closed pipe") {
		t.Errorf("error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
