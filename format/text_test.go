package format_test

import (
	"bytes"
	"flag"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func mustText(t testing.TB, layout string, o format.TextOptions) format.Formatter {
	t.Helper()
	if o.Location == nil {
		o.Location = time.UTC
	}
	f, err := format.Text(layout, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func line(f format.Formatter, r record.Record) string { return string(f.Append(nil, &r)) }

// info is a record with attributes.
func info(msg string, attrs ...slog.Attr) record.Record {
	return record.Record{
		Time: time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC), Severity: record.SeverityInfo,
		Logger: "app.db", Message: msg, Attrs: attrs,
	}
}

// TestConversions: what Python's % operator writes for the same values.
func TestConversions(t *testing.T) {
	r := info("m",
		slog.Int("n", 42), slog.Int("neg", -7), slog.Float64("f", 3.14159), slog.String("s", "text"), slog.Uint64("big", math.MaxUint64),
		slog.Float64("tiny", 0.00001234), slog.Float64("huge", 1234567), slog.Bool("b", true), slog.String("u", "日本"))
	for layout, want := range map[string]string{
		"%(n)d": "42", "%(n)5d|": "   42|", "%(n)-5d|": "42   |", "%(n)05d": "00042", "%(n)+d": "+42", "%(n) d": " 42", "%(n)x": "2a", "%(n)X": "2A",
		"%(n)#x": "0x2a", "%(n)#X": "0X2A", "%(n)o": "52", "%(n)#o": "0o52", "%(n).5d": "00042", "%(n)8.5d": "   00042", "%(n)08.5d": "00000042",
		"%(n)i": "42", "%(n)u": "42", "%(n)ld": "42", "%(n)-08d|": "42      |", "%(n).1f": "42.0",
		"%(neg)05d": "-0007", "%(neg)x": "-7", "%(neg)+d": "-7", "%(neg) d": "-7", "%(neg)#06x": "-0x007",
		"%(f)d": "3", "%(f)f": "3.141590", "%(f).2f": "3.14", "%(f)8.2f|": "    3.14|", "%(f)-8.2f|": "3.14    |", "%(f)08.2f": "00003.14",
		"%(f)e": "3.141590e+00", "%(f)E": "3.141590E+00", "%(f).0f": "3", "%(f)g": "3.14159", "%(f)+.1f": "+3.1", "%(f)+08.1f": "+00003.1",
		"%(huge)g": "1.23457e+06", "%(huge).3g": "1.23e+06", "%(tiny)g": "1.234e-05", "%(tiny)G": "1.234E-05",
		"%(s)s": "text", "%(s)8s|": "    text|", "%(s)-8s|": "text    |", "%(s).2s": "te", "%(s)8.2s|": "      te|", "%(s)08s|": "    text|",
		"%(big)d": "18446744073709551615", "%(b)d": "1", "%(u)5s|": "   日本|", "%(u)-5s|": "日本   |", "%(u).1s": "日", "100%%": "100%",
	} {
		if got := line(mustText(t, layout, format.TextOptions{}), r); got != want+"\n" {
			t.Errorf("%s: %q, want %q", layout, got, want)
		}
	}
}

// TestNames: what each name of a layout stands for.
func TestNames(t *testing.T) {
	r := info("placed",
		slog.String("function_name", "example.org/shop/db.(*Pool).Get"), slog.String("file_path", "/src/shop/pool.go"), slog.Int("line_number", 34),
		slog.String("stack_trace", "main.main()"), slog.Group("user", slog.String("plan", "pro")), slog.Any("list", []slog.Value{slog.IntValue(1)}),
		slog.Duration("took", 1500*time.Millisecond), slog.Float64("nan", math.NaN()))
	r.Time = r.Time.Add(123456 * time.Microsecond)
	r.Severity = record.SeverityWarn
	r.TraceID = "4bf9"
	r.Resource = &record.Resource{Service: "shop", Host: "web-1"}
	for layout, want := range map[string]string{
		"%(asctime)s": "2024-01-01 12:00:00,123", "%(created).6f": "1704110400.123456", "%(msecs)03d": "123", "%(msecs).3f": "123.456", "%(relativeCreated)d": "60123",
		"%(name)s": "app.db", "%(logger)s": "app.db", "%(level)s": "WARN", "%(levelname)s": "WARNING", "%(levelno)d": "30", "%(severity)d": "13",
		"%(message)s": "placed", "%(event)s": "placed", "%(msg)s": "placed", "%(message)r": `"placed"`,
		"%(pathname)s": "/src/shop/pool.go", "%(filename)s": "pool.go", "%(module)s": "pool", "%(lineno)-4s|": "34  |", "%(lineno)d": "34", "%(funcName)s": "(*Pool).Get",
		"%(function_name)s": "example.org/shop/db.(*Pool).Get", "%(hostname)s": "web-1", "%(host)s": "web-1", "%(service)s": "shop", "%(trace_id)s": "4bf9",
		"%(created_at)s": "2024-01-01T12:00:00.123456Z", "%(exc_text)s": "main.main()", "%(thread)d": "0", "%(taskName)s": "", "%(threadName)s": "",
		"%(user.plan)s": "pro", "%(user)s": `{"plan":"pro"}`, "%(list)s": "[1]", "%(took)s": "1.5s", "%(took)6d|": "  1.5s|", "%(nan)s": "NaN", "%(nan)f": "nan",
		"%(kind)s": "log", "%(nothing.there)s|": "|",
		"%(attrs)s": "stack_trace=main.main() user.plan=pro list=[1] took=1.5s nan=NaN trace_id=4bf9",
	} {
		f := mustText(t, layout, format.TextOptions{Started: r.Time.Add(-60_123 * time.Millisecond)})
		if got := line(f, r); got != want+"\n" {
			t.Errorf("%s: %q, want %q", layout, got, want)
		}
	}
	bare := record.Record{Message: "m"}
	for _, n := range format.Names() {
		f := mustText(t, "%("+n.Name+")s", format.TextOptions{})
		if got := line(f, bare); strings.Count(got, "\n") != 1 {
			t.Errorf("%s of a record without anything: %q", n.Name, got)
		}
	}
}

// TestLayoutErrors: what cannot be written is said when the form is made.
func TestLayoutErrors(t *testing.T) {
	for layout, want := range map[string]string{
		"100%":               "at 3: a name in parentheses must follow %",
		"ab %d":              "at 3: a name in parentheses must follow %",
		"%(message":          "at 0: the name is not closed",
		"%()s":               "at 0: the name is empty",
		"%(message)":         "the conversion of message has no end: use %(message)s",
		"x %(message)-10":    "at 2: the conversion of message has no end",
		"%(message)d":        "message is a text and cannot be written as \"d\": use s",
		"%(asctime)f":        "asctime is a text",
		"%(created_at)d":     "created_at is a text",
		"%(levelname)5d":     "levelname is a text",
		"%(n)q":              `n cannot be written as "q": use s for text`,
		"%(n)c":              `n cannot be written as "c"`,
		"%(n)é":              `n cannot be written as "é"`,
		"%(n)*d":             "a width of * is not possible",
		"%(n).*d":            "a precision of * is not possible",
		"%(n)1001d":          "a width of more than 1000",
		"%(n).99999999999ds": "a precision of more than 1000",
		"%(n)#f":             "the flag # of n",
	} {
		if _, err := format.Text(layout, format.TextOptions{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), layout) {
			t.Errorf("%s: %v, want %s", layout, err, want)
		}
	}
	if _, err := format.Text("%(message)s", format.TextOptions{DateFormat: "%Q"}); err == nil || !strings.Contains(err.Error(), `there is no directive "%Q"`) {
		t.Errorf("date format: %v", err)
	}
	if _, err := format.Text("%(message)s", format.TextOptions{ColorFields: []string{"level"}}); err == nil || !strings.Contains(err.Error(), `"level" is to be coloured`) {
		t.Errorf("color field: %v", err)
	}
}

// B3. The stream of the blog: Python's milliseconds with %06d. C16. B4. ko-log's Quick
// Start, its error log's (C29), and a name that is missing.
func TestLayoutsOfOthers(t *testing.T) {
	r := info("Application started", slog.String("version", "1.0.0"), slog.String("function_name", "main.run"), slog.Int("line_number", 7))
	r.Time = time.Date(2026, 11, 21, 0, 21, 44, 123_456_789, time.UTC)
	r.Logger = "app"
	fatal := r
	fatal.Severity = record.SeverityFatal
	var out []byte
	for _, c := range []struct{ layout, dates string }{
		{"%(asctime)s.%(msecs)06d - %(name)s - %(levelname)s - %(message)s", "%Y-%m-%d %H:%M:%S"}, // B3
		{"%(asctime)s - %(levelname)s - %(message)s", ""},                                         // B4
		{"[%(asctime)s] [%(level)-8s] [%(name)s]: %(event)s", "%Y-%m-%d %H:%M:%S"},                // C16
		{"[%(asctime)s] [%(level)-8s] [%(lineno)-4s::%(funcName)s] %(event)s", "%H:%M"},           // C29
		{"%(nokey)s|%(nokey)5d|%(event)s", ""},
	} {
		f := mustText(t, c.layout, format.TextOptions{DateFormat: c.dates})
		python := mustText(t, c.layout, format.TextOptions{DateFormat: c.dates, Levels: format.LevelsPython, Missing: "-"})
		out = f.Append(out, &r)
		out = f.Append(out, &fatal)
		out = python.Append(out, &fatal)
	}
	golden(t, "layouts.golden", out)
}

// The captures of ko-log: a percent sign in a message stays, a newline in one forges
// no line, a missing name costs nothing, markup is text (C18).
func TestTextIsNotInterpreted(t *testing.T) {
	f := mustText(t, "[%(asctime)s] [%(levelname)s]: %(message)s %(nokey)s", format.TextOptions{DateFormat: "%Y"})
	for msg, want := range map[string]string{
		"100% sure %s %(name)s":             "100% sure %s %(name)s",
		"line1\n[2099-01-01] [INFO] forged": `line1\n[2099-01-01] [INFO] forged`,
		"a\r\x1b[2Jb\xff\u202e":             `a\r\x1b[2Jb\xff\u202e`,
		"[bold]hot[/bold] :warning:":        "[bold]hot[/bold] :warning:",
		"ends its line\r\n":                 "ends its line",
	} {
		if got := line(f, info(msg)); got != "[2024] [INFO]: "+want+" \n" {
			t.Errorf("%q: %q", msg, got)
		}
	}
}

func TestMultiLine(t *testing.T) {
	r := info("one\r\ntwo\x1b\n", slog.String("stack_trace", "main.main()\n\tmain.go:1\n"), slog.String("k", "a\nb"))
	for _, c := range []struct {
		name string
		o    format.TextOptions
		want string
	}{
		{"escape", format.TextOptions{}, `one\r\ntwo\x1b stack_trace="main.main()\n\tmain.go:1\n" k="a\nb"` + "\n"},
		{"indent", format.TextOptions{MultiLine: format.MultiLineIndent}, "one\n    two\\x1b k=\"a\\nb\"\n    main.main()\n    \tmain.go:1\n"},
		{"JSON", format.TextOptions{Attrs: format.AttrsJSON}, `one\r\ntwo\x1b {"stack_trace":"main.main()\n\tmain.go:1\n","k":"a\nb"}` + "\n"},
	} {
		if got := line(mustText(t, "%(message)s %(attrs)s", c.o), r); got != c.want {
			t.Errorf("%s:\n%q\n%q", c.name, got, c.want)
		}
	}
	named := mustText(t, "%(message)s|%(stack_trace)s", format.TextOptions{MultiLine: format.MultiLineIndent})
	if got, want := line(named, r), "one\n    two\\x1b|main.main()\n    \tmain.go:1\n"; got != want {
		t.Errorf("named stack:\n%q\n%q", got, want)
	}
}

func TestLevelNames(t *testing.T) {
	odd := record.Record{Level: "Loud\n"}
	between := record.Record{Severity: 15}
	for names, want := range map[format.LevelNames]string{
		format.LevelsByName: "TRACE TRACE 5,DEBUG DEBUG 10,INFO INFO 20,WARN WARNING 30,ERROR ERROR 40,FATAL CRITICAL 50,Loud Loud 0,WARN WARNING 35",
		format.LevelsWeir:   "TRACE TRACE 5,DEBUG DEBUG 10,INFO INFO 20,WARN WARN 30,ERROR ERROR 40,FATAL FATAL 50,Loud Loud 0,WARN WARN 35",
		format.LevelsPython: "TRACE TRACE 5,DEBUG DEBUG 10,INFO INFO 20,WARNING WARNING 30,ERROR ERROR 40,CRITICAL CRITICAL 50,Loud Loud 0,WARNING WARNING 35",
		format.LevelsLower:  "trace trace 5,debug debug 10,info info 20,warning warning 30,error error 40,fatal fatal 50,loud loud 0,warning warning 35", // D7
	} {
		f := mustText(t, "%(level)s %(levelname)s %(levelno)d", format.TextOptions{Levels: names})
		var got []string
		for _, s := range []record.Severity{1, 5, 9, 13, 17, 21} {
			got = append(got, strings.TrimSpace(line(f, record.Record{Severity: s})))
		}
		got = append(got, strings.TrimSpace(line(f, odd)), strings.TrimSpace(line(f, between)))
		if s := strings.Join(got, ","); s != want {
			t.Errorf("%d: %s", names, s)
		}
	}
}

// TestTextColor: colours where they are asked for; padding stays plain.
func TestTextColor(t *testing.T) {
	r := info("m", slog.Int("n", 1))
	theme := format.DefaultTheme()
	theme.Info, _ = format.ParseStyle("bold green")
	layout := "%(levelname)-8s|%(levelname)8s|%(message)s %(attrs)s"
	for _, c := range []struct {
		name string
		o    format.TextOptions
		on   bool
		want string
	}{
		{"never", format.TextOptions{Color: format.ColorNever}, true, "INFO    |    INFO|m n=1\n"},
		{"auto off", format.TextOptions{}, false, "INFO    |    INFO|m n=1\n"},
		{"auto on", format.TextOptions{}, true, "\x1b[34mINFO\x1b[0m    |    \x1b[34mINFO\x1b[0m|m \x1b[90mn=\x1b[0m1\n"},
		{"always", format.TextOptions{Color: format.ColorAlways, Theme: &theme, ColorFields: []string{"message"}}, false, "INFO    |    INFO|\x1b[1;32mm\x1b[0m \x1b[90mn=\x1b[0m1\n"},
		{"no style", format.TextOptions{Color: format.ColorAlways, Theme: &format.Theme{}}, false, "INFO    |    INFO|m n=1\n"},
	} {
		f := mustText(t, layout, c.o).(format.Colorable).InColor(c.on)
		if got := line(f, r); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestLineEndOfALayout(t *testing.T) {
	for layout, want := range map[string]string{"%(message)s": "m\n", "%(message)s\n": "m\n", "a\n%(message)s\n\n": "a\nm\n\n", "": "\n"} {
		if got := line(mustText(t, layout, format.TextOptions{}), info("m")); got != want {
			t.Errorf("%q: %q, want %q", layout, got, want)
		}
	}
}

// A name that is nearly one of those that layouts know is no attribute.
func TestMistypedNamesAreRefused(t *testing.T) {
	for name, near := range map[string]string{
		"mesage": "message", "messgae": "message", "Message": "message", "levlname": "levelname", "lvlnam": "", "asctimes": "asctime", "levelnam": "levelname",
		"tenantid": "tenant_id", "msgs": "", "ms": "", "n": "", "tags": "", "user.plan": "", "metadata.mesage": "", "names": "name", "order": "", "event": "", "context": "",
		"serviceVersion": "service_version", "exc_inf": "exc_info", "errors": "", "users": "", "thread_name": "",
	} {
		_, err := format.Text("at %("+name+")s", format.TextOptions{})
		switch {
		case near == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case near != "" && (err == nil || !strings.Contains(err.Error(), `at 3: there is no name "`+name+`": did you mean %(`+near+`)s?`)):
			t.Errorf("%s: %v, want %s", name, err, near)
		}
	}
}
