package intake

import "github.com/prometheus/client_golang/prometheus"

// Collector returns the intake's metrics for a Prometheus registry: the ledger,
// which adds up within each scrape, the queue, and the commits.
func (in *Intake) Collector() prometheus.Collector {
	bySource := []string{"source"}
	desc := func(name, help string, labels []string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &collector{
		in:           in,
		received:     desc("weir_records_received_total", "Records that came.", bySource),
		stored:       desc("weir_records_stored_total", "Records that are durable.", bySource),
		deduplicated: desc("weir_records_deduplicated_total", "Records that had been stored before.", bySource),
		refused:      desc("weir_records_refused_total", "Records that were not stored, by reason.", []string{"source", "reason"}),
		pending:      desc("weir_records_pending", "Records on their way to the store.", bySource),
		repaired:     desc("weir_records_repaired_total", "Records that carry a note of a repair.", bySource),
		folded:       desc("weir_intake_sources_folded_total", "Batches counted under the source other, because there were too many sources.", nil),
		queueBytes:   desc("weir_intake_queue_bytes", "Estimated size of the records that wait or are being committed.", nil),
		queueLimit:   desc("weir_intake_queue_limit_bytes", "What the queue may hold.", nil),
		queueWaiting: desc("weir_intake_queue_waiting", "Batches that wait for room in the queue.", nil),
		commits:      desc("weir_intake_commit_seconds", "How long commits took, those that failed among them.", nil),
		ambiguous:    desc("weir_intake_ambiguous_commits_total", "Commits whose outcome had to be asked for.", nil),
	}
}

type collector struct {
	in *Intake

	received, stored, deduplicated, refused, pending, repaired *prometheus.Desc
	folded, queueBytes, queueLimit, queueWaiting               *prometheus.Desc
	commits, ambiguous                                         *prometheus.Desc
}

var _ prometheus.Collector = (*collector)(nil)

// Describe sends all descriptions.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.received, c.stored, c.deduplicated, c.refused, c.pending, c.repaired,
		c.folded, c.queueBytes, c.queueLimit, c.queueWaiting, c.commits, c.ambiguous,
	} {
		ch <- d
	}
}

// Collect sends one snapshot.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, n uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
	}
	gauge := func(d *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
	}
	for _, line := range c.in.Ledger() {
		counter(c.received, line.Received, line.Source)
		counter(c.stored, line.Stored, line.Source)
		counter(c.deduplicated, line.Deduplicated, line.Source)
		for reason, n := range line.Refused {
			counter(c.refused, n, line.Source, reason)
		}
		gauge(c.pending, int64(line.Pending), line.Source)
		counter(c.repaired, line.Repaired, line.Source)
	}
	counter(c.folded, c.in.foldedSources())
	bytes, waiting := c.in.queue.load()
	gauge(c.queueBytes, bytes)
	gauge(c.queueLimit, c.in.queue.limit)
	gauge(c.queueWaiting, int64(waiting))
	counter(c.ambiguous, c.in.ambiguous.Load())
	count, sum, buckets := c.in.timing.snapshot()
	ch <- prometheus.MustNewConstHistogram(c.commits, count, sum, buckets)
}
