package weirtest_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/weirtest"
)

// shop is a program under test.
func shop(log *weir.Logger) { log.Info("order placed", "order", 4711) }

// exampleT stands for the t of a test, which an example has not.
type exampleT struct {
	testing.TB
	cleanup func()
}

func (t *exampleT) Name() string              { return "TestShop" }
func (t *exampleT) Helper()                   {}
func (t *exampleT) Cleanup(f func())          { t.cleanup = f }
func (t *exampleT) Errorf(s string, a ...any) { fmt.Printf(s+"\n", a...) }
func (t *exampleT) Output() io.Writer         { return os.Stdout }

func Example() {
	t := &exampleT{} // a test has its own
	log, c := weirtest.New(t)
	shop(log)
	weirtest.AssertLogged(t, c, slog.LevelInfo, "order placed", slog.Int("order", 4711))
	weirtest.AssertLogged(t, c, slog.LevelInfo, "order placed", slog.Int("order", 4712))
	t.cleanup()
	// Output:
	// not logged: INFO "order placed" order=4712
	// logged, the nearest first (1 in all):
	//   1: INFO "order placed" order=4711   <- order is 4711
}

// New makes a logger for the code under test, and the capture of what it logs.
func ExampleNew() {
	t := &exampleT{} // a test has its own
	log, c := weirtest.New(t)
	shop(log)
	log.Named("db").Warn("slow query", "took_ms", 250)
	weirtest.AssertCount(t, c, 1, slog.LevelWarn, "slow query")
	weirtest.AssertNotLogged(t, c, slog.LevelError, "payment failed")
	fmt.Println(c.Len(), c.Messages())
	for _, r := range c.Records() {
		fmt.Println(r.Logger, r.LevelText())
	}
	c.Reset()
	fmt.Println(c.Len())
	t.cleanup()
	// Output:
	// 2 [order placed slow query]
	// test INFO
	// test.db WARN
	// 0
}

// Attach captures one name of a logger that the program has.
func ExampleAttach() {
	t := &exampleT{}
	log := weir.New("shop", weir.WithSink(null.New()))
	defer log.Close() //nolint:errcheck // it writes nothing
	c := weirtest.Attach(t, log, "shop.db")
	log.Info("of another part")
	log.Named("db").Info("connected")
	weirtest.AssertLogged(t, c, slog.LevelInfo, "connected")
	fmt.Println(c.Messages())
	c.Detach() // the end of the test does it too
	// Output: [connected]
}

func ExampleAssertLogged() {
	t := &exampleT{}
	log, c := weirtest.New(t)
	shop(log)
	weirtest.AssertLogged(t, c, slog.LevelInfo, "order placd")
	t.cleanup()
	// Output:
	// not logged: INFO "order placd"
	// logged, the nearest first (1 in all):
	//   1: INFO "order placed" order=4711   <- message
}

// Golden compares a text with testdata/NAME.golden, without what differs between runs.
func ExampleGolden() {
	t := &exampleT{}
	log, c := weirtest.New(t)
	shop(log)
	text := c.Text(format.JSON(format.JSONOptions{}))
	fmt.Print(string(weirtest.Normalize([]byte(`{"created_at":"2026-11-20T10:00:00.123456Z","host":"web-1"}` + "\n"))))
	weirtest.Golden(t, "shop", []byte(text)) // WEIR_UPDATE=1 go test writes it
	t.cleanup()
	// Output: {"created_at":"TIME","host":"HOST"}
}

// list is a sink of a program.
type list struct{ records []record.Record }

func (l *list) WriteBatch(_ context.Context, batch []record.Record) error {
	for i := range batch {
		l.records = append(l.records, batch[i].Clone())
	}
	return nil
}

func (*list) Close() error { return nil }

// TestSink is all that the test of a sink needs.
func ExampleTestSink() {
	test := TestList // func TestList(t *testing.T), which go test runs
	fmt.Println(test != nil, len(weirtest.HostileRecords()) > 0)
	// Output: true true
}

func TestList(t *testing.T) {
	weirtest.TestSink(t, weirtest.SinkTest{
		New:     func(testing.TB) weir.Sink { return &list{} },
		Records: func(_ testing.TB, s weir.Sink) []record.Record { return s.(*list).records }, //nolint:errcheck // New made it
	})
}
