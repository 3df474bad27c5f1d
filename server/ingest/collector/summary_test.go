package collector

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// counted is what a store has.
type counted struct {
	err   error
	since time.Time
}

func (c *counted) CountBy(_ context.Context, field string, limit int) ([]Count, uint64, error) {
	if field == "level" {
		return []Count{{"INFO", 8}, {"ERROR", 1}}, 9, c.err
	}
	return []Count{{"shop", 5}, {"pay", 4}}[:min(limit, 2)], 9, c.err
}

func (c *counted) CountErrors(_ context.Context, since time.Time) (uint64, error) {
	c.since = since
	return 1, c.err
}

func TestSummary(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c := &counted{}
	s := NewSummary(c, Options{Clock: func() time.Time { return now }})
	for _, tt := range []struct {
		method, path string
		err          error
		status       int
		want         string
	}{
		{"GET", "/stats", nil, 200, `{"total_logs":9,"level_distribution":[{"level":"INFO","count":8},{"level":"ERROR","count":1}],"service_distribution":[{"service":"shop","count":5},{"service":"pay","count":4}],"recent_errors_1h":1}`},
		{"GET", "/services", nil, 200, `{"services":[{"name":"shop","log_count":5},{"name":"pay","log_count":4}]}`},
		{"GET", "/other", nil, 404, `{"detail":"Not Found"}`},
		{"POST", "/stats", nil, 405, `{"detail":"Method Not Allowed"}`},
		{"GET", "/stats", errors.New("busy"), 503, `{"detail":"the records cannot be counted now: busy; try again in a few seconds"}`},
		{"GET", "/services", errors.New("busy"), 503, `{"detail":"the records cannot be counted now: busy; try again in a few seconds"}`},
	} {
		c.err = tt.err
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
		if w.Code != tt.status || w.Body.String() != tt.want || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, w.Code, w.Body)
		}
		if (w.Header().Get("Allow") != "") != (tt.status == http.StatusMethodNotAllowed) || (w.Header().Get("Retry-After") != "") != (tt.status == http.StatusServiceUnavailable) {
			t.Errorf("%s %s: %v", tt.method, tt.path, w.Header())
		}
	}
	if !c.since.Equal(now.Add(-time.Hour)) {
		t.Errorf("errors since %v", c.since)
	}
	// Nothing is an empty list, not null.
	w := httptest.NewRecorder()
	NewSummary(nothing{}, Options{}).ServeHTTP(w, httptest.NewRequest("GET", "/stats", nil))
	if want := `{"total_logs":0,"level_distribution":[],"service_distribution":[],"recent_errors_1h":0}`; w.Body.String() != want {
		t.Error(w.Body.String())
	}
	w = httptest.NewRecorder()
	NewSummary(nothing{}, Options{}).ServeHTTP(w, httptest.NewRequest("GET", "/services", nil))
	if want := `{"services":[]}`; w.Body.String() != want {
		t.Error(w.Body.String())
	}
}

type nothing struct{}

func (nothing) CountBy(context.Context, string, int) ([]Count, uint64, error) { return nil, 0, nil }
func (nothing) CountErrors(context.Context, time.Time) (uint64, error)        { return 0, nil }
