package weirtest_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirtest"
)

// faulty is a sink that does wrong in one way.
type faulty struct {
	fault string
	kept  []record.Record
	out   bytes.Buffer
}

func (s *faulty) WriteBatch(ctx context.Context, batch []record.Record) error {
	switch s.fault {
	case "keeps":
		s.kept = append(s.kept, batch...)
		return nil
	case "loses":
		batch = batch[:len(batch)-len(batch)/1000]
	case "panics":
		if strings.Contains(batch[0].Message, "\x00") {
			panic("NUL")
		}
	case "refuses":
		if batch[0].Resource == nil {
			return errors.New("no resource")
		}
	case "changes":
		batch[0].Message += "!"
	case "stops":
		if len(batch[0].Message) > 1000 {
			s.fault = "stopped"
		}
	case "stopped":
		return nil
	case "waits":
		if ctx.Err() != nil {
			select {}
		}
	}
	for i := range batch {
		s.kept = append(s.kept, batch[i].Clone())
		s.out.Write(append(record.AppendJSON(nil, &batch[i]), '\n'))
	}
	return nil
}

func (s *faulty) Close() error {
	if s.fault == "close" && len(s.kept) == 0 {
		return errors.New("never opened")
	}
	return nil
}

func (s *faulty) AcceptsLines() bool { return true }

func (s *faulty) WriteLines(_ context.Context, lines []byte, n int) error {
	if s.fault == "lines" {
		lines = bytes.ToUpper(lines)
	}
	s.kept = append(s.kept, make([]record.Record, n)...)
	s.out.Write(lines)
	return nil
}

// faultEnv names the fault of the sink that TestSinkWithFault tests.
const faultEnv = "WEIRTEST_FAULT"

// TestSinkWithFault passes: without the variable the sink has no fault. TestTheKitFindsFaults
// runs it with one.
func TestSinkWithFault(t *testing.T) {
	fault := os.Getenv(faultEnv)
	weirtest.TestSink(t, weirtest.SinkTest{
		New:     func(testing.TB) weir.Sink { return &faulty{fault: fault} },
		Records: func(_ testing.TB, s weir.Sink) []record.Record { return s.(*faulty).kept },
		Output:  func(_ testing.TB, s weir.Sink) []byte { return s.(*faulty).out.Bytes() },
	})
}

func TestTheKitFindsFaults(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for fault, want := range map[string]string{
		"keeps":   "scribbled",
		"loses":   "records arrived, want",
		"panics":  "WriteBatch panicked: NUL",
		"refuses": "is refused (no resource)",
		"changes": `"message":"record 0!"`,
		"stops":   "were taken",
		"waits":   "WriteBatch has not returned",
		"close":   "never opened",
		"lines":   "lines are not written as records are",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestSinkWithFault$", "-test.timeout", "60s")
			cmd.Env = append(os.Environ(), faultEnv+"="+fault)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), want) {
				t.Errorf("error %v, want one that says %q:\n%.3000s", err, want, out)
			}
		})
	}
}
