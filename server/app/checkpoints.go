package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/internal/checkpoint"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/view"
)

// deletedStatus is the status of the record that tells of a delete.
const deletedStatus = "DELETED"

// checkpoints are those that jobs have told the server of: for each job and name the
// newest record. Saving and deleting here adds a record; the job's own file stays as
// it is.
type checkpoints struct {
	search  view.Searcher
	intake  *intake.Intake
	timeout time.Duration // of a search
}

var _ dashboard.Checkpoints = (*checkpoints)(nil)

// List implements dashboard.Checkpoints. It looks at the newest view.MaxLimit records of
// checkpoints.
func (c *checkpoints) List(ctx context.Context) ([]weir.Checkpoint, error) {
	found, err := c.newest(ctx, "kind:checkpoint NOT has:done", view.MaxLimit)
	if err != nil {
		return nil, err
	}
	list := make([]weir.Checkpoint, len(found))
	for i := range found {
		list[i] = found[i].Checkpoint
	}
	return list, nil
}

// Load implements dashboard.Checkpoints: when several jobs use a name, the one that was
// saved last.
func (c *checkpoints) Load(ctx context.Context, name string) (weir.Checkpoint, error) {
	found, err := c.load(ctx, name)
	return found.Checkpoint, err
}

// load returns the checkpoint that a name stands for.
func (c *checkpoints) load(ctx context.Context, name string) (jobCheckpoint, error) {
	// The search language compares without regard to case, so a few more are asked for.
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	list, err := c.newest(ctx, "kind:checkpoint NOT has:done checkpoint:\""+quoted.Replace(name)+`"`, view.DefaultLimit)
	if err != nil {
		return jobCheckpoint{}, err
	}
	for _, found := range list {
		if found.Name == name {
			return found, nil
		}
	}
	return jobCheckpoint{}, weir.ErrNoCheckpoint
}

// jobCheckpoint is a checkpoint with the service of its job, nil when it has none.
type jobCheckpoint struct {
	weir.Checkpoint
	resource *record.Resource
}

// newest returns the newest state of each checkpoint that a search finds.
func (c *checkpoints) newest(ctx context.Context, q string, limit int) ([]jobCheckpoint, error) {
	filter, err := query.Parse(q, time.Now())
	if err != nil {
		panic("BUG: " + err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	page, err := c.search.Search(ctx, view.Query{Filter: filter, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("search checkpoints: %w", err)
	}
	type job struct{ service, logger, name string }
	seen := make(map[job]bool)
	list := []jobCheckpoint{}
	for i := range page.Records {
		r := &page.Records[i]
		found := checkpointOf(r)
		of := job{logger: r.Logger, name: found.Name}
		if r.Resource != nil {
			of.service = r.Resource.Service
		}
		if seen[of] {
			continue
		}
		seen[of] = true
		if found.Status != deletedStatus {
			list = append(list, jobCheckpoint{found, r.Resource})
		}
	}
	return list, nil
}

// checkpointOf reads a record of kind checkpoint.
func checkpointOf(r *record.Record) weir.Checkpoint {
	c := weir.Checkpoint{Name: r.Message, Saved: r.Time, Logger: r.Logger, SourceID: r.SourceID}
	for _, a := range r.Attrs {
		switch a.Key {
		case "checkpoint":
			c.Name = record.ValueText(a.Value)
		case "status":
			c.Status = weir.CheckpointStatus(record.ValueText(a.Value))
		case "note":
			c.Note = record.ValueText(a.Value)
		case "progress":
			switch a.Value.Kind() {
			case slog.KindFloat64:
				c.Progress = a.Value.Float64()
			case slog.KindInt64:
				c.Progress = float64(a.Value.Int64())
			}
		case "data":
			c.Data = json.RawMessage(record.AppendValue(nil, a.Value))
		}
	}
	return c
}

// Save implements dashboard.Checkpoints.
func (c *checkpoints) Save(ctx context.Context, state weir.Checkpoint) error {
	if state.Status == "" {
		state.Status = weir.StatusDone
	}
	if state.Status == weir.StatusDone && state.Progress == 0 {
		state.Progress = 100
	}
	attrs := []slog.Attr{
		slog.String("checkpoint", state.Name), slog.String("status", string(state.Status)), slog.Float64("progress", state.Progress),
	}
	if state.Note != "" {
		attrs = append(attrs, slog.String("note", state.Note))
	}
	data, _ := state.Data.(json.RawMessage)
	check := checkpoint.Checkpoint{Name: state.Name, Status: string(state.Status), Note: state.Note, Progress: state.Progress, Data: data}
	if err := check.Check(); err != nil {
		return &weir.Error{
			Layer: weir.LayerCheckpoint, Service: "Checkpoint", Category: weir.CategoryValidation, Severity: weir.SeverityError,
			Message: "save checkpoint", Err: err, Context: map[string]any{"checkpoint": state.Name},
		}
	}
	if len(data) > 0 {
		parsed, err := record.ParseAttrs([]byte(`{"data":` + string(data) + `}`))
		if err != nil {
			return fmt.Errorf("read the checkpoint's data: %w", err)
		}
		attrs = append(attrs, parsed...)
	}
	return c.add(ctx, jobCheckpoint{Checkpoint: state}, attrs)
}

// Delete implements dashboard.Checkpoints.
func (c *checkpoints) Delete(ctx context.Context, name string) error {
	found, err := c.load(ctx, name)
	if err != nil {
		return err
	}
	return c.add(ctx, found, []slog.Attr{slog.String("checkpoint", name), slog.String("status", deletedStatus)})
}

// add stores a record of kind checkpoint for the job of another.
func (c *checkpoints) add(ctx context.Context, of jobCheckpoint, attrs []slog.Attr) error {
	_, err := c.intake.Accept(ctx, intake.Source{Protocol: "page"}, []record.Record{{
		Time: time.Now(), Severity: record.SeverityInfo, Kind: record.KindCheckpoint, Message: of.Name, Logger: of.Logger, Resource: of.resource, Attrs: attrs,
	}})
	if err != nil {
		return fmt.Errorf("store the checkpoint: %w", err)
	}
	return nil
}
