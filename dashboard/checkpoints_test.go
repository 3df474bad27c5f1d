package dashboard_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
)

const asJSON = "application/json"

// program serves the page of a logger that keeps checkpoints in a folder of its own.
func program(t *testing.T) (*weir.Logger, string) {
	t.Helper()
	log := weir.New("train", weir.WithSink(quiet{}), weir.WithErrorOutput(&output{}), weir.WithCheckpointDir(t.TempDir()))
	s := httptest.NewServer(dashboard.Handler(log))
	t.Cleanup(s.Close)
	t.Cleanup(func() { log.Close() }) // first: it ends the streams
	return log, s.URL
}

func decode[T any](t *testing.T, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return v
}

// A13.
func TestCheckpointRoutes(t *testing.T) {
	log, base := program(t)
	list := base + "/api/v1/checkpoints"
	resp, body := fetch(t, "GET", list, "")
	if resp.StatusCode != http.StatusOK || body != `{"checkpoints":[],"total":0,"overall":0,"complete":true}`+"\n" {
		t.Errorf("empty: %d %s", resp.StatusCode, body)
	}
	resp, body = fetch(t, "PUT", list+"/epoch-3", `{"status":"IN_PROGRESS","progress":25,"note":"n","data":{"step":9007199254740993}}`, "Content-Type", asJSON)
	saved := decode[dashboard.Checkpoint](t, body)
	if resp.StatusCode != http.StatusOK || saved.Name != "epoch-3" || saved.Progress != 25 || string(saved.Data) != `{"step":9007199254740993}` || saved.Logger != "train" || saved.Saved == "" {
		t.Errorf("put: %d %s", resp.StatusCode, body)
	}
	if c := log.Load("epoch-3"); c == nil || c.Note != "n" || c.Status != weir.StatusInProgress {
		t.Errorf("the program sees %+v", c)
	}
	if err := log.Save(t.Context(), weir.Checkpoint{Name: "other"}); err != nil {
		t.Fatal(err)
	}
	resp, body = fetch(t, "GET", list, "")
	all := decode[dashboard.CheckpointList](t, body)
	if resp.StatusCode != http.StatusOK || len(all.Checkpoints) != 2 || all.Checkpoints[0].Name != "other" || all.Checkpoints[1].Data != nil ||
		all.Checkpoints[1].DataBytes != 25 || all.Overall != 62.5 || !all.Complete {
		t.Errorf("list: %s", body)
	}
	if _, body = fetch(t, "GET", list+"/epoch-3", ""); decode[dashboard.Checkpoint](t, body).DataBytes != 25 {
		t.Errorf("get: %s", body)
	}
	resp, body = fetch(t, "DELETE", list+"/epoch-3", "")
	if resp.StatusCode != http.StatusNoContent || body != "" || log.Load("epoch-3") != nil {
		t.Errorf("delete: %d %q", resp.StatusCode, body)
	}
	_, body = fetch(t, "GET", base+"/api/v1/stats", "")
	if got := decode[dashboard.Stats](t, body).Capabilities; !strings.Contains(strings.Join(got, " "), "checkpoints levels") {
		t.Errorf("capabilities: %v", got)
	}
}

// Any name has an address; those that no path can hold stand in the query.
func TestCheckpointRoutesOfOddNames(t *testing.T) {
	log, base := program(t)
	for _, name := range []string{"a/b", "../../etc/passwd", "a b?c#d%2e", "日本", "..", ".", "name=x&y"} {
		address := base + "/api/v1/checkpoints/" + url.PathEscape(name)
		if name == "." || name == ".." {
			address = base + "/api/v1/checkpoints?name=" + url.QueryEscape(name)
		}
		resp, body := fetch(t, "PUT", address, `{}`, "Content-Type", asJSON)
		if resp.StatusCode != http.StatusOK || log.Load(name) == nil {
			t.Errorf("put %q: %d %s", name, resp.StatusCode, body)
		}
		if _, body := fetch(t, "GET", address, ""); decode[dashboard.Checkpoint](t, body).Name != name {
			t.Errorf("get %q: %s", name, body)
		}
		if resp, _ := fetch(t, "DELETE", address, ""); resp.StatusCode != http.StatusNoContent || len(log.Checkpoints()) > 0 {
			t.Errorf("delete %q: %d", name, resp.StatusCode)
		}
	}
}

