package file_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/file"
)

func ExampleNew() {
	dir, _ := os.MkdirTemp("", "weir")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "logs", "app.log")

	// A file a day, none larger than 100 MB, thirty days of them, compressed.
	sink, err := file.New(path, file.Options{
		MaxSize:  100 << 20,
		Interval: 24 * time.Hour,
		MaxAge:   30 * 24 * time.Hour,
		Compress: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	log := weir.New("app", weir.WithSink(sink))
	log.Info("order placed", "order", 4711)
	if err := log.Close(); err != nil {
		fmt.Println(err)
	}

	text, _ := os.ReadFile(path)
	fmt.Println(strings.Contains(string(text), `"message":"order placed"`), sink.Stats().Records)
	// Output: true 1
}

// A path that cannot be a file is refused at the start.
func ExampleNew_error() {
	_, err := file.New(os.TempDir(), file.Options{})
	var e *weir.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code())
		fmt.Println(e.UserMessage)
	}
	// Output:
	// SINK::FileSink::VALIDATION::ERROR
	// the path is a directory: name a file in it
}

func ExampleSink_Stats() {
	dir, _ := os.MkdirTemp("", "weir")
	defer os.RemoveAll(dir)
	sink, err := file.New(filepath.Join(dir, "app.log"), file.Options{Format: messages{}, MaxSize: 12})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sink.Close()
	records := []record.Record{{Message: "first"}, {Message: "second"}, {Message: "third"}}
	if err := sink.WriteBatch(context.Background(), records); err != nil {
		fmt.Println(err)
	}
	st := sink.Stats()
	fmt.Println(st.Records, "records,", st.Rotated, "rotations,", st.Size, "bytes in", filepath.Base(st.Path))
	// Output: 3 records, 2 rotations, 6 bytes in app.log
}

func ExampleSink_Rotate() {
	dir, _ := os.MkdirTemp("", "weir")
	defer os.RemoveAll(dir)
	sink, err := file.New(filepath.Join(dir, "app.log"), file.Options{Format: messages{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sink.Close()
	_ = sink.WriteBatch(context.Background(), []record.Record{{Message: "before"}})
	if err := sink.Rotate(); err != nil {
		fmt.Println(err)
	}
	_ = sink.WriteBatch(context.Background(), []record.Record{{Message: "after"}})
	for _, name := range []string{"app.log", "app.log.0001"} {
		text, _ := os.ReadFile(filepath.Join(dir, name))
		fmt.Printf("%s: %s", name, text)
	}
	// Output:
	// app.log: after
	// app.log.0001: before
}
