package gate

import "github.com/prometheus/client_golang/prometheus"

// Collectors returns the gate's metrics for a Prometheus registry: how full its rooms
// are, and how often each of its limits was met. Requests that were refused are counted
// by intake, by their reason.
func (g *Gate) Collectors() []prometheus.Collector {
	var all []prometheus.Collector
	gauge := func(name, help string, labels prometheus.Labels, value func() int64) {
		all = append(all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(value()) }))
	}
	counter := func(name, help string, labels prometheus.Labels, value func() uint64) {
		all = append(all, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(value()) }))
	}
	for size, p := range map[string]*pool{"usual": g.bodies, "large": g.large} {
		labels := prometheus.Labels{"size": size}
		gauge("weir_ingest_bodies_bytes", "What bodies take of memory.", labels, func() int64 { held, _, _ := p.load(); return held })
		gauge("weir_ingest_bodies_limit_bytes", "What bodies may take of memory.", labels, func() int64 { return p.size })
		gauge("weir_ingest_bodies_waiting", "Bodies that wait for room.", labels, func() int64 { _, waiting, _ := p.load(); return int64(waiting) })
		counter("weir_ingest_bodies_no_room_total", "Bodies that were refused because there was no room.", labels, func() uint64 { _, _, refusals := p.load(); return refusals })
	}
	counter("weir_ingest_records_no_room_total", "Requests that were refused because those before them had too many records.", nil, g.records.refusals.Load)
	counter("weir_ingest_paced_total", "Records that were made to wait because their sender was over its rate.", nil, g.paced.Load)
	counter("weir_ingest_rates_forgotten_total", "Senders whose rate was forgotten because there were too many.", nil, g.rates.forgotten.Load)
	counter("weir_ingest_plain_total", "Records that were stored as plain text, because the store refused them as they were.", nil, g.plain.Load)
	counter("weir_ingest_left_total", "Records whose request did not wait longer for the store; they may be stored.", nil, g.left.Load)
	return all
}