func TestCheckpointRoutesRefuse(t *testing.T) {
	log, base := program(t)
	for _, c := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
		code                     string
	}{
		{"nothing there", "GET", "/x", "", nil, 404, "not_found"},
		{"nothing to delete", "DELETE", "/x", "", nil, 404, "not_found"},
		{"no name", "DELETE", "", "", nil, 400, "bad_request"},
		{"no name to save", "PUT", "", "{}", []string{"Content-Type", asJSON}, 400, "bad_request"},
		{"a form of a web page", "PUT", "/x", "{}", []string{"Content-Type", "text/plain"}, 400, "bad_request"},
		{"no type", "PUT", "/x", "{}", nil, 400, "bad_request"},
		{"compressed", "PUT", "/x", "{}", []string{"Content-Type", asJSON, "Content-Encoding", "gzip"}, 400, "bad_encoding"},
		{"not JSON", "PUT", "/x", "{", []string{"Content-Type", asJSON}, 400, "bad_json"},
		{"a wrong type", "PUT", "/x", `{"progress":"1"}`, []string{"Content-Type", asJSON}, 400, "bad_json"},
		{"a wrong status", "PUT", "/x", `{"status":"OK"}`, []string{"Content-Type", asJSON}, 400, "bad_request"},
		{"too much progress", "PUT", "/x", `{"progress":101}`, []string{"Content-Type", asJSON}, 400, "bad_request"},
		{"too large", "PUT", "/x", `{"data":"` + strings.Repeat("x", weir.MaxCheckpointData+1<<20) + `"}`, []string{"Content-Type", asJSON}, 413, "too_large"},
		{"a foreign page", "DELETE", "/x", "", []string{"Origin", "https://evil.example"}, 403, "bad_origin"},
		{"a foreign name", "PUT", "/x", "{}", []string{"Content-Type", asJSON, "Host", "evil.example"}, 403, "bad_host"},
		{"another method", "POST", "/x", "{}", nil, 405, "bad_method"},
	} {
		resp, body := fetch(t, c.method, base+"/api/v1/checkpoints"+c.path, c.body, c.headers...)
		if resp.StatusCode != c.status || errorCode(t, body) != c.code {
			t.Errorf("%s: %d %s", c.name, resp.StatusCode, body)
		}
	}
	if len(log.Checkpoints()) > 0 {
		t.Error("something was saved")
	}
}

// many is a backend with more checkpoints than a list has, or none at all.
type many struct {
	n   int
	err error
}

func (m many) List(context.Context) ([]weir.Checkpoint, error) {
	list := make([]weir.Checkpoint, m.n)
	for i := range list {
		list[i] = weir.Checkpoint{Name: "x", Status: weir.StatusDone, Progress: 100}
	}
	return list, m.err
}

func (m many) Load(context.Context, string) (weir.Checkpoint, error) { return weir.Checkpoint{}, m.err }
func (m many) Save(context.Context, weir.Checkpoint) error           { return m.err }
func (m many) Delete(context.Context, string) error                  { return m.err }

func TestCheckpointRoutesOfABackend(t *testing.T) {
	s := serve(t, newMemory(10, 0), dashboard.Options{Checkpoints: many{n: 1500}})
	_, body := fetch(t, "GET", s.URL+"/api/v1/checkpoints", "")
	list := decode[dashboard.CheckpointList](t, body)
	if len(list.Checkpoints) != 1000 || list.Total != 1500 || list.Complete || list.Reason != "limit" || int(list.Overall+0.5) != 100 {
		t.Errorf("%d of %d, %v, %q, %v", len(list.Checkpoints), list.Total, list.Complete, list.Reason, list.Overall)
	}
	broken := serve(t, newMemory(10, 0), dashboard.Options{Checkpoints: many{err: errors.New("the disk is gone")}})
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		resp, body := fetch(t, method, broken.URL+"/api/v1/checkpoints/x", "{}", "Content-Type", asJSON)
		if resp.StatusCode != http.StatusServiceUnavailable || errorCode(t, body) != "unavailable" || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", method, resp.StatusCode, body)
		}
	}
	none := serve(t, newMemory(10, 0), dashboard.Options{})
	if resp, _ := fetch(t, "GET", none.URL+"/api/v1/checkpoints", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("without a backend: %d", resp.StatusCode)
	}
	_, body = fetch(t, "GET", none.URL+"/api/v1/stats", "")
	if got := decode[dashboard.Stats](t, body).Capabilities; strings.Contains(strings.Join(got, " "), "checkpoints") {
		t.Errorf("capabilities: %v", got)
	}
}
