package record_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// A record is one line of JSON, in which its fields stand beside the rest, the metadata.
func ExampleAppendJSON() {
	r := record.Record{
		Time:     time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC),
		Severity: record.SeverityWarn,
		Logger:   "shop",
		Message:  "disk almost full",
		Attrs:    []slog.Attr{slog.String("path", "/var"), slog.Int("free_gb", 3), slog.Group("disk", slog.String("type", "ssd"))},
	}
	os.Stdout.Write(append(record.AppendJSON(nil, &r), '\n'))
	// Output:
	// {"created_at":"2026-11-20T10:00:00.000000Z","level":"WARN","message":"disk almost full","path":"/var","metadata":{"free_gb":3,"disk":{"type":"ssd"}},"logger":"shop"}
}

// The lines of other loggers are read with Aliases; what had to be changed is told.
func ExampleParseJSON() {
	line := `{"time":"2026-11-20T10:00:00Z","lvl":"warning","msg":"slow query","duration_ms":"long"}`
	r, repairs, err := record.ParseJSON([]byte(line), record.ParseOptions{Aliases: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.LevelText(), r.Message, r.Time.Format(time.TimeOnly))
	for _, repair := range repairs {
		fmt.Println(repair.Field, repair.Reason)
	}
	// Output:
	// WARN slow query 10:00:00
	// duration_ms not a number
}

func ExampleReader() {
	const body = `[{"message": "one"},
  {"message": "two"}]
{"message": "three"}`
	for in := record.NewReader(strings.NewReader(body), record.ReaderOptions{}); ; {
		data, err := in.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(string(data))
	}
	// Output:
	// {"message": "one"}
	// {"message": "two"}
	// {"message": "three"}
}

func ExampleRecord_Lookup() {
	r := record.Record{Message: "order placed", Attrs: []slog.Attr{slog.Group("user", slog.String("plan", "pro"))}}
	for _, name := range []string{"message", "user.plan", "user.id"} {
		v, ok := r.Lookup(name)
		fmt.Println(name, v, ok)
	}
	// Output:
	// message order placed true
	// user.plan pro true
	// user.id <nil> false
}
