package elastic

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/ingest/gate"
)

func TestHandshake(t *testing.T) {
	d := open(t, 0, gate.Options{})
	for _, c := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/", 200, `"tagline":"You Know, for Search"`},
		{"GET", "/", 200, `"number":"8.`},
		{"GET", Prefix, 200, `"build_flavor":"default"`},
		{"HEAD", Prefix + "/", 200, ``},
		{"GET", "/_license?human=false", 200, `"status":"active"`},
		{"GET", "/_xpack", 200, `"type":"basic"`},
		{"GET", "/_cluster/health", 200, `"status":"green"`},
		{"GET", "/_nodes/http", 200, `"publish_address":"example.com"`},
		{"GET", "/_cat/health", 200, `weir green`},
		{"GET", "/_cat/health?format=json", 200, `"status":"green"`},
		{"GET", "/_cat/indices", 200, ``},
		{"GET", "/_ilm/policy/filebeat", 404, `resource_not_found_exception`},
		{"PUT", "/_ilm/policy/filebeat", 200, `{"acknowledged":true}`},
		{"GET", "/_index_template", 200, `{"index_templates":[]}`},
		{"HEAD", "/_index_template/filebeat-8.19.0", 404, ``},
		{"PUT", "/_index_template/filebeat-8.19.0", 200, `{"acknowledged":true}`},
		{"GET", "/_template/logstash", 404, `"status":404`},
		{"PUT", "/_template/logstash", 200, `{"acknowledged":true}`},
		{"PUT", "/_component_template/x", 200, `{"acknowledged":true}`},
		{"GET", "/_ingest/pipeline/x", 404, `"status":404`},
		{"PUT", "/_ingest/pipeline/x", 200, `{"acknowledged":true}`},
		{"GET", "/_data_stream/filebeat-8.19.0", 404, `"status":404`},
		{"GET", "/_data_stream", 200, `{"data_streams":[]}`},
		{"PUT", "/_data_stream/filebeat-8.19.0", 200, `{"acknowledged":true}`},
		{"HEAD", "/logstash-2024/_alias/x", 404, ``},
		{"PUT", "/logs-1", 200, `{"acknowledged":true,"index":"logs-1","shards_acknowledged":true}`},
		{"PUT", "/logs-1/_mapping", 200, `{"acknowledged":true}`},
		{"DELETE", "/_template/x", 404, `"status":404`},
		{"POST", Prefix + "/", 400, `not supported`},
		{"GET", Prefix + "/_search", 400, `not supported`},
		{"POST", Prefix + "/logs/_update/1", 400, `not supported`},
	} {
		w := d.do(c.method, c.path, []byte(`{"settings":{}}`))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) || w.Header().Get("X-Elastic-Product") != "Elasticsearch" {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
		if kind := w.Header().Get("Content-Type"); kind == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s: %s", c.method, c.path, w.Body)
		}
	}
	d.ready = func() error { return errors.New("the disk is full") }
	if w := d.do("GET", "/_cluster/health", nil); w.Code != 503 || !strings.Contains(w.Body.String(), "disk is full") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	const accept = "application/vnd.elasticsearch+json;compatible-with=8"
	if w := d.do("GET", "/", nil, "Accept", accept); w.Header().Get("Content-Type") != accept {
		t.Errorf("%v", w.Header())
	}
}

func TestOwns(t *testing.T) {
	h := open(t, 0, gate.Options{})
	const browser = "Mozilla/5.0 (X11; Linux x86_64)"
	clients := []string{
		"Elastic-filebeat/8.19.0 (linux; amd64; abc; 2025-07-23 00:00:00 +0000 UTC)", "Filebeat/7.17.0 (linux; amd64)", "Vector/0.46.0 (x86_64-unknown-linux-gnu)",
		"Manticore 0.9.1", "logstash/8.19.0 (OS=Linux)", "Fluent-Bit", "elasticsearch-py/8.14.0 (Python/3.12)", "elastic-transport-js/8.9.0", "go-elasticsearch/8.19.0 (linux amd64)",
		"elastic/7.0.32 (linux-amd64)", "elastic-transport-ruby/8.3.0", "elasticsearch-net/7.17.5",
	}
	for _, agent := range clients {
		for _, method := range []string{"GET", "HEAD"} {
			if r := ask(method, "/", agent); !h.Root(r) || !h.Owns(r) {
				t.Errorf("%s / of %s", method, agent)
			}
		}
		for _, path := range []string{"/logs-1", "/logs-1/_alias/x", "/logs-1/_mapping"} {
			if !h.Owns(ask("HEAD", path, agent)) {
				t.Errorf("HEAD %s of %s", path, agent)
			}
		}
		if h.Owns(ask("POST", "/logs", agent)) || h.Owns(ask("GET", "/api/v1/records", agent)) {
			t.Errorf("too much is taken of %s", agent)
		}
	}
	for _, agent := range []string{browser, "curl/8.0", "Go-http-client/1.1", ""} {
		for path, want := range map[string]bool{
			"/": false, "/logs": false, "/logs/": false, "/api/v1/records": false, "/_app/immutable/x.js": false, "/stats": false, "/v1/logs": false,
			"/loki/api/v1/push": false, "/api/v1/checkpoints/_bulk/x": false, "/elasticsearchx": false, "/assets/_x": false,
			"/_bulk": true, "/logs/_bulk": true, "/logs/_doc": true, "/logs/_doc/1": true, "/logs/_create/1": true, "/logs/doc/_bulk": true,
			"/_license": true, "/_ilm/policy/x": true, "/_cat/health": true, Prefix: true, Prefix + "/": true, Prefix + "/any/thing": true,
		} {
			if got := h.Owns(ask("POST", path, agent)); got != want {
				t.Errorf("POST %s of %q: %t", path, agent, got)
			}
		}
		if h.Root(ask("GET", "/", agent)) {
			t.Errorf("/ of %q", agent)
		}
	}
	r := ask("GET", "/", "x")
	r.Header.Set("X-Elastic-Client-Meta", "es=8.19.0,go=1.26,t=8.9.0,hc=1.26")
	if !h.Root(r) {
		t.Error("client meta")
	}
}

func ask(method, path, agent string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("User-Agent", agent)
	return r
}
