package intake

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/weirlog/weir/server/store/faulty"
)

// TestLedgerAddsUp checks the ledger all the while senders send, leave, wait too
// long and meet a store that fails in every way.
func TestLedgerAddsUp(t *testing.T) {
	in, st, memory, show := open(t, Options{CommitRecords: 20, QueueBytes: 20_000, MaxWait: time.Millisecond})
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(in.Collector())
	const senders, batches = 8, 150
	var sending, checking sync.WaitGroup
	var mu sync.Mutex
	offered, acknowledged := uint64(0), uint64(0)
	for s := range senders {
		sending.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(s), 3))
			for range batches {
				faults := []faulty.Fault{faulty.None, faulty.None, faulty.FailBefore, faulty.AmbiguousCommitted, faulty.AmbiguousLost}
				st.Next(faults[rng.IntN(len(faults))])
				n := 1 + rng.IntN(50)
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if rng.IntN(5) == 0 {
					ctx, cancel = context.WithTimeout(ctx, time.Duration(rng.IntN(500))*time.Microsecond)
				}
				r, _ := in.Accept(ctx, Source{Protocol: fmt.Sprint(s % 3)}, numbered(n))
				cancel()
				if rng.IntN(10) == 0 {
					in.CountDuplicates(Source{Protocol: "0"}, 2)
					n += 2
				}
				mu.Lock()
				offered += uint64(n)
				acknowledged += uint64(r.Count)
				mu.Unlock()
			}
		})
	}
	stop := make(chan struct{})
	checking.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				checkLedger(t, in.Ledger())
				checkMetrics(t, registry)
			}
		}
	})
	sending.Wait()
	close(stop)
	checking.Wait()
	st.Always(faulty.None)
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	received, stored, pending := uint64(0), uint64(0), uint64(0)
	for _, line := range in.Ledger() {
		received += line.Received
		stored += line.Stored
		pending += line.Pending
	}
	if received != offered || pending != 0 || stored < acknowledged {
		t.Errorf("received %d of %d, %d stored, %d acknowledged, %d pending", received, offered, stored, acknowledged, pending)
	}
	checkSame(t, memory, show, int(stored))
	checkMetrics(t, registry)
}

// checkMetrics tests that one scrape adds up for each source.
func checkMetrics(t *testing.T, registry *prometheus.Registry) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Error(err)
		return
	}
	sums := map[string]float64{}
	for _, family := range families {
		sign := 1.0
		switch family.GetName() {
		case "weir_records_received_total":
			sign = -1
		case "weir_records_stored_total", "weir_records_deduplicated_total", "weir_records_refused_total", "weir_records_pending":
		default:
			continue
		}
		for _, m := range family.GetMetric() {
			source := ""
			for _, label := range m.GetLabel() {
				if label.GetName() == "source" {
					source = label.GetValue()
				}
			}
			sums[source] += sign * (m.GetCounter().GetValue() + m.GetGauge().GetValue())
		}
	}
	for source, sum := range sums {
		if sum != 0 {
			t.Errorf("the metrics of %q are off by %v", source, sum)
		}
	}
}

func TestMetricNames(t *testing.T) {
	in, _, _, _ := open(t, Options{})
	if _, err := in.Accept(t.Context(), test, numbered(2)); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(in.Collector())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, family := range families {
		have[family.GetName()] = true
		if family.GetName() == "weir_intake_commit_seconds" && family.GetMetric()[0].GetHistogram().GetSampleCount() != 1 {
			t.Error("the commit was not timed")
		}
	}
	for _, name := range []string{
		"weir_records_received_total", "weir_records_stored_total", "weir_records_deduplicated_total", "weir_records_pending",
		"weir_records_repaired_total", "weir_intake_queue_bytes", "weir_intake_queue_limit_bytes", "weir_intake_queue_waiting",
		"weir_intake_commit_seconds", "weir_intake_ambiguous_commits_total", "weir_intake_sources_folded_total",
	} {
		if !have[name] {
			t.Errorf("no metric %s", name)
		}
	}
}
