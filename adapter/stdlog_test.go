package adapter_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/adapter"
	"github.com/weirlog/weir/sink/console"
)

// here returns the place of its caller.
func here() (file string, line int) {
	_, file, line, _ = runtime.Caller(1)
	return file, line
}

// A17. The standard log's messages have file, line and function of the call.
func TestStdLog(t *testing.T) {
	var line int
	records := logged(t, func(l *weir.Logger) {
		std := adapter.StdLog(l, weir.LevelWarn)
		_, line = here()
		std.Printf("disk %d%% full", 90)
		std.Print("two\nlines\n")
		adapter.StdLog(l, weir.LevelDebug).Print("below the level")
	})
	if len(records) != 2 {
		t.Fatalf("%d records", len(records))
	}
	r := records[0]
	if r.Message != "disk 90% full" || r.LevelText() != "WARN" || records[1].Message != "two\nlines" {
		t.Errorf("%s, %q", jsonOf(r), records[1].Message)
	}
	if f := text(r, "function_name"); !strings.HasSuffix(f, "adapter_test.TestStdLog.func1") {
		t.Errorf("function %s", f)
	}
	if text(r, "line_number") != strconv.Itoa(line+1) || filepath.Base(text(r, "file_path")) != "stdlog_test.go" {
		t.Errorf("%s:%s, want line %d", text(r, "file_path"), text(r, "line_number"), line+1)
	}
}

// through logs by a logger's Output, as wrappers of package log do.
func through(l *log.Logger, depth int, msg string) { _ = l.Output(depth, msg) }

// A17. What a standard logger writes before the message is read, whatever its flags.
func TestLogWriterReadsTheHeader(t *testing.T) {
	for _, prefix := range []string{"", "http: "} {
		for flags := range log.LstdFlags | log.Lmicroseconds | log.Llongfile | log.Lshortfile | log.LUTC | log.Lmsgprefix + 1 {
			var line int
			records := logged(t, func(l *weir.Logger) {
				std := log.New(io.Discard, prefix, flags)
				std.SetOutput(adapter.NewLogWriter(l, std, weir.LevelInfo))
				_, line = here()
				std.Print("2009/01/23 01:23:23 a.go:1: message: 5")
				through(std, 2, "wrapped")
				through(std, 1, "inner")
			})
			if len(records) != 3 {
				t.Fatalf("flags %d: %d records", flags, len(records))
			}
			r := records[0]
			if r.Message != "2009/01/23 01:23:23 a.go:1: message: 5" || records[1].Message != "wrapped" || records[2].Message != "inner" {
				t.Errorf("flags %d, prefix %q: %q %q", flags, prefix, r.Message, records[1].Message)
			}
			if text(r, "prefix") != strings.TrimSuffix(prefix, ": ") {
				t.Errorf("flags %d: prefix %q", flags, text(r, "prefix"))
			}
			if text(r, "line_number") != strconv.Itoa(line+1) || !strings.HasSuffix(text(r, "file_path"), "/stdlog_test.go") || text(r, "function_name") == "" {
				t.Errorf("flags %d: %s", flags, jsonOf(r))
			}
			if flags&(log.Lshortfile|log.Llongfile) != 0 {
				// The depth that a wrapper gives is right.
				if got := text(records[1], "line_number"); got != strconv.Itoa(line+2) {
					t.Errorf("flags %d: wrapped at line %s, want %d", flags, got, line+2)
				}
				if got := text(records[2], "function_name"); !strings.HasSuffix(got, "adapter_test.through") {
					t.Errorf("flags %d: inner in %s", flags, got)
				}
			}
		}
	}
}

// TestNotCalledByLog: a message that comes another way has the place it names.
func TestNotCalledByLog(t *testing.T) {
	records := logged(t, func(l *weir.Logger) {
		from := log.New(io.Discard, "", log.LstdFlags|log.Lshortfile)
		w := adapter.NewLogWriter(l, from, weir.LevelInfo)
		for _, s := range []string{"2026/11/20 10:00:00 c:\\main.go:12: hi: there\n", "no header at all\n", "2026/11/20 10:0", ""} {
			if n, err := io.WriteString(w, s); n != len(s) || err != nil {
				t.Errorf("%q: %d, %v", s, n, err)
			}
		}
	})
	var got []string
	for _, r := range records {
		got = append(got, fmt.Sprintf("%s|%s|%s", r.Message, text(r, "file_path"), text(r, "line_number")))
	}
	if want := `hi: there|c:\main.go|12, no header at all||, 2026/11/20 10:0||, ||`; strings.Join(got, ", ") != want {
		t.Errorf("%s", got)
	}
}

func TestPanicKeepsItsStack(t *testing.T) {
	records := logged(t, func(l *weir.Logger) {
		defer func() {
			if recover() == nil {
				t.Error("log.Panic did not panic")
			}
		}()
		adapter.StdLog(l, weir.LevelInfo).Panicf("lost %d", 1)
	})
	r := records[0]
	if r.LevelText() != "FATAL" || r.Message != "lost 1" || !strings.Contains(text(r, "stack_trace"), "adapter_test.TestPanicKeepsItsStack.func1(...)\n\t") {
		t.Errorf("%s", jsonOf(r))
	}
}

// TestFatalIsWritten: log.Fatal ends the program at once; what it logged last is
// there nevertheless.
func TestFatalIsWritten(t *testing.T) {
	const child = "WEIR_TEST_FATAL"
	if os.Getenv(child) != "" {
		l := weir.New("app", weir.WithSink(console.New(os.Stdout, console.Options{Color: console.ColorNever})), weir.WithoutSource())
		log.SetFlags(0)
		log.SetOutput(adapter.NewLogWriter(l, nil, weir.LevelInfo))
		log.Print("first")
		log.Fatal("last words")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFatalIsWritten$")
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("exit code %d, %v", cmd.ProcessState.ExitCode(), err)
	}
	if !bytes.Contains(out, []byte("INFO  app first\n")) || !bytes.Contains(out, []byte("FATAL app last words\n")) {
		t.Errorf("%s", out)
	}
}

func ExampleStdLog() {
	l := weir.New("shop", weir.WithSink(console.New(os.Stdout, console.Options{Format: lines()})))
	std := adapter.StdLog(l, weir.LevelWarn) // as for http.Server.ErrorLog
	std.Printf("%d connections refused", 3)
	_ = l.Close()
	// Output: WARN shop 3 connections refused
}

func ExampleNewLogWriter() {
	l := weir.New("shop", weir.WithSink(console.New(os.Stdout, console.Options{Format: lines()})))
	old := log.New(io.Discard, "cache: ", log.LstdFlags|log.Lshortfile)
	old.SetOutput(adapter.NewLogWriter(l, old, weir.LevelInfo)) // log.SetOutput for the package's own
	old.Print("12 entries evicted")
	_ = l.Close()
	// Output: INFO shop 12 entries evicted prefix=cache
}
