package weir

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/internal/checkpoint"
	"github.com/weirlog/weir/record"
)

// CheckpointStatus says how far a job has come.
type CheckpointStatus string

// The statuses of a checkpoint.
const (
	StatusDone       CheckpointStatus = checkpoint.Done
	StatusInProgress CheckpointStatus = checkpoint.InProgress
	StatusFailed     CheckpointStatus = checkpoint.Failed
	StatusSkipped    CheckpointStatus = checkpoint.Skipped
)

// The limits of a checkpoint; what is beyond them is refused, never cut.
const (
	MaxCheckpointName = checkpoint.MaxNameBytes
	MaxCheckpointNote = checkpoint.MaxNoteBytes
	MaxCheckpointData = checkpoint.MaxDataBytes // of JSON
)

// DefaultCheckpointDir is where checkpoints are, below the folder that the program was started in.
const DefaultCheckpointDir = ".weir/checkpoints"

// ErrNoCheckpoint is the cause of DeleteCheckpoint's error when there is none of the
// name.
var ErrNoCheckpoint = checkpoint.ErrNotFound

// maxRecordData is the most of a checkpoint's data that its record carries, in bytes
// of JSON: the record goes to every sink and every viewer. The file has all of it.
const maxRecordData = 64 << 10

// Checkpoint is a named state of a job, which outlives the program.
type Checkpoint struct {
	// Name is any text; saving again under it replaces the checkpoint.
	Name string `json:"name"`
	// Status defaults to StatusDone.
	Status CheckpointStatus `json:"status"`
	// Note is for people.
	Note string `json:"note,omitempty"`
	// Progress is a number from 0 to 100. A done checkpoint without one has 100.
	Progress float64 `json:"progress"`
	// Data is what encoding/json can write. In a checkpoint that was loaded it is a
	// json.RawMessage, nil when there was none; Decode reads it.
	Data any `json:"data,omitempty"`

	// Saved, Logger and SourceID tell when, by which logger and by which start of the
	// program it was saved. Save sets them.
	Saved    time.Time `json:"saved"`
	Logger   string    `json:"logger,omitempty"`
	SourceID string    `json:"source_id,omitempty"`
}

// Decode reads Data into what a pointer points to, as json.Unmarshal does. A nil
// checkpoint, as Load returns, and one without data are an error.
func (c *Checkpoint) Decode(into any) error {
	if c == nil || c.Data == nil {
		return &Error{
			Layer: LayerCheckpoint, Service: "Checkpoint", Category: CategoryValidation, Severity: SeverityError,
			Message: "decode checkpoint: there is no data", UserMessage: "look first whether Load returned nil",
		}
	}
	data, err := encodeData(c.Data)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		return checkpointError("decode", c.Name, fmt.Errorf("%w: %w", checkpoint.ErrInvalid, err))
	}
	return nil
}

// checkpoints are the checkpoints of all loggers of one New.
type checkpoints struct {
	dir   string // of Options, with its default
	saved atomic.Uint64

	once sync.Once
	disk *checkpoint.Store

	mu   sync.Mutex
	told map[string]bool // damaged files that were told of
}

// maxTold bounds told: whoever has more damaged files knows it by then.
const maxTold = 1000

// store returns the folder's store. The folder is that below the working directory of the first use.
func (c *checkpoints) store() *checkpoint.Store {
	c.once.Do(func() {
		dir := filepath.FromSlash(c.dir)
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		c.disk = checkpoint.Open(dir)
	})
	return c.disk
}

// first reports whether a problem has not been told of.
func (c *checkpoints) first(problem string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.told[problem] || len(c.told) >= maxTold {
		return false
	}
	if c.told == nil {
		c.told = map[string]bool{}
	}
	c.told[problem] = true
	return true
}

// Save writes a checkpoint to the disk and returns when it would survive a loss of power:
// that takes as long as the disk does, so it is not for the inside of a fast loop.
// Then it logs a record of kind checkpoint, at any level of the logger, by which the
// page and other viewers learn of it; the record may be dropped like any other, the
// file never is. It works after Close, and without any page.
//
// Several processes may save under one name: the last one wins. The error is an
// *Error: of CategoryValidation for a bad name, status, progress or data, which
// leaves the older checkpoint as it is, of CategoryIO for the disk.
func (l *Logger) Save(ctx context.Context, c Checkpoint) error {
	if err := ctx.Err(); err != nil {
		return checkpointError("save", c.Name, err)
	}
	if c.Status == "" {
		c.Status = StatusDone
	}
	if c.Status == StatusDone && c.Progress == 0 {
		c.Progress = 100
	}
	data, err := encodeData(c.Data)
	if err != nil {
		return checkpointError("save", c.Name, fmt.Errorf("%w: the data cannot be written as JSON: %w", checkpoint.ErrInvalid, err))
	}
	state := checkpoint.Checkpoint{
		Name: c.Name, Status: string(c.Status), Note: c.Note, Progress: c.Progress, Data: data,
		Saved: time.Now().UTC(), Logger: l.Name(), SourceID: l.node.core.worker.sourceID,
	}
	kept := &l.node.core.checkpoints
	if err := kept.store().Save(&state); err != nil {
		return checkpointError("save", c.Name, err)
	}
	kept.saved.Add(1)
	l.logCheckpoint(ctx, &state, l.place())
	return nil
}

