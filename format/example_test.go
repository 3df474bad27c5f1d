package format_test

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
)

// placed is a record, as a sink gets it.
func placed() *record.Record {
	return &record.Record{
		Time:     time.Date(2026, 11, 20, 10, 0, 0, 123_000_000, time.UTC),
		Severity: record.SeverityWarn,
		Logger:   "shop",
		Message:  "order placed",
		Attrs:    []slog.Attr{slog.Int("order", 4711), slog.Group("user", slog.String("plan", "pro"))},
	}
}

func ExampleText() {
	f, err := format.Text("%(asctime)s [%(levelname)-8s] %(name)s: %(message)s (%(user.plan)s) %(order)06d",
		format.TextOptions{DateFormat: "%Y-%m-%d %H:%M:%S", Location: time.UTC})
	if err != nil {
		fmt.Println(err)
		return
	}
	os.Stdout.Write(f.Append(nil, placed()))
	// Output: 2026-11-20 10:00:00 [WARNING ] shop: order placed (pro) 004711
}

func ExampleText_error() {
	_, err := format.Text("%(asctime)s %(message)d", format.TextOptions{})
	fmt.Println(err)
	// Output: layout "%(asctime)s %(message)d": at 12: message is a text and cannot be written as "d": use s
}

func ExampleJSON() {
	os.Stdout.Write(format.JSON(format.JSONOptions{SkipKeys: []string{"created_at"}}).Append(nil, placed()))
	// Output: {"level":"WARN","message":"order placed","metadata":{"order":4711,"user":{"plan":"pro"}},"logger":"shop"}
}

func ExampleJSON_prefix() {
	line, err := format.Text("%(levelname)s - %(message)s", format.TextOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	os.Stdout.Write(format.JSON(format.JSONOptions{Prefix: line, Indent: 2}).Append(nil, placed()))
	// Output:
	// WARNING - order placed:
	// {
	//   "order": 4711,
	//   "user": {
	//     "plan": "pro"
	//   }
	// }
}

func ExampleConsole() {
	os.Stdout.Write(format.Console(format.ConsoleOptions{Location: time.UTC}).Append(nil, placed()))
	// Output: 2026-11-20 10:00:00.123 WARN  shop order placed order=4711 user.plan=pro
}

func ExampleParseStyle() {
	theme := format.DefaultTheme()
	style, err := format.ParseStyle("bold black on yellow")
	if err != nil {
		fmt.Println(err)
		return
	}
	theme.Warn = style
	f := format.Console(format.ConsoleOptions{Color: format.ColorAlways, Theme: &theme, NoTime: true})
	fmt.Printf("%q\n", f.Append(nil, placed())[:20])
	// Output: "\x1b[1;30;43mWARN\x1b[0m  "
}

func ExampleParseTimeFormat() {
	f, err := format.ParseTimeFormat("%d %b %Y, %I:%M %p")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", f.Append(nil, placed().Time))
	// Output: 20 Nov 2026, 10:00 AM
}

// Names lists what a layout may name.
func ExampleNames() {
	for _, n := range format.Names()[:3] {
		fmt.Printf("%%(%s)s is %s\n", n.Name, n.Help)
	}
	// Output:
	// %(asctime)s is the time, as TextOptions.DateFormat says
	// %(created)s is the time, in seconds since 1970 with their fraction
	// %(msecs)s is the milliseconds of the time, with their fraction
}

// A sink at a terminal asks a form for its colours.
func ExampleColorable() {
	f, err := format.Text("%(level)s %(message)s", format.TextOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if c, ok := f.(format.Colorable); ok {
		f = c.InColor(true)
	}
	fmt.Printf("%q\n", f.Append(nil, placed()))
	// Output: "\x1b[33mWARN\x1b[0m order placed\n"
}

// A mistyped name is an error; an attribute of such a name is called metadata.NAME.
func ExampleText_mistyped() {
	_, err := format.Text("%(mesage)s", format.TextOptions{})
	fmt.Println(err)
	// Output: layout "%(mesage)s": at 0: there is no name "mesage": did you mean %(message)s? (an attribute that is called so is %(metadata.mesage)s)
}
