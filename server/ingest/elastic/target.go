package elastic

import (
	"net/http"
	"net/url"
	"strings"
)

// targetKind is what a path is for.
type targetKind uint8

const (
	targetOther targetKind = iota
	targetBulk
	targetDocument
)

// target is what a request's path names.
type target struct {
	kind  targetKind
	index string
	id    string
	path  []string // the segments, behind the prefix
}

// parseTarget reads a path.
func parseTarget(r *http.Request) target {
	t := target{path: segments(r)}
	n := len(t.path)
	if n == 0 {
		return t
	}
	if isIndex(t.path[0]) {
		t.index = t.path[0]
	}
	switch {
	case t.path[n-1] == "_bulk" && (n == 1 || n <= 3 && t.index != ""): // the third is a type, of versions before 7
		t.kind = targetBulk
	case t.index == "" || n == 1 || n > 3:
	case t.path[1] == "_doc", t.path[1] == "_create", isIndex(t.path[1]):
		t.kind = targetDocument
		if n == 3 {
			t.id = t.path[2]
		}
	}
	return t
}

// segments are the parts of the path behind the prefix.
func segments(r *http.Request) []string {
	path := r.URL.EscapedPath()
	if rest, ok := cutPrefix(path); ok {
		path = rest
	}
	var parts []string
	for part := range strings.SplitSeq(path, "/") {
		if part == "" {
			continue
		}
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		parts = append(parts, part)
	}
	return parts
}

func cutPrefix(path string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, Prefix)
	if !ok || rest != "" && rest[0] != '/' {
		return path, false
	}
	return rest, true
}

// isIndex tells names that an index or a type may have.
func isIndex(name string) bool {
	return name != "" && !strings.ContainsRune("_-+", rune(name[0]))
}

// Owns tells whether a request is one of Elasticsearch's. Requests below Prefix are,
// those for paths that only Elasticsearch has, and others (GET /, HEAD /{index}) when a
// client of Elasticsearch makes them.
func (h *Handler) Owns(r *http.Request) bool {
	if _, ok := cutPrefix(r.URL.Path); ok {
		return true
	}
	path := segments(r)
	switch {
	case len(path) == 0:
		return h.Root(r)
	case isAPI(path[0]):
		return true
	case !isIndex(path[0]):
		return false
	case len(path) == 1: // POST belongs to the other doors
		return (r.Method == http.MethodHead || r.Method == http.MethodPut) && isClient(r)
	case len(path) == 3 && path[2] == "_bulk" && isIndex(path[1]):
		return true
	case path[1] == "_bulk":
		return len(path) == 2
	case path[1] == "_doc", path[1] == "_create":
		return len(path) <= 3
	}
	return strings.HasPrefix(path[1], "_") && isClient(r)
}

// Root tells whether a request for / is one of a client of Elasticsearch, which asks
// there for the version; others get what is at / for them.
func (h *Handler) Root(r *http.Request) bool {
	return r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) && isClient(r)
}

// isAPI tells the names at the root that clients which send documents ask for.
func isAPI(name string) bool {
	switch name {
	case "_bulk", "_license", "_xpack", "_cluster", "_nodes", "_cat", "_ilm", "_index_template", "_template",
		"_component_template", "_ingest", "_data_stream", "_alias", "_aliases", "_security":
		return true
	}
	return false
}

// isClient knows a client of Elasticsearch by what it says about itself. Beats before
// 7.15 say nothing, and are given the prefix.
func isClient(r *http.Request) bool {
	if r.Header.Get("X-Elastic-Client-Meta") != "" || r.Header.Get("X-Elastic-Product-Origin") != "" ||
		strings.Contains(r.Header.Get("Accept"), mediaType) {
		return true
	}
	agent := strings.ToLower(r.UserAgent())
	for _, name := range [...]string{
		"elastic",   // the official clients, newer Beats, Logstash 8.8 and later, olivere/elastic, serilog
		"beat/",     // Filebeat/8.1.0 and its like
		"manticore", // Logstash before
		"logstash",
		"vector/",
		"fluent", // Fluent Bit, Fluentd
		"opensearch",
		"telegraf",
	} {
		if strings.Contains(agent, name) {
			return true
		}
	}
	return false
}
