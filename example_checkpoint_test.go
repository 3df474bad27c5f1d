package weir_test

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/weirlog/weir"
)

func ExampleLogger_Save() {
	dir, err := os.MkdirTemp("", "checkpoints")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	log := weir.New("train", weir.WithSink(discard{}), weir.WithErrorOutput(io.Discard), weir.WithCheckpointDir(dir))
	defer log.Close()

	type epoch struct {
		Number int     `json:"number"`
		Loss   float64 `json:"loss"`
	}
	err = log.Save(context.Background(), weir.Checkpoint{
		Name: "model", Status: weir.StatusInProgress, Progress: 30, Note: "best so far", Data: epoch{3, 0.31},
	})
	if err != nil {
		fmt.Println(err)
	}

	// The next start of the program goes on from there.
	if c := log.Load("model"); c != nil {
		var last epoch
		if err := c.Decode(&last); err != nil {
			fmt.Println(err)
		}
		fmt.Println(c.Status, c.Progress, last.Number, last.Loss)
	}
	for _, c := range log.Checkpoints() {
		fmt.Println(c.Name, c.Note)
	}
	if err := log.DeleteCheckpoint("model"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(log.Load("model") == nil)
	// Output:
	// IN_PROGRESS 30 3 0.31
	// model best so far
	// true
}

func ExampleLogger_Progress() {
	log := weir.New("train", weir.WithSink(discard{}), weir.WithErrorOutput(io.Discard))
	defer log.Close()

	files := []string{"a.csv", "b.csv", "c.csv"}
	p := log.Progress("import", int64(len(files)))
	for _, name := range files {
		p.Note(name)
		// Any number of calls is one row on the page, changed twice a second.
		p.Add(1)
	}
	p.Done()
	fmt.Println("imported")
	// Output: imported
}

func ExampleTrack() {
	log := weir.New("train", weir.WithSink(discard{}), weir.WithErrorOutput(io.Discard))
	defer log.Close()

	sum := 0
	for i := range weir.Track(log, "sum", 5) {
		sum += i
	}
	fmt.Println(sum)
	// Output: 10
}
