package weir_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/jsonl"
)

// childVariable names what a child process of the tests is to do.
const childVariable = "WEIR_TEST_CHILD"

// TestChild is no test of its own: it is what the programs do that other tests start.
func TestChild(t *testing.T) {
	if name := os.Getenv(childVariable); name != "" {
		children[name]()
		os.Exit(99) // a child was to end another way
	}
}

// children are programs that end.
var children = map[string]func(){
	"exit": func() {
		l := weir.New("app", weir.WithSink(jsonl.New(os.Stdout)))
		l.Info("working")
		defer l.Info("deferred functions do not run")
		l.Exit(7, "cannot go on", "disk", "sda")
	},
	"exit after close": func() {
		l := weir.New("app", weir.WithSink(jsonl.New(os.Stdout)))
		_ = l.Close()
		l.Exit(7, "cannot go on")
	},
	"exit with a stuck sink": func() {
		l := weir.New("app", weir.WithSink(stuck{}), weir.WithCloseTimeout(20*time.Millisecond))
		l.Exit(7, "cannot go on")
	},
	"repanic": func() {
		l := weir.New("app", weir.WithSink(jsonl.New(os.Stdout)))
		defer l.Repanic()
		explode("boom")
	},
	"signal": func() {
		waitForSignal(weir.HandleSignals())
	},
	"signal with a stuck sink": func() {
		waitForSignal(weir.HandleSignals(), weir.WithSink(stuck{}), weir.WithCloseTimeout(20*time.Millisecond))
	},
	"signal without the option": func() {
		waitForSignal()
	},
	"signal after close": func() {
		l := weir.New("app", weir.WithSink(jsonl.New(os.Stdout)), weir.HandleSignals())
		_ = l.Close()
		fmt.Println("ready")
		select {}
	},
	"another signal than asked for": func() {
		waitForSignal(weir.HandleSignals(syscall.SIGHUP))
	},
	"signal in a program that handles it": func() {
		own := make(chan os.Signal, 2)
		signal.Notify(own, syscall.SIGTERM)
		l := weir.New("app", weir.WithSink(jsonl.New(os.Stdout)), weir.HandleSignals())
		l.Info("working")
		fmt.Println("ready")
		fmt.Println("own:", <-own) // as it comes
		fmt.Println("own:", <-own) // when the records are written
		os.Exit(5)
	},
}

// waitForSignal logs through a buffer that only Close empties, and lives on until
// the process is killed.
func waitForSignal(opts ...weir.Option) {
	l := weir.New("app", append([]weir.Option{weir.WithSink(&lateSink{})}, opts...)...)
	l.Info("working")
	fmt.Println("ready")
	select {}
}

// lateSink writes at Close.
type lateSink struct{ lines []string }

func (s *lateSink) WriteBatch(_ context.Context, batch []record.Record) error {
	for i := range batch {
		s.lines = append(s.lines, string(record.AppendJSON(nil, &batch[i])))
	}
	return nil
}

func (s *lateSink) Close() error {
	fmt.Println(strings.Join(s.lines, "\n"))
	return nil
}

// start runs a child. At "ready" it gets the signal, if there is one.
func start(t *testing.T, name string, s os.Signal) (state *os.ProcessState, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for scan := bufio.NewScanner(out); scan.Scan(); {
		fmt.Fprintln(&lines, scan.Text())
		if scan.Text() == "ready" && s != nil {
			if err := cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	var failed *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return cmd.ProcessState, lines.String(), errs.String()
}

// contains checks that a text has the parts, in order.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	rest := text
	for _, p := range parts {
		i := strings.Index(rest, p)
		if i < 0 {
			t.Errorf("%q is missing, or not in its place, in:\n%s", p, text)
			return
		}
		rest = rest[i+len(p):]
	}
}

// TestExit: the record is written, and the program ends with the code.
func TestExit(t *testing.T) {
	state, stdout, _ := start(t, "exit", nil)
	if state.ExitCode() != 7 {
		t.Errorf("exit code %d", state.ExitCode())
	}
	contains(t, stdout, `"working"`, `"level":"FATAL"`, `"cannot go on"`)
	contains(t, stdout, `"disk":"sda"`)
	contains(t, stdout, "exit_test.go")
	if strings.Contains(stdout, "deferred") {
		t.Error("a deferred function ran")
	}
}

func TestExitTellsWhatItCannotLog(t *testing.T) {
	state, _, stderr := start(t, "exit after close", nil)
	if state.ExitCode() != 7 {
		t.Errorf("exit code %d", state.ExitCode())
	}
	contains(t, stderr, "weir: cannot go on (not logged: the logger is closed)")
}

func TestExitDoesNotWaitForEver(t *testing.T) {
	state, _, stderr := start(t, "exit with a stuck sink", nil)
	if state.ExitCode() != 7 {
		t.Errorf("exit code %d", state.ExitCode())
	}
	contains(t, stderr, "weir: close: context deadline exceeded; 1 records were not written")
}

// TestRepanicLeavesTheLastRecord: the program dies of its panic as without Weir.
func TestRepanicLeavesTheLastRecord(t *testing.T) {
	state, stdout, stderr := start(t, "repanic", nil)
	if state.ExitCode() != 2 {
		t.Errorf("exit code %d, want Go's after a panic", state.ExitCode())
	}
	contains(t, stdout, `"level":"FATAL"`, `"panic: boom"`)
	contains(t, stderr, "panic: boom", "goroutine ")
}
