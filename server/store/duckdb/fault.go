package duckdb

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/weirlog/weir/server/store"
)

// faults are what DuckDB says in words only, and what people can do about it.
// The first one found counts.
var faults = [...]struct {
	text     string // in DuckDB's message
	sentinel error  // what callers branch on, or nil
	hint     string
}{
	{"Could not set lock on file", store.ErrLocked, "close the other program, or copy the file to look at it"},
	{"Trying to read a database file with version number", store.ErrVersion, "start the Weir that wrote it, or a newer one"},
	{"No space left on device", nil, "the disk is full: make room, or lower --retention or --max-disk"},
	{"File too large", nil, "the file may not grow: lift the limit on file sizes (ulimit -f)"},
	{"Permission denied", nil, "the directory is not writable for this user: change its owner, or choose another one with --data"},
	{"Read-only file system", nil, "the file system is read-only: choose another directory with --data"},
	{"not a valid DuckDB database file", nil, damagedHint},
	{"Corrupt database file", nil, damagedHint},
	{"Corrupt WAL file", nil, damagedHint},
	{"Serialization Error", nil, damagedHint},
	{"Failure while replaying WAL", nil, damagedHint},
	{outOfMemory, nil, "the query needs more memory than the store may use"},
}

const damagedHint = "the database is damaged: keep a copy of the directory, then try: weir store repair"

// Texts by which DuckDB's errors are told apart.
const (
	outOfMemory = "Out of Memory Error"
	invalidated = "database has been invalidated"
	fatalError  = "FATAL Error"
	ioError     = "IO Error"
)

// explain wraps an error of DuckDB with what callers branch on and what people
// can do.
func explain(err error) error {
	if err == nil {
		return nil
	}
	err = withoutTrace(err)
	text := err.Error()
	for _, f := range faults {
		if !strings.Contains(text, f.text) {
			continue
		}
		if f.sentinel != nil {
			return fmt.Errorf("%w: %w (%s)", f.sentinel, err, f.hint)
		}
		return fmt.Errorf("%w (%s)", err, f.hint)
	}
	return err
}

// briefError is an error with less to say.
type briefError struct {
	text string
	err  error
}

func (e *briefError) Error() string { return e.text }
func (e *briefError) Unwrap() error { return e.err }

// withoutTrace cuts off what DuckDB adds for its own developers, and advice about
// settings that people cannot make here.
func withoutTrace(err error) error {
	text := err.Error()
	for _, end := range []string{"\n\nStack Trace:", "\n\nPossible solutions:"} {
		text, _, _ = strings.Cut(text, end)
	}
	if text == err.Error() {
		return err
	}
	return &briefError{text, err}
}

// hintFor is the hint for an error of the operating system, in parentheses.
func hintFor(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return " (the directory is not writable for this user: change its owner, or choose another one with --data)"
	case isFull(err):
		return " (the disk is full: make room)"
	case isFile(err):
		return " (there is a file of that name: choose another directory with --data)"
	}
	return ""
}

// isUnsound says that DuckDB's memory must not be trusted after this error: a
// commit failed, or reading and writing the file did.
func isUnsound(err error) bool {
	if err == nil {
		return false
	}
	text := err.Error()
	return errors.Is(err, store.ErrAmbiguous) || strings.Contains(text, invalidated) || strings.Contains(text, fatalError) ||
		strings.Contains(text, ioError)
}

func isOutOfMemory(err error) bool {
	return err != nil && strings.Contains(err.Error(), outOfMemory)
}
