package elastic

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// version is the Elasticsearch whose API this is. Clients of versions 7, 8 and 9 send
// to it; a Beat that is newer says so in its log, and goes on.
const version = "8.19.0"

// clusterName is also the name of the only node.
const clusterName = "weir"

// uid is where clients want the id of a cluster or a license.
const uid = "77656972-6c6f-4677-8972-000000000001"

type object = map[string]any

// handshake answers what clients ask or set up before they send documents. What they
// look up is not there, so they set it up; what they set up is acknowledged, and not
// kept.
func (h *Handler) handshake(w http.ResponseWriter, r *http.Request, at target) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	first := ""
	if len(at.path) > 0 {
		first = at.path[0]
	}
	switch {
	case r.Method == http.MethodDelete && first != "":
		notThere(w, r, at) // so there is nothing to delete
	case !reads && (first == "" || isSearch(at.path)):
		notSearched(w, r)
	case !reads:
		acknowledge(w, r, at)
	case first == "":
		reply(w, r, http.StatusOK, info())
	case first == "_license":
		reply(w, r, http.StatusOK, object{"license": license()})
	case first == "_xpack":
		reply(w, r, http.StatusOK, xpack())
	case first == "_cluster":
		h.health(w, r)
	case first == "_nodes":
		reply(w, r, http.StatusOK, nodes(r))
	case first == "_cat":
		cat(w, r, at.path)
	case isSearch(at.path):
		notSearched(w, r)
	default:
		notThere(w, r, at)
	}
}

func info() object {
	return object{
		"name": clusterName, "cluster_name": clusterName, "cluster_uuid": uid,
		"version": object{
			"number": version, "build_flavor": "default", "build_type": "docker", "build_hash": "0000000", "build_snapshot": false,
			"build_date": "2025-07-23T00:00:00.000000000Z", "lucene_version": "9.12.2",
			"minimum_wire_compatibility_version": "7.17.0", "minimum_index_compatibility_version": "7.0.0",
		},
		"tagline": "You Know, for Search",
	}
}

func license() object {
	return object{
		"status": "active", "uid": uid, "type": "basic", "mode": "basic", "issue_date": "2025-01-01T00:00:00.000Z", "issue_date_in_millis": 1735689600000,
		"max_nodes": 1000, "issued_to": clusterName, "issuer": clusterName, "start_date_in_millis": -1,
	}
}

func xpack() object {
	off := object{"available": false, "enabled": false}
	return object{
		"build":   object{"hash": "0000000", "date": "2025-07-23T00:00:00.000Z"},
		"license": license(),
		"features": object{
			"ilm": object{"available": true, "enabled": true}, "data_streams": object{"available": true, "enabled": true},
			"security": off, "monitoring": off, "ml": off, "watcher": off,
		},
		"tagline": "You know, for X",
	}
}

// health is what Vector asks before it starts, and again after a failure.
func (h *Handler) health(w http.ResponseWriter, r *http.Request) {
	if err := h.ready(); err != nil {
		w.Header().Set("Retry-After", "2")
		problem{http.StatusServiceUnavailable, "unavailable_shards_exception", err.Error()}.write(w, r)
		return
	}
	reply(w, r, http.StatusOK, object{
		"cluster_name": clusterName, "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1,
		"active_primary_shards": 1, "active_shards": 1, "relocating_shards": 0, "initializing_shards": 0, "unassigned_shards": 0,
		"delayed_unassigned_shards": 0, "number_of_pending_tasks": 0, "number_of_in_flight_fetch": 0,
		"task_max_waiting_in_queue_millis": 0, "active_shards_percent_as_number": 100.0,
	})
}

// nodes is what clients ask that look for more servers: the only one is where the
// client asked.
func nodes(r *http.Request) object {
	return object{
		"_nodes": object{"total": 1, "successful": 1, "failed": 0}, "cluster_name": clusterName,
		"nodes": object{clusterName: object{
			"name": clusterName, "transport_address": r.Host, "host": r.Host, "ip": r.Host, "version": version,
			"build_flavor": "default", "build_hash": "0000000", "roles": []string{"data", "ingest", "master"},
			"http": object{"bound_address": []string{r.Host}, "publish_address": r.Host},
		}},
	}
}

// cat answers for people, and for rsyslog, which looks whether the server is up.
func cat(w http.ResponseWriter, r *http.Request, path []string) {
	health := len(path) > 1 && path[1] == "health"
	if r.URL.Query().Get("format") == "json" {
		list := []object{}
		if health {
			list = append(list, object{"cluster": clusterName, "status": "green", "node.total": "1", "node.data": "1"})
		}
		reply(w, r, http.StatusOK, list)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if health {
		_, _ = io.WriteString(w, "0 00:00:00 "+clusterName+" green 1 1 1 1 0 0 0 0 - 100.0%\n")
	}
}

// acknowledge answers who sets something up.
func acknowledge(w http.ResponseWriter, r *http.Request, at target) {
	discard(r)
	if len(at.path) == 1 && at.index != "" {
		reply(w, r, http.StatusOK, object{"acknowledged": true, "shards_acknowledged": true, "index": at.index})
		return
	}
	reply(w, r, http.StatusOK, object{"acknowledged": true})
}

// notThere answers who looks for a template, a policy, a pipeline, a stream or an index.
// A list of them is empty.
func notThere(w http.ResponseWriter, r *http.Request, at target) {
	if len(at.path) == 1 && at.index == "" && r.Method != http.MethodDelete {
		switch at.path[0] {
		case "_index_template", "_component_template":
			reply(w, r, http.StatusOK, object{strings.TrimPrefix(at.path[0], "_") + "s": []any{}})
		case "_data_stream":
			reply(w, r, http.StatusOK, object{"data_streams": []any{}})
		default:
			reply(w, r, http.StatusOK, object{})
		}
		return
	}
	kind := "resource_not_found_exception"
	if at.index != "" {
		kind = "index_not_found_exception"
	}
	problem{http.StatusNotFound, kind, fmt.Sprintf("no such thing here: %s; weir keeps documents only", strings.Join(at.path, "/"))}.write(w, r)
}

// isSearch tells requests that ask for documents, or change them.
func isSearch(path []string) bool {
	if len(path) == 0 {
		return false
	}
	switch path[len(path)-1] {
	case "_search", "_msearch", "_count", "_mget", "_sql", "_query", "_eql", "_esql", "_delete_by_query", "_update_by_query", "_reindex":
		return true
	}
	return len(path) > 1 && (path[1] == "_update" || path[1] == "_source")
}

func notSearched(w http.ResponseWriter, r *http.Request) {
	problem{
		http.StatusBadRequest, "illegal_argument_exception",
		fmt.Sprintf("%s %s is not supported: weir takes documents with _bulk, _doc and _create, and is searched with GET /api/v1/records", r.Method, r.URL.Path),
	}.write(w, r)
}
