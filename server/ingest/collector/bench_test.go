package collector

import (
	"os"
	"testing"
)

// BenchmarkParse reads the batch of a client.
func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile("testdata/python.json")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		batch, err := parse(data)
		if err != nil {
			b.Fatal(err)
		}
		records += len(batch)
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
