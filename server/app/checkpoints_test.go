package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/duckdb"
)

// TestCheckpointsOfJobs: the server lists what jobs have shipped, the newest state of
// each; what is saved or deleted here is a record more.
func TestCheckpointsOfJobs(t *testing.T) {
	ctx := context.Background()
	store, err := duckdb.Open(ctx, duckdb.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	in, err := intake.New(store, hub.New(hub.Options{}, 0), intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := in.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	at := time.Now()
	state := func(service, name, status string, progress any, more ...slog.Attr) record.Record {
		at = at.Add(time.Second)
		return record.Record{
			Time: at, Severity: record.SeverityInfo, Kind: record.KindCheckpoint, Message: name, Resource: &record.Resource{Service: service},
			Attrs: append([]slog.Attr{slog.String("checkpoint", name), slog.String("status", status), slog.Any("progress", progress)}, more...),
		}
	}
	quoted := `say "hi" \o/`
	_, err = in.Accept(ctx, intake.Source{Protocol: "test"}, []record.Record{
		state("train", "epoch-1", "IN_PROGRESS", int64(10)),
		state("train", "epoch-1", "DONE", 100.0, slog.Group("data", slog.Float64("loss", 0.5)), slog.String("note", "best")),
		state("train", "loop", "IN_PROGRESS", 5.0, slog.Int("done", 5)), // a progress, no checkpoint
		state("etl", quoted, "FAILED", 20.0),
		state("etl", "gone", "DONE", 100.0),
		state("etl", "gone", "DELETED", 0.0),
		{Time: at, Message: "no checkpoint"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &checkpoints{search: store, intake: in, timeout: time.Minute}
	list, err := c.List(ctx)
	if err != nil || len(list) != 2 || list[0].Name != quoted || list[1].Name != "epoch-1" {
		t.Fatalf("%+v, %v", list, err)
	}
	found, err := c.Load(ctx, "epoch-1")
	if err != nil || found.Status != weir.StatusDone || found.Progress != 100 || found.Note != "best" {
		t.Errorf("%+v, %v", found, err)
	}
	var data struct{ Loss float64 }
	if err := found.Decode(&data); err != nil || data.Loss != 0.5 {
		t.Errorf("%+v, %v", data, err)
	}
	if found, err := c.Load(ctx, quoted); err != nil || found.Status != weir.StatusFailed {
		t.Errorf("%+v, %v", found, err)
	}
	for _, name := range []string{"gone", "loop", "nobody"} {
		if _, err := c.Load(ctx, name); !errors.Is(err, weir.ErrNoCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.Save(ctx, weir.Checkpoint{Name: "by hand", Data: json.RawMessage(`{"n":[1,2]}`)}); err != nil {
		t.Fatal(err)
	}
	if found, err := c.Load(ctx, "by hand"); err != nil || found.Progress != 100 || string(found.Data.(json.RawMessage)) != `{"n":[1,2]}` {
		t.Errorf("%+v, %v", found, err)
	}
	var e *weir.Error
	if err := c.Save(ctx, weir.Checkpoint{Name: "x", Progress: 101}); !errors.As(err, &e) || e.Category != weir.CategoryValidation {
		t.Errorf("progress 101: %v", err)
	}
	if err := c.Delete(ctx, "epoch-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Load(ctx, "epoch-1"); !errors.Is(err, weir.ErrNoCheckpoint) {
		t.Errorf("a job's checkpoint is there after its delete: %v", err)
	}
	if err := c.Delete(ctx, "by hand"); err != nil {
		t.Fatal(err)
	}
	if err := c.Delete(ctx, "by hand"); !errors.Is(err, weir.ErrNoCheckpoint) {
		t.Errorf("deleted again: %v", err)
	}
}
