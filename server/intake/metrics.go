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
		troubles:     desc("weir_ingest_troubles_total", "Requests refused and connections lost, by reason.", []string{"source", "reason"}),
		folded:       desc("weir_intake_sources_folded_total", "Senders counted under other, because there were too many.", nil),
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

	troubles, folded, queueBytes, queueLimit, queueWaiting *prometheus.Desc
	commits, ambiguous                                     *prometheus.Desc
}

var _ prometheus.Collector = (*collector)(nil)

// Describe sends all descriptions.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		c.received, c.stored, c.deduplicated, c.refused, c.pending, c.repaired,
		c.troubles, c.folded, c.queueBytes, c.queueLimit, c.queueWaiting, c.commits, c.ambiguous,
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
	for protocol, sum := range c.byProtocol() {
		counter(c.received, sum.Received, protocol)
		counter(c.stored, sum.Stored, protocol)
		counter(c.deduplicated, sum.Deduplicated, protocol)
		for reason, n := range sum.Refused {
			counter(c.refused, n, protocol, reason)
		}
		gauge(c.pending, int64(sum.Pending), protocol)
		counter(c.repaired, sum.Repaired, protocol)
		for _, n := range sum.Troubles {
			counter(c.troubles, n.Count, protocol, n.What)
		}
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

// byProtocol sums up the ledger: senders are too many, and too much the choice of
// strangers, to be labels.
func (c *collector) byProtocol() map[string]*Counts {
	sums := make(map[string]*Counts)
	for _, line := range c.in.Ledger() {
		sum := sums[line.Protocol]
		if sum == nil {
			sum = &Counts{Refused: make(map[string]uint64)}
			sums[line.Protocol] = sum
		}
		sum.Pending += line.Pending
		sum.add(&line)
	}
	return sums
}
