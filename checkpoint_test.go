package weir_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

// state is what a job would save.
type state struct {
	Loss float64 `json:"loss"`
	Step int64   `json:"step"`
}

// panicsInJSON is data that is not ours to trust.
type panicsInJSON struct{}

func (panicsInJSON) MarshalJSON() ([]byte, error) { panic("in MarshalJSON") }

func inDir(t *testing.T) (string, weir.Option) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "checkpoints")
	return dir, weir.WithCheckpointDir(dir)
}

// A13, A19. There is no page in this test.
func TestCheckpointSaveLoadListDelete(t *testing.T) {
	_, dir := inDir(t)
	records := logOnce(t, func(l *weir.Logger) {
		ctx := context.Background()
		before := time.Now()
		for _, c := range []weir.Checkpoint{
			{Name: "epoch-3", Data: state{0.31, math.MaxInt64}, Status: weir.StatusDone, Note: "best so far", Progress: 50},
			{Name: "epoch-4", Status: weir.StatusInProgress, Progress: 12.5},
			{Name: "a/b ..\u2028", Data: "text"},
		} {
			if err := l.Save(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		c := l.Load("epoch-3")
		if c == nil || c.Status != weir.StatusDone || c.Note != "best so far" || c.Progress != 50 || c.Logger != "app" || len(c.SourceID) != 32 ||
			c.Saved.Before(before.Truncate(time.Second)) {
			t.Fatalf("epoch-3: %+v", c)
		}
		var s state
		if err := c.Decode(&s); err != nil || s != (state{0.31, math.MaxInt64}) {
			t.Errorf("data: %+v, %v", s, err)
		}
		if odd := l.Load("a/b ..\u2028"); odd == nil || odd.Status != weir.StatusDone || odd.Progress != 100 {
			t.Errorf("the defaults: %+v", odd)
		}
		// What was loaded can be saved again as it is.
		c.Note = "again"
		if err := l.Save(ctx, *c); err != nil {
			t.Error(err)
		}
		s = state{}
		if err := l.Load("epoch-3").Decode(&s); err != nil || s.Step != math.MaxInt64 {
			t.Errorf("saved again: %+v, %v", s, err)
		}
		if got := checkpointNames(l); got != "epoch-3, a/b ..\u2028, epoch-4" {
			t.Errorf("newest first: %s", got)
		}
		if err := l.DeleteCheckpoint("epoch-4"); err != nil {
			t.Error(err)
		}
		if err := l.DeleteCheckpoint("epoch-4"); !errors.Is(err, weir.ErrNoCheckpoint) {
			t.Errorf("delete again: %v", err)
		}
		if got := checkpointNames(l); got != "epoch-3, a/b ..\u2028" {
			t.Errorf("after the delete: %s", got)
		}
		if n := l.Stats().CheckpointsSaved; n != 4 { // A16
			t.Errorf("checkpoints_saved is %d", n)
		}
	}, dir)
	if len(records) != 5 {
		t.Errorf("%d records: %v", len(records), records)
	}
}

func checkpointNames(l *weir.Logger) string {
	var names []string
	for _, c := range l.Checkpoints() {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// The record by which the page, files and servers learn of a checkpoint.
func TestCheckpointRecord(t *testing.T) {
	_, dir := inDir(t)
	records := logOnce(t, func(l *weir.Logger) {
		ctx := weir.With(context.Background(), "run", 7)
		l = l.With("model", "small").WithGroup("request")
		if err := l.Save(ctx, weir.Checkpoint{Name: "train", Status: weir.StatusFailed, Note: "out of memory", Progress: 40, Data: map[string]any{"step": 12}}); err != nil {
			t.Fatal(err)
		}
		if err := l.Save(ctx, weir.Checkpoint{Name: "large", Data: strings.Repeat("x", 100_000)}); err != nil {
			t.Fatal(err)
		}
		if err := l.DeleteCheckpoint("train"); err != nil {
			t.Fatal(err)
		}
	}, dir, weir.WithLevel(weir.LevelFatal))
	if len(records) != 3 {
		t.Fatalf("%d records", len(records))
	}
	r := records[0]
	if r.Kind != record.KindCheckpoint || r.Message != "train" || r.LevelText() != "ERROR" {
		t.Errorf("%+v", r)
	}
	var line map[string]any
	if err := json.Unmarshal(record.AppendJSON(nil, &r), &line); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"checkpoint": "train", "status": "FAILED", "progress": 40.0, "note": "out of memory", "data": map[string]any{"step": 12.0}, "model": "small", "run": 7.0}
	if got, err := json.Marshal(line["metadata"]); err != nil || string(got) != mustJSON(t, want) {
		t.Errorf("attributes: %s, %v", got, err)
	}
	if !strings.HasSuffix(line["file_path"].(string), "checkpoint_test.go") {
		t.Errorf("place: %v", line["file_path"])
	}
	for q, found := range map[string]bool{
		"kind:checkpoint status:FAILED": true, "kind:checkpoint status:DONE": false, "progress<50 checkpoint:train": true, "data.step:12": true,
	} {
		f, err := query.Parse(q, time.Now())
		if err != nil || f.Match(&r) != found {
			t.Errorf("%s: %v", q, err)
		}
	}
	if _, ok := attr(records[1], "data"); ok {
		t.Error("large data is in the record")
	}
	if v, _ := attr(records[1], "data_bytes"); v.Any() != int64(100_002) {
		t.Errorf("data_bytes: %v", v)
	}
	if v, _ := attr(records[2], "status"); v.String() != "DELETED" || records[2].Kind != record.KindCheckpoint {
		t.Errorf("the delete: %+v", records[2])
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCheckpointErrors(t *testing.T) {
	_, dir := inDir(t)
	records := logOnce(t, func(l *weir.Logger) {
		for name, c := range map[string]weir.Checkpoint{
			"the name is empty":                   {},
			"the name has 1025 bytes":             {Name: strings.Repeat("x", weir.MaxCheckpointName+1)},
			"is not valid UTF-8":                  {Name: "\xff"},
			`the status is "finished"`:            {Name: "x", Status: "finished"},
			"the progress is 101":                 {Name: "x", Progress: 101},
			"the progress is NaN":                 {Name: "x", Progress: math.NaN()},
			"the note has 16385 bytes":            {Name: "x", Note: strings.Repeat("x", weir.MaxCheckpointNote+1)},
			"unsupported type: chan int":          {Name: "x", Data: make(chan int)},
			"unsupported value: NaN":              {Name: "x", Data: math.NaN()},
			"panic: in MarshalJSON":               {Name: "x", Data: panicsInJSON{}},
			"unexpected end of JSON input":        {Name: "x", Data: json.RawMessage("{")},
			"the data has 16777218 bytes of JSON": {Name: "x", Data: strings.Repeat("x", weir.MaxCheckpointData)},
		} {
			err := l.Save(context.Background(), c)
			var typed *weir.Error
			if !errors.As(err, &typed) || typed.Code() != "CHECKPOINT::Checkpoint::VALIDATION::ERROR" || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		if err := l.Save(ended, weir.Checkpoint{Name: "x"}); !errors.Is(err, context.Canceled) {
			t.Errorf("with a context that has ended: %v", err)
		}
		if len(l.Checkpoints()) > 0 {
			t.Error("something was saved")
		}
		var none *weir.Checkpoint
		if err := none.Decode(new(int)); err == nil {
			t.Error("decode of nothing")
		}
		if err := (&weir.Checkpoint{Data: "text"}).Decode(new(int)); err == nil {
			t.Error("decode of a text into a number")
		}
	}, dir)
	if len(records) > 0 {
		t.Errorf("records: %v", records)
	}
}

func TestCheckpointFolderThatCannotBe(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	logOnce(t, func(l *weir.Logger) {
		err := l.Save(context.Background(), weir.Checkpoint{Name: "x"})
		var typed *weir.Error
		if !errors.As(err, &typed) || typed.Code() != "CHECKPOINT::Checkpoint::IO::ERROR::RECOVERABLE" {
			t.Errorf("save: %v", err)
		}
		if c := l.Load("x"); c != nil {
			t.Errorf("load: %+v", c)
		}
		if list := l.Checkpoints(); len(list) > 0 {
			t.Errorf("list: %+v", list)
		}
	}, weir.WithCheckpointDir(filepath.Join(plain, "checkpoints")))
}

// A13. An absent or damaged checkpoint is nil and a warning, never a failure.
func TestCheckpointAbsentOrDamaged(t *testing.T) {
	dir, option := inDir(t)
	records := logOnce(t, func(l *weir.Logger) {
		if err := l.Save(context.Background(), weir.Checkpoint{Name: "x"}); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		if err := os.Truncate(files[0], 10); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"absent", "x", "", "\xff"} {
			if c := l.Load(name); c != nil {
				t.Errorf("%q: %+v", name, c)
			}
		}
		for range 3 { // the warning comes once: a page asks again and again
			if list := l.Checkpoints(); len(list) > 0 {
				t.Errorf("list: %+v", list)
			}
		}
	}, option)
	var warned []string
	for _, r := range records[1:] {
		text, _ := attr(r, "error")
		if r.LevelText() != "WARN" || text.String() == "" {
			t.Errorf("%+v", r)
		}
		warned = append(warned, r.Message)
	}
	if want := "checkpoint not found, " + strings.TrimSuffix(strings.Repeat("checkpoint cannot be read, ", 4), ", "); strings.Join(warned, ", ") != want {
		t.Errorf("warned: %q", warned)
	}
}

// The file is the truth: neither a full queue nor Close keeps it from being written.
func TestCheckpointNeverDropped(t *testing.T) {
	_, option := inDir(t)
	hang := make(chan struct{})
	c := capture{before: func() error { <-hang; return nil }}
	var out bytes.Buffer
	l := weir.New("app", weir.WithSink(&c), weir.WithErrorOutput(&out), weir.WithMemoryLimit(weir.MinMemoryLimit), weir.WithOverflow(weir.DropNewest), option)
	for l.Stats().Dropped.Total() == 0 {
		l.Info("fill", "text", strings.Repeat("x", 500))
	}
	if err := l.Save(context.Background(), weir.Checkpoint{Name: "full", Data: 1}); err != nil {
		t.Error(err)
	}
	close(hang)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Save(context.Background(), weir.Checkpoint{Name: "closed", Data: 2}); err != nil {
		t.Error(err)
	}
	if got := checkpointNames(l); got != "closed, full" {
		t.Errorf("on the disk: %s", got)
	}
	if l.Load("absent") != nil || !strings.Contains(out.String(), "checkpoint not found") {
		t.Errorf("a closed logger warns elsewhere: %q", out.String())
	}
	balance(t, l)
}

// A13, A18. Two loggers, as two processes, on one folder; the default folder.
func TestCheckpointFolders(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"one", "two"} {
		l := weir.New(name, weir.WithSink(&capture{}), weir.WithErrorOutput(io.Discard))
		if err := l.Save(context.Background(), weir.Checkpoint{Name: "shared", Note: name}); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	l := weir.New("three", weir.WithSink(&capture{}), weir.WithErrorOutput(io.Discard))
	defer l.Close()
	if c := l.Load("shared"); c == nil || c.Note != "two" || c.Logger != "two" {
		t.Errorf("%+v", c)
	}
	if files, err := filepath.Glob(filepath.FromSlash(weir.DefaultCheckpointDir) + "/*.json"); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	elsewhere := t.TempDir()
	t.Setenv("WEIR_CHECKPOINTS", elsewhere)
	env := weir.New("four", weir.WithSink(&capture{}), weir.WithErrorOutput(io.Discard))
	defer env.Close()
	if err := env.Save(context.Background(), weir.Checkpoint{Name: "x"}); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(elsewhere + "/*.json"); err != nil || len(files) != 1 {
		t.Errorf("WEIR_CHECKPOINTS: %v, %v", files, err)
	}
}

func TestCheckpointIsJSON(t *testing.T) {
	c := weir.Checkpoint{Name: "x", Status: weir.StatusSkipped, Progress: 1, Data: json.RawMessage(`{"a":1}`), Saved: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)}
	if got, want := mustJSON(t, c), `{"name":"x","status":"SKIPPED","progress":1,"data":{"a":1},"saved":"2026-11-20T10:00:00Z"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