// logCheckpoint tells viewers that a checkpoint was saved.
func (l *Logger) logCheckpoint(ctx context.Context, c *checkpoint.Checkpoint, pc uintptr) {
	args := []any{slog.String("checkpoint", c.Name), slog.String("status", c.Status), slog.Float64("progress", c.Progress)}
	if c.Note != "" {
		args = append(args, slog.String("note", c.Note))
	}
	switch {
	case len(c.Data) > maxRecordData:
		args = append(args, slog.Int("data_bytes", len(c.Data)))
	case len(c.Data) > 0:
		args = append(args, slog.Any("data", c.Data))
	}
	l.logState(ctx, CheckpointStatus(c.Status), c.Name, pc, args)
}

// logState logs a record of kind checkpoint. Its attributes lie outside the logger's
// groups, where a search finds them.
func (l *Logger) logState(ctx context.Context, status CheckpointStatus, name string, pc uintptr, args []any) {
	plain := *l
	plain.scope.prefix, plain.scope.pending = l.scope.prefix[:l.scope.top:l.scope.top], nil
	level := LevelInfo
	if status == StatusFailed {
		level = LevelError
	}
	// A record that is not accepted is counted.
	_ = plain.logAt(ctx, level, record.KindCheckpoint, name, pc, args)
}

// Load returns the checkpoint of a name. One that is not there, or cannot be read, is nil and a
// warning in the log: a job then begins anew.
func (l *Logger) Load(name string) *Checkpoint {
	c, err := l.node.core.checkpoints.store().Load(name)
	if err != nil {
		text := "checkpoint cannot be read"
		if errors.Is(err, checkpoint.ErrNotFound) {
			text = "checkpoint not found"
		}
		l.warnCheckpoint(text, l.place(), slog.String("checkpoint", name), slog.String("error", err.Error()))
		return nil
	}
	public := publicCheckpoint(c)
	return &public
}

// Checkpoints returns all checkpoints, the one saved last first. Files that cannot be
// read are left out; a warning in the log tells of each once.
func (l *Logger) Checkpoints() []Checkpoint {
	kept := &l.node.core.checkpoints
	list, bad, err := kept.store().List()
	if err != nil {
		bad = append(bad, err)
	}
	for _, err := range bad {
		if kept.first(err.Error()) {
			l.warnCheckpoint("checkpoint cannot be read", 0, slog.String("error", err.Error()))
		}
	}
	out := make([]Checkpoint, len(list))
	for i := range list {
		out[i] = publicCheckpoint(&list[i])
	}
	return out
}

// DeleteCheckpoint removes the checkpoint of a name and logs a record of kind
// checkpoint with the status DELETED. The error is an *Error; errors.Is finds
// ErrNoCheckpoint when there is none.
func (l *Logger) DeleteCheckpoint(name string) error {
	if err := l.node.core.checkpoints.store().Delete(name); err != nil {
		return checkpointError("delete", name, err)
	}
	l.logState(context.Background(), "", name, l.place(), []any{slog.String("checkpoint", name), slog.String("status", "DELETED")})
	return nil
}

func (l *Logger) warnCheckpoint(text string, pc uintptr, args ...any) {
	if !l.enabled(LevelWarn) {
		return
	}
	if err := l.logAt(context.Background(), LevelWarn, record.KindLog, text, pc, args); err != nil {
		fmt.Fprintf(l.ErrorOutput(), "weir: %s: %v\n", text, args)
	}
}

func publicCheckpoint(c *checkpoint.Checkpoint) Checkpoint {
	p := Checkpoint{
		Name: c.Name, Status: CheckpointStatus(c.Status), Note: c.Note, Progress: c.Progress,
		Saved: c.Saved, Logger: c.Logger, SourceID: c.SourceID,
	}
	if len(c.Data) > 0 {
		p.Data = c.Data
	}
	return p
}

// encodeData returns v as JSON, nil for nil. A v that panics is an error.
func encodeData(v any) (data json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if v == nil {
		return nil, nil
	}
	if raw, ok := v.(json.RawMessage); ok && len(raw) == 0 {
		return nil, nil
	}
	return json.Marshal(v)
}

// checkpointError says what a caller, and the person at the screen, can do.
func checkpointError(op, name string, err error) error {
	e := &Error{
		Layer: LayerCheckpoint, Service: "Checkpoint", Category: CategoryIO, Severity: SeverityError, Recoverable: true,
		Message: op + " checkpoint " + fmt.Sprintf("%.100q", name), Context: map[string]any{"checkpoint": name}, Err: err,
	}
	switch {
	case errors.Is(err, checkpoint.ErrInvalid):
		e.Category, e.Recoverable = CategoryValidation, false
	case errors.Is(err, checkpoint.ErrNotFound):
		e.Severity, e.Recoverable = SeverityWarning, false
	case errors.Is(err, os.ErrPermission):
		e.UserMessage = "allow the program to write there, or choose another folder with CheckpointDir or WEIR_CHECKPOINTS"
	}
	return e
}
