package dashboard

import (
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
	"github.com/weirlog/weir/weirtest"
)

// TestPageSink: the page's sink passes the kit for sinks.
func TestPageSink(t *testing.T) {
	weirtest.TestSink(t, weirtest.SinkTest{
		New: func(testing.TB) weir.Sink { return &pageSink{memory: view.NewMemory(hub.Options{}, nil)} },
		Records: func(t testing.TB, s weir.Sink) []record.Record {
			page, err := s.(*pageSink).memory.Search(t.Context(), view.Query{Order: view.OldestFirst, Limit: view.MaxLimit})
			if err != nil {
				t.Fatal(err)
			}
			return page.Records
		},
	})
}
