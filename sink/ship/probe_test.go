package ship

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func text(body string) reply {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func TestProbe(t *testing.T) {
	weir := text(`{"role":"server","records":1}`)
	for name, c := range map[string]struct {
		gets map[string]reply
		path string // of the post; empty: there is none
		says string
	}{
		"weir":          {map[string]reply{"/api/v1/stats": weir, "/": text(`{"status":"ok","service":"log-server"}`)}, weirPath, ""},
		"log-collector": {map[string]reply{"/": text(`{"status":"ok","service":"log-server"}`)}, collectorPath, ""},
		"a program":     {map[string]reply{"/api/v1/stats": text(`{"role":"program"}`)}, "", "weir serve"},
		"a web site":    {map[string]reply{"/": text(`<html>`), "/api/v1/stats": text(`<html>`)}, "", "neither a Weir nor a log-collector"},
		"nothing":       {nil, "", "is a path missing"},
		"not allowed":   {map[string]reply{"/api/v1/stats": status(401)}, "", "Options.Token"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer()
				srv.gets = c.gets
				sink := offline(t, srv, Options{})
				write(t, sink, 1, 5)
				time.Sleep(10 * time.Second)
				posts := srv.all()
				if c.path == "" {
					if st := sink.Stats(); len(posts) != 0 || st.Queued != 5 || !strings.Contains(st.LastError, c.says) {
						t.Errorf("%d posts, %+v", len(posts), st)
					}
					return
				}
				if len(posts) != 1 || posts[0].path != c.path {
					t.Fatalf("%+v", posts)
				}
				wantInOrder(t, srv, 1, 5)
			})
		})
	}
}

// TestProbeAgain: the server is asked as soon as it is there, and again when another
// one stands in its place.
func TestProbeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		weir := srv.gets["/api/v1/stats"]
		srv.gets = map[string]reply{"/api/v1/stats": status(503)}
		sink := offline(t, srv, Options{})
		write(t, sink, 1, 5)
		time.Sleep(time.Minute)
		srv.mu.Lock()
		srv.gets = map[string]reply{"/": text(`{"status":"ok","service":"log-server"}`)}
		srv.mu.Unlock()
		mustFlush2(t, sink)
		srv.mu.Lock()
		srv.gets = map[string]reply{"/api/v1/stats": weir}
		srv.rule = func(got seen) reply {
			if got.path == collectorPath {
				return status(404)
			}
			return nil
		}
		srv.mu.Unlock()
		write(t, sink, 6, 5)
		mustFlush2(t, sink)
		wantInOrder(t, srv, 1, 10)
		posts := srv.all()
		if len(posts) != 3 || posts[0].path != collectorPath || posts[2].path != weirPath {
			t.Errorf("%+v", posts)
		}
	})
}
