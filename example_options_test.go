package weir_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// heldUp is a sink that begins to write when it is let go.
type heldUp struct{ begun, free chan struct{} }

func (s *heldUp) WriteBatch(context.Context, []record.Record) error {
	if s.begun != nil {
		close(s.begun)
		s.begun = nil
	}
	<-s.free
	return nil
}

func (*heldUp) Close() error { return nil }

// With Fail, TryLog tells that the sinks do not keep up, and nothing waits.
func ExampleWithOverflow() {
	sink := &heldUp{make(chan struct{}), make(chan struct{})}
	begun := sink.begun
	log := weir.New("app", weir.WithSink(sink), weir.WithErrorOutput(io.Discard),
		weir.WithOverflow(weir.Fail),
		weir.WithMemoryLimit(weir.MinMemoryLimit),
		weir.WithMaxRecords(100),
		weir.WithOnDrop(func(r weir.DropReport) { fmt.Println("dropped some:", r.Total > 0) }))
	ctx := context.Background()
	log.Info("the sink hangs on this one")
	<-begun
	var err error
	for err == nil {
		err = log.TryLog(ctx, weir.LevelInfo, "order placed", "note", strings.Repeat("x", 1000))
	}
	fmt.Println(errors.Is(err, weir.ErrQueueFull))
	close(sink.free)
	_ = log.Close()
	stats := log.Stats()
	fmt.Println(stats.Emitted == stats.Written+stats.Dropped.Total(), stats.Dropped.Fail)
	// Unordered output:
	// true
	// dropped some: true
	// true 1
}

// With Block a call waits, for BlockTimeout at most.
func ExampleWithBlockTimeout() {
	log := weir.New("app", weir.WithSink(screen()), weir.WithOverflow(weir.Block), weir.WithBlockTimeout(100*time.Millisecond))
	defer log.Close()
	log.Info("there is room")
	// Output: INFO app: there is room
}

// fullDisk is a sink that fails.
type fullDisk struct{}

func (fullDisk) WriteBatch(context.Context, []record.Record) error { return errors.New("disk full") }
func (fullDisk) Close() error                                      { return nil }

// The logging's own errors go where the program wants them.
func ExampleWithDiagnostics() {
	var last error
	log := weir.New("app",
		weir.WithSink(weir.ConfigureSink(fullDisk{}, weir.SinkOptions{Name: "audit", Fallback: screen()})),
		weir.WithDiagnostics(func(err error) { last = err }))
	log.Error("payment failed")
	_ = log.Close()
	var e *weir.Error
	fmt.Println(errors.As(last, &e), e.Layer, errors.Unwrap(e))
	// Output:
	// ERROR app: payment failed
	// true SINK disk full
}

// Processors change or drop records before any sink gets them.
func ExampleWithProcessor() {
	quiet := weir.ProcessorFunc(func(r *record.Record) bool { return r.Message != "health check" })
	short := weir.ProcessorFunc(func(r *record.Record) bool {
		r.Message = strings.TrimPrefix(r.Message, "shop: ")
		return true
	})
	log := weir.New("app", weir.WithSink(screen()), weir.WithProcessor(quiet, short))
	defer log.Close()
	log.Info("health check")
	log.Info("shop: order placed")
	// Output: INFO app: order placed
}

type exampleSpan struct{}

// Trace tells the ids of the program's own tracing; those of OpenTelemetry are known.
func ExampleWithTrace() {
	trace := func(ctx context.Context) (traceID, spanID string) {
		id, _ := ctx.Value(exampleSpan{}).(string)
		return id, ""
	}
	log := weir.New("app", weir.WithSink(screen()), weir.WithTrace(trace))
	defer log.Close()
	log.InfoContext(context.WithValue(context.Background(), exampleSpan{}, "4bf92f3577b34da6a3ce929d0e0e4736"), "order placed")
	// Output: INFO app: order placed trace_id=4bf92f3577b34da6a3ce929d0e0e4736
}

// Options as a struct, and what each record tells of the program.
func ExampleWithOptions() {
	log := weir.New("app",
		weir.WithOptions(weir.Options{MaxRecordBytes: 64 << 10, CloseTimeout: time.Second, NoEnvironment: true}),
		weir.WithResource(record.Resource{Service: "shop", Environment: "production", ServiceVersion: "1.2.0"}),
		weir.WithSink(weir.ConfigureSink(screen(), weir.SinkOptions{
			Processors: []weir.Processor{weir.ProcessorFunc(func(r *record.Record) bool {
				r.Message += " by " + r.Resource.Service + " " + r.Resource.ServiceVersion
				return true
			})},
		})))
	defer log.Close()
	log.Info("order placed")
	// Output: INFO app: order placed by shop 1.2.0
}

func ExampleWithoutEnvironment() {
	log := weir.New("app", weir.WithoutEnvironment(), // WEIR_LEVEL and the others count for nothing
		weir.WithSink(screen()),
		weir.WithMaxRecordBytes(1<<20),
		weir.WithCloseTimeout(2*time.Second))
	defer log.Close()
	log.Info("order placed")
	// Output: INFO app: order placed
}
