package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/weirlog/weir"
)

// Checkpoints is what the routes of checkpoints are backed by. It is used
// concurrently. An error that is weir.ErrNoCheckpoint is answered with 404, a
// *weir.Error of weir.CategoryValidation with 400, any other with 503.
type Checkpoints interface {
	// List returns all, the one saved last first.
	List(ctx context.Context) ([]weir.Checkpoint, error)
	Load(ctx context.Context, name string) (weir.Checkpoint, error)
	Save(ctx context.Context, c weir.Checkpoint) error
	Delete(ctx context.Context, name string) error
}

const (
	// maxListedCheckpoints are more than a page can show; a job that makes more of
	// them wants to be asked by name.
	maxListedCheckpoints = 1000
	// maxCheckpointBody leaves room for the note, with each byte escaped.
	maxCheckpointBody = weir.MaxCheckpointData + 6*weir.MaxCheckpointNote + 64<<10
)

// loggerCheckpoints are the checkpoints of a program.
type loggerCheckpoints struct{ log *weir.Logger }

var _ Checkpoints = loggerCheckpoints{}

// List implements Checkpoints.
func (c loggerCheckpoints) List(context.Context) ([]weir.Checkpoint, error) {
	return c.log.Checkpoints(), nil
}

// Load implements Checkpoints.
func (c loggerCheckpoints) Load(_ context.Context, name string) (weir.Checkpoint, error) {
	found := c.log.Load(name)
	if found == nil {
		return weir.Checkpoint{}, weir.ErrNoCheckpoint
	}
	return *found, nil
}

// Save implements Checkpoints.
func (c loggerCheckpoints) Save(ctx context.Context, state weir.Checkpoint) error {
	return c.log.Save(ctx, state)
}

// Delete implements Checkpoints.
func (c loggerCheckpoints) Delete(_ context.Context, name string) error {
	return c.log.DeleteCheckpoint(name)
}

// routeCheckpoints adds the routes when there is something behind them.
func (d *Dashboard) routeCheckpoints() {
	if d.opts.Checkpoints == nil {
		return
	}
	d.opts.ExtraCapabilities = append(d.opts.ExtraCapabilities[:len(d.opts.ExtraCapabilities):len(d.opts.ExtraCapabilities)], "checkpoints")
	one := methods{http.MethodGet: d.checkpoint, http.MethodPut: d.saveCheckpoint, http.MethodDelete: d.deleteCheckpoint}
	d.route("/api/v1/checkpoints/{name}", one)
	// No path can hold the names "." and "..": any name may stand in the query.
	d.route("/api/v1/checkpoints", methods{
		http.MethodGet: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("name") {
				d.checkpoint(w, r)
				return
			}
			d.checkpointList(w, r)
		},
		http.MethodPut:    d.saveCheckpoint,
		http.MethodDelete: d.deleteCheckpoint,
	})
}

func checkpointName(r *http.Request) string {
	if name := r.PathValue("name"); name != "" {
		return name
	}
	return r.URL.Query().Get("name")
}

// checkpointList answers GET /api/v1/checkpoints.
func (d *Dashboard) checkpointList(w http.ResponseWriter, r *http.Request) {
	all, err := d.opts.Checkpoints.List(r.Context())
	if err != nil {
		writeError(w, describeCheckpoint(err))
		return
	}
	list := CheckpointList{Checkpoints: []Checkpoint{}, Total: len(all), Complete: len(all) <= maxListedCheckpoints}
	if !list.Complete {
		list.Reason = "limit"
	}
	for i := range all {
		list.Overall += all[i].Progress / float64(len(all))
		if i < maxListedCheckpoints {
			c := wireCheckpoint(&all[i])
			c.Data = nil
			list.Checkpoints = append(list.Checkpoints, c)
		}
	}
	d.sendJSON(w, list)
}

// checkpoint answers GET /api/v1/checkpoints/{name}.
func (d *Dashboard) checkpoint(w http.ResponseWriter, r *http.Request) {
	c, err := d.opts.Checkpoints.Load(r.Context(), checkpointName(r))
	if err != nil {
		writeError(w, describeCheckpoint(err))
		return
	}
	d.sendJSON(w, wireCheckpoint(&c))
}

// saveCheckpoint answers PUT /api/v1/checkpoints/{name}.
func (d *Dashboard) saveCheckpoint(w http.ResponseWriter, r *http.Request) {
	var asked CheckpointRequest
	if problem := readJSON(w, r, maxCheckpointBody, &asked); problem != nil {
		writeError(w, *problem)
		return
	}
	c := weir.Checkpoint{Name: checkpointName(r), Status: weir.CheckpointStatus(asked.Status), Note: asked.Note, Progress: asked.Progress}
	if len(asked.Data) > 0 && string(asked.Data) != "null" {
		c.Data = asked.Data
	}
	if err := d.opts.Checkpoints.Save(r.Context(), c); err != nil {
		writeError(w, describeCheckpoint(err))
		return
	}
	saved, err := d.opts.Checkpoints.Load(r.Context(), c.Name)
	if err != nil {
		writeError(w, describeCheckpoint(err))
		return
	}
	d.sendJSON(w, wireCheckpoint(&saved))
}

// deleteCheckpoint answers DELETE /api/v1/checkpoints/{name}.
func (d *Dashboard) deleteCheckpoint(w http.ResponseWriter, r *http.Request) {
	if err := d.opts.Checkpoints.Delete(r.Context(), checkpointName(r)); err != nil {
		writeError(w, describeCheckpoint(err))
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
}

func wireCheckpoint(c *weir.Checkpoint) Checkpoint {
	out := Checkpoint{
		Name: c.Name, Status: string(c.Status), Note: c.Note, Progress: c.Progress,
		Saved: formatTime(c.Saved), Logger: c.Logger, SourceID: c.SourceID,
	}
	if data, ok := c.Data.(json.RawMessage); ok {
		out.Data, out.DataBytes = data, len(data)
	}
	return out
}

func describeCheckpoint(err error) apiError {
	var known *weir.Error
	switch {
	case errors.Is(err, weir.ErrNoCheckpoint):
		return apiError{http.StatusNotFound, "not_found", "there is no checkpoint of this name", "GET api/v1/checkpoints lists them; of one that is damaged the log tells"}
	case errors.As(err, &known) && known.Category == weir.CategoryValidation:
		return *badRequest("bad_request", known.Error(), "status is DONE, IN_PROGRESS, FAILED or SKIPPED, progress a number from 0 to 100, data any JSON")
	}
	return apiError{http.StatusServiceUnavailable, "unavailable", err.Error(), "look at the disk and at who may write to the folder of checkpoints"}
}

// readJSON reads a request's body, which must say that it is JSON: a web page cannot
// send that across origins without asking first.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64, into any) *apiError {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return badRequest("bad_request", "the body is not declared as JSON", "send it with Content-Type: application/json")
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return badRequest("bad_encoding", "the body is compressed", "send it as it is")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &apiError{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("the body has more than %d bytes", limit), "keep large results in files of their own"}
	case err != nil:
		return badRequest("bad_request", "the body was not received: "+err.Error(), "")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return badRequest("bad_json", "the body cannot be read: "+err.Error(), "docs/wire.md shows its form")
	}
	return nil
}

// sendJSON answers with v, which always encodes, to a client that may be slow.
func (d *Dashboard) sendJSON(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	d.send(w, body)
}
