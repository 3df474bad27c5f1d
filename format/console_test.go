package format_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

func TestConsoleOptions(t *testing.T) {
	r := info("placed", slog.Int("n", 1), slog.String("file_path", `C:\src\main.go`), slog.Int("line_number", 12))
	clock, err := format.ParseTimeFormat("[%X]")
	if err != nil {
		t.Fatal(err)
	}
	theme := format.DefaultTheme()
	theme.Info, _ = format.ParseStyle("black on green")
	theme.Key = format.Style{}
	for _, c := range []struct {
		name string
		o    format.ConsoleOptions
		want string
	}{
		{"zero", format.ConsoleOptions{}, "2024-01-01 12:00:00.000 INFO  app.db placed n=1 (main.go:12)\n"},
		{"no time, no source", format.ConsoleOptions{NoTime: true, NoSource: true}, "INFO  app.db placed n=1\n"},
		{"time", format.ConsoleOptions{Time: clock, NoSource: true}, "[12:00:00] INFO  app.db placed n=1\n"},
		{"theme", format.ConsoleOptions{Theme: &theme, Color: format.ColorAlways, NoTime: true, NoSource: true}, "\x1b[30;42mINFO\x1b[0m  \x1b[36mapp.db\x1b[0m placed n=1\n"},
	} {
		c.o.Location = time.UTC
		if got := line(format.Console(c.o), r); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	never := format.Console(format.ConsoleOptions{Color: format.ColorNever}).(format.Colorable)
	if got := line(never.InColor(true), r); strings.Contains(got, "\x1b") {
		t.Errorf("ColorNever in colour: %q", got)
	}
}

func TestParseStyle(t *testing.T) {
	show := func(s format.Style) string {
		theme := format.Theme{Info: s}
		f := mustText(t, "%(level)s", format.TextOptions{Theme: &theme, Color: format.ColorAlways})
		return strings.TrimSuffix(strings.TrimSuffix(line(f, info("")), "\n"), "INFO\x1b[0m")
	}
	for text, want := range map[string]string{
		"red": "\x1b[31m", "Bold White on RED": "\x1b[1;37;41m", "gray": "\x1b[90m", "bright_red": "\x1b[91m", "on bright_black": "\x1b[100m",
		"dim italic underline blink reverse strike": "\x1b[2;3;4;5;7;9m", "208": "\x1b[38;5;208m", "#ff8000 on 7": "\x1b[38;2;255;128;0;48;5;7m", "": "INFO",
	} {
		s, err := format.ParseStyle(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := show(s); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	for _, text := range []string{"reddish", "#12345", "256", "red on", "on", "on bold", "red on blue on green", "red on blue bold", "#zzzzzz"} {
		if s, err := format.ParseStyle(text); err == nil {
			t.Errorf("%s: %v", text, s)
		}
	}
}

// FuzzNothingForges: whatever is in a record, its plain text has no control
// characters but newlines and tabs, and every line but the first is indented.
func FuzzNothingForges(f *testing.F) {
	f.Add("message\nline", "key", "value\x1b[2J", "stack\r\nframe")
	f.Add("\r\x00\u2028", "\n", "\x9b", "")
	f.Add("\xe9", "\u202e", "\U000e0001", "\x7f")
	layout := "%(asctime)s %(message)-8s %(name).3s %(trace_id)8.4s %(attrs)s %(message)a %(metadata)s"
	forms := map[string]format.Formatter{
		"console": format.Console(format.ConsoleOptions{}),
		"escape":  mustText(f, layout, format.TextOptions{}),
		"indent":  mustText(f, layout, format.TextOptions{MultiLine: format.MultiLineIndent}),
		"JSON":    mustText(f, layout, format.TextOptions{Attrs: format.AttrsJSON}),
	}
	f.Fuzz(func(t *testing.T, msg, key, value, stack string) {
		list := slog.AnyValue([]slog.Value{slog.StringValue(msg)})
		r := record.Record{Severity: record.SeverityInfo, Logger: value, Message: msg, TraceID: stack}
		r.Attrs = []slog.Attr{slog.String(key, value), slog.String("stack_trace", stack), slog.Group(key, slog.Attr{Key: value, Value: list})}
		for name, form := range forms {
			text := strings.TrimSuffix(string(form.Append(nil, &r)), "\n")
			lines := strings.Split(text, "\n")
			if len(lines) > 1 && (name == "escape" || name == "JSON") {
				t.Errorf("%s: more than a line: %q", name, text)
			}
			for i, line := range lines {
				if i > 0 && !strings.HasPrefix(line, "    ") {
					t.Errorf("%s: line %d is not indented: %q", name, i, line)
				}
				if i := strings.IndexFunc(line, func(c rune) bool {
					return c < ' ' && c != '\t' || c >= 0x7F && c < 0xA0 || c == '\u2028' || c == '\u202e'
				}); i >= 0 {
					t.Errorf("%s: control character in %q", name, line)
				}
			}
		}
	})
}

// FuzzLayout: a layout is refused or written, and the record's text stays one line.
func FuzzLayout(f *testing.F) {
	for _, layout := range []string{"%(asctime)s.%(msecs)06d - %(name)s", "%%(", "%(a(b))5.3s", "%(n)#08.4x", "%(n)+- 0#9e", "%(message)", "%(n)hld"} {
		f.Add(layout)
	}
	r := info("m\n", slog.Int("n", -3), slog.Float64("f", 0.1))
	f.Fuzz(func(t *testing.T, layout string) {
		form, err := format.Text(layout, format.TextOptions{})
		if err != nil {
			return
		}
		got := string(form.Append([]byte("x"), &r))
		if !strings.HasPrefix(got, "x") || !strings.HasSuffix(got, "\n") {
			t.Fatalf("%q: %q", layout, got)
		}
		if n := strings.Count(layout, "\n"); strings.Count(got, "\n") > n+1 {
			t.Errorf("%q: %q has more lines than the layout", layout, got)
		}
	})
}
