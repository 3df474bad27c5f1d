package app

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/collector"
	"github.com/weirlog/weir/server/ingest/ndjson"
	"github.com/weirlog/weir/view"
)

// routes puts the doors in beside the page. Every route is behind the guard, the
// page's own by itself.
func (s *server) routes() http.Handler {
	settings := s.opts.Settings
	limits := body.Limits{Sent: settings.MaxBody, Unpacked: settings.MaxDecoded}
	page := dashboard.New(view.NewStored(s.store, s.hub), dashboard.Options{
		Name:           s.opts.Name,
		Role:           dashboard.RoleServer,
		Version:        s.opts.Version,
		Stats:          s.stats,
		AllowHosts:     settings.AllowHosts,
		AllowOrigins:   settings.AllowOrigins,
		MaxSearches:    settings.MaxQueries,
		SearchDeadline: settings.QueryTimeout,
		Checkpoints:    &checkpoints{search: s.store, intake: s.intake, timeout: settings.QueryTimeout},
	})
	guard := dashboard.Guard(dashboard.GuardOptions{
		AllowHosts: settings.AllowHosts, AllowOrigins: settings.AllowOrigins, Ingest: takesRecords,
	})
	logs := s.timed(guard(collector.New(s.intake, collector.Options{Limits: limits, Origins: settings.AllowOrigins})))
	records := s.timed(guard(ndjson.New(s.intake, ndjson.Options{Limits: limits, Origins: settings.AllowOrigins})))

	mux := http.NewServeMux()
	mux.Handle(collector.Path, logs)
	mux.Handle(collector.Path+"/{$}", logs)
	mux.HandleFunc(ndjson.Path, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			page.ServeHTTP(w, r)
		} else {
			records.ServeHTTP(w, r)
		}
	})
	mux.Handle("GET /healthz", guard(http.HandlerFunc(s.healthy)))
	mux.Handle("GET /readyz", guard(http.HandlerFunc(s.ready)))
	mux.Handle("GET /metrics", guard(promhttp.HandlerFor(s.metrics(), promhttp.HandlerOpts{ErrorLog: nil})))
	mux.Handle("/", page)
	return mux
}

// takesRecords tells the routes that web pages on this machine may post to.
func takesRecords(r *http.Request) bool {
	switch r.URL.Path {
	case collector.Path, collector.Path + "/":
		return true
	case ndjson.Path:
		return r.Method == http.MethodPost || r.Method == http.MethodOptions
	}
	return false
}

// timed bounds how long a body may take to arrive.
func (s *server) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			s.log.Debug("set a read deadline", "error", err)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) healthy(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// ready answers whether records can be taken in.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if err := s.intake.Ready(); err != nil {
		w.Header().Set("Retry-After", "2")
		answer(w, http.StatusServiceUnavailable, map[string]string{"status": "unavailable", "reason": err.Error()})
		return
	}
	answer(w, http.StatusOK, map[string]string{"status": "ready"})
}

// stats are the server's numbers beside the page's own.
func (s *server) stats() map[string]any {
	stored := s.store.Stats()
	var dropped, repaired uint64
	for _, line := range s.intake.Ledger() {
		for _, n := range line.Refused {
			dropped += n
		}
		repaired += line.Repaired
	}
	return map[string]any{"records": stored.Records, "store_bytes": stored.Bytes, "dropped": dropped, "repaired": repaired}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have left
}
