package gate

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirlog/weir/server/intake"
)

func TestMetrics(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	q, err := f.Open(request("a", "", make([]byte, 1000)), door)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(f.Collectors()...)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			have[family.GetName()] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	if have["weir_ingest_bodies_bytes"] != 1000 || have["weir_ingest_bodies_limit_bytes"] != DefaultBodies {
		t.Errorf("%v", have)
	}
	for _, name := range []string{
		"weir_ingest_bodies_waiting", "weir_ingest_bodies_no_room_total", "weir_ingest_records_no_room_total", "weir_ingest_paced_total",
		"weir_ingest_rates_forgotten_total", "weir_ingest_plain_total", "weir_ingest_left_total",
	} {
		if _, ok := have[name]; !ok {
			t.Errorf("no metric %s", name)
		}
	}
}
