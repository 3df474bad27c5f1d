package ship

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// probe asks the server what it is. A verdict that is not delivered says why that is
// not known.
func (s *Sink) probe() (Protocol, verdict) {
	var stats struct {
		Role string `json:"role"`
	}
	status, v := s.get("/api/v1/stats", &stats)
	switch {
	case v.outcome != delivered:
		return ProtocolAuto, v
	case status == http.StatusOK && stats.Role == "server":
		return ProtocolWeir, v
	case status == http.StatusOK && stats.Role == "program":
		return ProtocolAuto, verdict{outcome: later, why: fmt.Errorf("this address is a program's own page, which takes no records: give that of a server (weir serve)")}
	}
	var root struct {
		Status  string `json:"status"`
		Service string `json:"service"`
	}
	status, v = s.get("/", &root)
	if v.outcome != delivered {
		return ProtocolAuto, v
	}
	if status == http.StatusOK && root.Status == "ok" && root.Service == "log-server" {
		return ProtocolCollector, v
	}
	return ProtocolAuto, verdict{outcome: later, why: fmt.Errorf("there is neither a Weir nor a log-collector server at this address (GET / answered %d); is a path missing?", status)}
}

// get reads a JSON answer, if it is one, into the value. What may change by itself,
// or by a better token, is not an answer.
func (s *Sink) get(path string, into any) (int, verdict) {
	r, err := http.NewRequest(http.MethodGet, s.server.String()+path, nil)
	if err != nil {
		return 0, verdict{outcome: later, why: err}
	}
	r.Header.Set("Accept", "application/json")
	status, header, answer, _, err := s.exchange(r)
	if err != nil {
		return 0, verdict{outcome: later, why: err}
	}
	if status >= 500 || status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		return 0, verdict{outcome: later, status: status, after: retryAfter(header.Get("Retry-After"), time.Now()), why: explain(status, answer)}
	}
	_ = json.Unmarshal(answer, into) // another kind of server answers something else
	return status, verdict{status: status}
}
