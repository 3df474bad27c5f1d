package app

import (
	"encoding/json"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/server/elva"
	"github.com/weirlog/weir/server/ingest/collector"
	"github.com/weirlog/weir/server/ingest/elastic"
	"github.com/weirlog/weir/server/ingest/loki"
	"github.com/weirlog/weir/server/ingest/ndjson"
	"github.com/weirlog/weir/server/ingest/otlp"
	"github.com/weirlog/weir/view"
)

// routes puts the doors in beside the page. Every route is behind the guard, the
// page's own by itself.
func (s *server) routes() http.Handler {
	settings := s.opts.Settings
	doors := s.doors()
	backend := view.NewStored(s.store, s.hub)
	page := timed(dashboard.New(backend, dashboard.Options{
		Name:           s.opts.Name,
		Role:           dashboard.RoleServer,
		Version:        s.opts.Version,
		Stats:          s.stats,
		AllowHosts:     settings.AllowHosts,
		AllowOrigins:   settings.AllowOrigins,
		MaxSearches:    settings.MaxQueries,
		SearchDeadline: settings.QueryTimeout,
		Checkpoints:    &checkpoints{search: s.store, intake: s.intake, timeout: settings.QueryTimeout},
	}))
	guard := dashboard.Guard(dashboard.GuardOptions{
		AllowHosts: settings.AllowHosts, AllowOrigins: settings.AllowOrigins, Ingest: doors.takes,
	})
	read := func(mux *http.ServeMux, path string, h http.HandlerFunc) {
		mux.Handle(path, timed(patient(guard(onlyGet(h)))))
	}

	frames := elva.New(backend, elva.Options{})
	mux := http.NewServeMux()
	read(mux, "/healthz", s.healthy)
	read(mux, "/readyz", s.ready)
	read(mux, "/metrics", promhttp.HandlerFor(s.metrics(doors, frames), promhttp.HandlerOpts{}).ServeHTTP)
	read(mux, "/api/v1/sources", s.sources)
	summary := collector.NewSummary(counts{s.store}, collector.Options{Log: s.log.Slog()})
	mux.Handle(collector.StatsPath, timed(patient(guard(summary))))
	mux.Handle(collector.ServicesPath, timed(patient(guard(summary))))
	mux.Handle(elva.Path, timed(guard(frames)))
	for _, path := range []string{"/v1/traces", "/v1/metrics"} {
		mux.Handle(path, timed(patient(guard(http.HandlerFunc(logsOnly)))))
	}
	mux.Handle("/", page)
	in := timed(patient(guard(doors)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if doors.takes(r) {
			in.ServeHTTP(w, r)
		} else {
			mux.ServeHTTP(w, r)
		}
	})
}

// doors are the ways in over HTTP.
type doors struct {
	mux     *http.ServeMux
	logs    *collector.Handler
	push    *loki.Handler
	otlp    *otlp.Handler
	elastic *elastic.Handler // its paths are too many, and some too general, for the mux
}

// doors makes the handlers of all protocols.
func (s *server) doors() *doors {
	d := &doors{mux: http.NewServeMux(), elastic: elastic.New(s.gate, elastic.Options{Ready: s.intake.Ready})}
	d.mux.Handle(ndjson.Path, ndjson.New(s.gate))
	d.logs = collector.New(s.gate, collector.Options{Log: s.log.Slog()})
	d.mux.Handle(collector.Path, d.logs)
	d.mux.Handle(collector.Path+"/{$}", d.logs)
	d.otlp = otlp.New(s.gate)
	d.mux.Handle(otlp.Path, d.otlp)
	d.push = loki.New(s.gate, loki.Options{Ready: s.intake.Ready})
	for _, pattern := range loki.Patterns() {
		d.mux.Handle(pattern, d.push)
	}
	return d
}

// takes tells the requests that bring records, or that their clients make first; web
// pages on this machine may make them. What the page has at the same paths is read with
// GET.
func (d *doors) takes(r *http.Request) bool {
	if r.URL.Path == ndjson.Path && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return false
	}
	_, pattern := d.mux.Handler(r)
	return pattern != "" || d.elastic.Owns(r)
}

// ServeHTTP answers one request that takes has told.
func (d *doors) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := d.mux.Handler(r); pattern == "" {
		d.elastic.ServeHTTP(w, r)
		return
	}
	d.mux.ServeHTTP(w, r)
}

// onlyGet refuses other methods.
func onlyGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			answer(w, http.StatusMethodNotAllowed, dashboard.ErrorBody{Error: dashboard.ErrorDetail{
				Code: "bad_method", Message: "this path does not take " + r.Method, Hint: "it is read with GET",
			}})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// logsOnly answers OpenTelemetry's other signals.
func logsOnly(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusNotFound, dashboard.ErrorBody{Error: dashboard.ErrorDetail{
		Code: "not_found", Message: "Weir takes logs only, at " + otlp.Path, Hint: "do not export " + r.URL.Path + " here: OTEL_TRACES_EXPORTER=none, OTEL_METRICS_EXPORTER=none",
	}})
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
