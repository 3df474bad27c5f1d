package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/server/store/duckdb"
)

// metrics gathers what the parts count.
func (s *server) metrics() *prometheus.Registry {
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
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "weir_connections", Help: "Open connections to the page's address."},
			func() float64 { return float64(s.listener.open.Load()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "weir_connections_refused_total", Help: "Connections that were one too many."},
			func() float64 { return float64(s.listener.refused.Load()) }),
		stored("weir_store_bytes", "Size of the store on disk.", func(d duckdb.Stats) int64 { return d.Bytes }),
	)
	return registry
}
