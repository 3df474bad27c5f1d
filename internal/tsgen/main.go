// Command tsgen writes the page's TypeScript types from the Go ones: the record
// from record.Fields, the API's JSON from the structs of dashboard/api.go. With
// -check it only says whether the file is up to date. It generates nothing that
// runs but the list of fields.
//
//	go run ./internal/tsgen -o ui/src/lib/wire.gen.ts
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/weirlog/weir/dashboard"
)

// api are the types of the API's JSON, in the order of dashboard/api.go.
func api() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[dashboard.Page](),
		reflect.TypeFor[dashboard.Gap](),
		reflect.TypeFor[dashboard.Ping](),
		reflect.TypeFor[dashboard.Stats](),
		reflect.TypeFor[dashboard.Status](),
		reflect.TypeFor[dashboard.ExportRequest](),
		reflect.TypeFor[dashboard.Checkpoint](),
		reflect.TypeFor[dashboard.CheckpointList](),
		reflect.TypeFor[dashboard.CheckpointRequest](),
		reflect.TypeFor[dashboard.LevelList](),
		reflect.TypeFor[dashboard.LoggerLevel](),
		reflect.TypeFor[dashboard.LevelRequest](),
		reflect.TypeFor[dashboard.ErrorBody](),
		reflect.TypeFor[dashboard.ErrorDetail](),
	}
}

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "tsgen:", err)
		os.Exit(1)
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("tsgen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	path := flags.String("o", "", "the `file` to write")
	check := flags.Bool("check", false, "fail when the file is not up to date, and write nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *path == "" {
		return fmt.Errorf("-o is missing: which file?")
	}
	text, err := generate(api())
	if err != nil {
		return err
	}
	there, err := os.ReadFile(*path)
	if err == nil && bytes.Equal(there, text) {
		return nil
	}
	if *check {
		return fmt.Errorf("%s is not up to date; run: make types", *path)
	}
	if err := os.WriteFile(*path, text, 0o644); err != nil {
		return fmt.Errorf("write types: %w", err)
	}
	return nil
}
