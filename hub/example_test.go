package hub_test

import (
	"context"
	"fmt"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
)

// A viewer that is slower than the ring is told how many records it has missed.
func ExampleHub() {
	h := hub.New(hub.Options{MaxRecords: 2}, 0)
	viewer := h.Subscribe()
	for i := range 3 {
		h.Publish([]record.Record{{ID: record.Position(i + 1), Message: fmt.Sprint("record ", i+1)}})
	}
	h.Close()
	for {
		d, err := viewer.Next(context.Background(), 10)
		if err != nil {
			fmt.Println(err)
			return
		}
		if d.Missed > 0 {
			fmt.Println("missed", d.Missed)
		}
		for _, r := range d.Records {
			fmt.Println(r.Message)
		}
	}
	// Output:
	// missed 1
	// record 2
	// record 3
	// hub is closed
}
