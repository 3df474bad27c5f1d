// Package checkpoint keeps named states of jobs as files: one JSON file each, in one
// folder, written whole or not at all.
//
// [Open] names the folder, [Store.Save] and [Store.Load] write and read. Several
// processes may use a folder at the same time without a lock: a file is replaced in one step, the last
// one to save wins, and nobody ever reads half of a file. The package logs nothing
// and keeps nothing in memory.
package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of a checkpoint.
const (
	// MaxNameBytes is longer than any path that somebody would use as a name.
	MaxNameBytes = 1 << 10
	// MaxNoteBytes is a page of text: a note is read in a list.
	MaxNoteBytes = 16 << 10
	// MaxDataBytes is what a program resumes from and a person looks at. What is
	// larger, as the weights of a model, belongs into a file of its own, and its path
	// into the checkpoint.
	MaxDataBytes = 16 << 20

	// maxFileBytes leaves room for the rest, each byte of it escaped.
	maxFileBytes = MaxDataBytes + 6*(MaxNameBytes+MaxNoteBytes) + 64<<10
)

// Version is what the file's field "version" says. A reader takes this one and
// those before it.
const Version = 1

// The statuses of a checkpoint.
const (
	Done       = "DONE"
	InProgress = "IN_PROGRESS"
	Failed     = "FAILED"
	Skipped    = "SKIPPED"
)

// Checkpoint is the named state of a job, as it is in the file.
type Checkpoint struct {
	Name     string          `json:"name"`
	Status   string          `json:"status"`
	Note     string          `json:"note,omitempty"`
	Progress float64         `json:"progress"` // 0 to 100
	Saved    time.Time       `json:"saved"`    // UTC
	Logger   string          `json:"logger,omitempty"`
	SourceID string          `json:"source_id,omitempty"` // the start of the program that saved it
	Data     json.RawMessage `json:"data,omitempty"`      // valid JSON, or empty
}

// Errors that callers tell apart.
var (
	// ErrNotFound says that there is no checkpoint of the name.
	ErrNotFound = errors.New("there is no such checkpoint")
	// ErrDamaged says that there is a file, but not one that can be understood.
	ErrDamaged = errors.New("the checkpoint's file is damaged")
	// ErrInvalid says that a checkpoint breaks a rule; nothing was written.
	ErrInvalid = errors.New("the checkpoint is not valid")
)

// CheckName tells what is wrong with a name. Any text will do that can be shown and
// is not too long.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: the name is empty", ErrInvalid)
	case len(name) > MaxNameBytes:
		return fmt.Errorf("%w: the name has %d bytes; %d are allowed", ErrInvalid, len(name), MaxNameBytes)
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: the name %q is not valid UTF-8", ErrInvalid, name)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%w: the name %q has control characters", ErrInvalid, name)
	}
	return nil
}

// Check tells what is wrong with a checkpoint.
func (c *Checkpoint) Check() error {
	if err := CheckName(c.Name); err != nil {
		return err
	}
	switch c.Status {
	case Done, InProgress, Failed, Skipped:
	default:
		return fmt.Errorf("%w: the status is %q; it is one of %s, %s, %s, %s", ErrInvalid, c.Status, Done, InProgress, Failed, Skipped)
	}
	switch {
	case math.IsNaN(c.Progress) || c.Progress < 0 || c.Progress > 100:
		return fmt.Errorf("%w: the progress is %v; it is a number from 0 to 100", ErrInvalid, c.Progress)
	case len(c.Note) > MaxNoteBytes:
		return fmt.Errorf("%w: the note has %d bytes; %d are allowed", ErrInvalid, len(c.Note), MaxNoteBytes)
	case len(c.Data) > MaxDataBytes:
		return fmt.Errorf("%w: the data has %d bytes of JSON; %d are allowed: keep large results in files of their own and their paths here", ErrInvalid, len(c.Data), MaxDataBytes)
	case len(c.Data) > 0 && !json.Valid(c.Data):
		return fmt.Errorf("%w: the data is not JSON", ErrInvalid)
	case c.Saved.Year() < 0 || c.Saved.Year() > 9999:
		return fmt.Errorf("%w: the year of its time is %d", ErrInvalid, c.Saved.Year())
	}
	return nil
}
