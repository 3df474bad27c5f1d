package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/server/elva"
	"github.com/weirlog/weir/server/ingest/collector"
	"github.com/weirlog/weir/server/ingest/loki"
	"github.com/weirlog/weir/server/ingest/otlp"
	"github.com/weirlog/weir/server/store/duckdb"
)

// metrics gathers what the parts count.
func (s *server) metrics(in *doors, frames *elva.Handler) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	counter := func(name, help string, value func(hub.Stats) uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(value(s.hub.Stats())) })
	}
	live := func(name, help string, value func(hub.Stats) int64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value(s.hub.Stats())) })
	}
	stored := func(name, help string, value func(duckdb.Stats) int64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(value(s.store.Stats())) })
	}
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		s.intake.Collector(),
		counter("weir_hub_published_total", "Records shown to viewers since the start.", func(h hub.Stats) uint64 { return h.Published }),
		counter("weir_hub_missed_total", "Records that viewers fell behind on; they are declared as gaps or read from the store.", func(h hub.Stats) uint64 { return h.Missed }),
		live("weir_hub_records", "Records held for viewers.", func(h hub.Stats) int64 { return int64(h.Held) }),
		live("weir_hub_bytes", "Estimated size of the records held for viewers.", func(h hub.Stats) int64 { return h.HeldBytes }),
		live("weir_hub_viewers", "Open subscriptions.", func(h hub.Stats) int64 { return int64(h.Subscribers) }),
		stored("weir_store_records", "Records in the store.", func(d duckdb.Stats) int64 { return int64(d.Records) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "weir_store_keys_forgotten_total",
			Help: "Idempotency keys that were forgotten because there were too many: a retry of theirs is stored again.",
		}, func() float64 { return float64(s.store.Stats().KeysForgotten) }),
		stored("weir_store_bytes", "Size of the store on disk.", func(d duckdb.Stats) int64 { return d.Bytes }),
	)
	registry.MustRegister(s.gate.Collectors()...)
	count := func(name, help, label, value string, read func() uint64) {
		opts := prometheus.CounterOpts{Name: name, Help: help}
		if label != "" {
			opts.ConstLabels = prometheus.Labels{label: value}
		}
		registry.MustRegister(prometheus.NewCounterFunc(opts, func() float64 { return float64(read()) }))
	}
	for name, l := range map[string]*boundedListener{"page": s.listener, "otlp": s.otlp} {
		if l == nil {
			continue
		}
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "weir_connections", Help: "Open connections.", ConstLabels: prometheus.Labels{"listener": name},
		}, func() float64 { return float64(l.open.Load()) }))
		count("weir_connections_refused_total", "Connections that were one too many.", "listener", name, l.refused.Load)
	}
	const repeated, forgotten = "Bodies that came again and were not stored twice.", "Bodies that were forgotten early, because there were too many: a repetition of theirs is stored again."
	count("weir_ingest_repeated_total", repeated, "source", collector.Protocol, func() uint64 { return in.logs.Stats().Repeated })
	count("weir_ingest_repeated_total", repeated, "source", loki.Protocol, func() uint64 { return in.push.Stats().Repeated })
	count("weir_ingest_forgotten_total", forgotten, "source", collector.Protocol, func() uint64 { return in.logs.Stats().Forgotten })
	count("weir_ingest_forgotten_total", forgotten, "source", loki.Protocol, func() uint64 { return in.push.Stats().Forgotten })
	count("weir_ingest_repeated_total", repeated, "source", otlp.Protocol, func() uint64 { return in.otlp.Stats().Repeated })
	count("weir_ingest_forgotten_total", forgotten, "source", otlp.Protocol, func() uint64 { return in.otlp.Stats().Forgotten })
	count("weir_events_skipped_total", "Records that pages at /events were too slow for.", "", "", frames.Skipped)
	count("weir_events_dropped_total", "Pages at /events that did not read any more.", "", "", frames.Dropped)
	return registry
}
