package null_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/null"
)

func TestCounts(t *testing.T) {
	s := null.New()
	ctx := context.Background()
	if err := s.WriteBatch(ctx, make([]record.Record, 3)); err != nil {
		t.Error(err)
	}
	if err := s.WriteLines(ctx, []byte("{}\n{}\n"), 2); err != nil {
		t.Error(err)
	}
	if !s.AcceptsLines() {
		t.Error("lines are refused")
	}
	if s.SinkName() != "null" {
		t.Errorf("name %q", s.SinkName())
	}
	if s.Records() != 5 || s.Batches() != 2 || s.Bytes() != 6 {
		t.Errorf("%d records, %d batches, %d bytes", s.Records(), s.Batches(), s.Bytes())
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// A name that should be quiet has the sink for itself.
func ExampleNew() {
	quiet := null.New()
	log := weir.New("shop", weir.WithSink(null.New()), weir.WithLogger("shop.health", weir.LoggerOptions{Sinks: []weir.Sink{quiet}}))
	log.Named("health").Info("still alive")
	log.Info("order placed")
	if err := log.Close(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(quiet.Records(), "of", log.Stats().Written, "discarded")
	// Output: 1 of 2 discarded
}

func Example() {
	sink := null.New()
	log := weir.New("shop", weir.WithSink(sink))
	log.Info("order placed", "order", 4711)
	log.Info("order paid", "order", 4711)
	if err := log.Close(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(sink.Records(), "records discarded")
	// Output: 2 records discarded
}
