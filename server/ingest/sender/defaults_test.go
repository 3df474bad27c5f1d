package sender

import (
	"log/slog"
	"testing"

	"github.com/weirlog/weir/record"
)

func TestFill(t *testing.T) {
	d := New(record.Resource{Service: "unknown", Environment: "development", LogType: "BACKEND"})
	own := &record.Resource{Service: "pay", Host: "h1"}
	records := []record.Record{{}, {Resource: own}, {Resource: own}, {}, {Resource: &record.Resource{Service: "pay", Host: "h1"}}}
	for i := range records {
		d.Fill(&records[i])
	}
	if *own != (record.Resource{Service: "pay", Host: "h1"}) {
		t.Error("the sender's own resource was changed")
	}
	want := record.Resource{Service: "pay", Environment: "development", LogType: "BACKEND", Host: "h1"}
	if *records[1].Resource != want || records[1].Resource != records[2].Resource || *records[4].Resource != want {
		t.Errorf("%+v and %+v", records[1].Resource, records[2].Resource)
	}
	if *records[0].Resource != (record.Resource{Service: "unknown", Environment: "development", LogType: "BACKEND"}) {
		t.Errorf("%+v", records[0].Resource)
	}
}

func TestFillNothing(t *testing.T) {
	own := &record.Resource{Service: "pay"}
	r := record.Record{Resource: own}
	New(record.Resource{Service: "x"}).Fill(&r)
	if r.Resource != own {
		t.Error("a full resource was copied")
	}
}

func TestKeepGiven(t *testing.T) {
	attrs := make([]slog.Attr, 1, 4)
	r := record.Record{ID: 9, Attrs: attrs}
	KeepGiven(&r)
	if r.ID != 0 || len(r.Attrs) != 2 || r.Attrs[1].Value.String() != "9" || attrs[:2][1].Key != "" {
		t.Errorf("%+v", r)
	}
	KeepGiven(&r)
	if len(r.Attrs) != 2 {
		t.Errorf("%+v", r)
	}
}
