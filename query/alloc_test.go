package query_test

import (
	"testing"

	"github.com/weirlog/weir/query"
)

var hot = []string{
	"payment", "nothing here", `"order 100%"`, "service:checkout", "service:check*", "level>=warn", "status:500..599", "duration_ms>500", "user.plan:pro",
	"-service:other", "(a OR b OR failed) -level:error", "has:stack_trace", "tags:red", "message:timeout", "since:15m", "trace_id:4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
}

func TestAllocMatch(t *testing.T) {
	r := sample()
	for _, text := range hot {
		f, err := query.Parse(text, now)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { f.Match(&r) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	r := sample()
	for _, text := range hot {
		f, err := query.Parse(text, now)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Match(&r)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := query.Parse(`level>=warn service:checkout (timeout OR "payment failed") duration_ms>500`, now); err != nil {
			b.Fatal(err)
		}
	}
}
