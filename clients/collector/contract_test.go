package collector

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirlog/weir/clients/weirserver"
)

// TestContract: what else the log-collector's server answers.
func TestContract(t *testing.T) {
	s := weirserver.Start(t)
	var logs []string
	for i := range 12 {
		for range i + 1 {
			logs = append(logs, fmt.Sprintf(`{"level":"INFO","message":"m","service":"s%02d"}`, i))
		}
	}
	logs = append(logs, `{"level":"ERROR","message":"now","service":"s11"}`, `{"level":"ERROR","message":"old","service":"s11","created_at":1000000000}`,
		`{"level":"FATAL","message":"now","service":"s11"}`, `{"level":"ERROR","message":"deleted","service":"gone","deleted":true}`)
	if status, _, body := post(t, s, "/logs", `{"logs":[`+strings.Join(logs, ",")+`]}`); status != 200 || body != `{"status":"ok","count":82}` {
		t.Fatalf("%d %s", status, body)
	}
	get := func(method, path string) (int, http.Header, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return do(t, r)
	}
	for path, want := range map[string]string{
		"/": `{"status":"ok","service":"log-server"}`,
		"/stats": `{"total_logs":81,"level_distribution":[{"level":"INFO","count":78},{"level":"ERROR","count":2},{"level":"FATAL","count":1}],` +
			`"service_distribution":[{"service":"s11","count":15},{"service":"s10","count":11},{"service":"s09","count":10},{"service":"s08","count":9},{"service":"s07","count":8},` +
			`{"service":"s06","count":7},{"service":"s05","count":6},{"service":"s04","count":5},{"service":"s03","count":4},{"service":"s02","count":3}],"recent_errors_1h":1}`,
		"/services": `{"services":[{"name":"s11","log_count":15},{"name":"s10","log_count":11},{"name":"s09","log_count":10},{"name":"s08","log_count":9},{"name":"s07","log_count":8},` +
			`{"name":"s06","log_count":7},{"name":"s05","log_count":6},{"name":"s04","log_count":5},{"name":"s03","log_count":4},{"name":"s02","log_count":3},{"name":"s01","log_count":2},{"name":"s00","log_count":1}]}`,
	} {
		status, head, body := get(http.MethodGet, path)
		if status != 200 || strings.TrimSpace(body) != want || !strings.HasPrefix(head.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d %s %s, want %s", path, status, head.Get("Content-Type"), body, want)
		}
	}
	for _, path := range []string{"/stats", "/services"} {
		if status, head, body := get(http.MethodDelete, path); status != 405 || head.Get("Allow") == "" {
			t.Errorf("DELETE %s: %d %v %s", path, status, head, body)
		}
	}
	if status, head, body := get(http.MethodGet, "/logs"); status != 405 || head.Get("Allow") != "POST" || body != `{"detail":"Method Not Allowed"}` {
		t.Errorf("GET /logs: %d %v %s", status, head, body)
	}
	if status, head, _ := post(t, s, "/logs/?a=b", `{"logs":[]}`); status != 307 || head.Get("Location") != "/logs?a=b" {
		t.Errorf("/logs/: %d %v", status, head)
	}
}

// TestRefusals are those that the clients print.
func TestRefusals(t *testing.T) {
	s := weirserver.Start(t, "--max-rate", "10", "--max-body", "10000", "--max-decoded", "20000")
	for body, want := range map[string]string{
		`{"logs":[`:                 "Invalid JSON: ",
		`{"x":1}`:                   "Missing 'logs' field",
		`{"logs":{}}`:               "'logs' must be an array",
		strings.Repeat("x", 10_001): "Body too large: ",
	} {
		status, _, text := post(t, s, "/logs", body)
		if status != 400 && status != 413 || !strings.HasPrefix(text, `{"detail":"`+want) {
			t.Errorf("%.20q: %d %s", body, status, text)
		}
	}
	if status, _, text := post(t, s, "/logs", `{"logs":[`+strings.Repeat("{},", 30)+`{}]}`); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	status, head, text := post(t, s, "/logs", `{"logs":[{}]}`)
	if status != 429 || head.Get("Retry-After") == "" || !strings.Contains(text, "--max-rate") {
		t.Errorf("%d %v %s", status, head, text)
	}
	troubles := map[string]uint64{}
	for _, source := range s.Sources("collector") {
		for _, n := range source.Troubles {
			troubles[n.What] += n.Count
		}
	}
	if troubles["rate"] != 1 || troubles["too_large"] != 1 || troubles["bad_body"] != 3 {
		t.Errorf("%v", troubles)
	}
}
