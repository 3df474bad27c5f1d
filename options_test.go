package weir

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
)

type page struct{ Sink }

func (page) Viewer() {}

type other struct{}

func (other) WriteBatch(context.Context, []record.Record) error { return nil }
func (other) Close() error                                      { return nil }

func TestConsoleByDefault(t *testing.T) {
	for _, c := range []struct {
		name    string
		sinks   []Sink
		console bool
	}{
		{"no sinks", nil, true},
		{"only a page", []Sink{page{other{}}}, true},
		{"a sink", []Sink{other{}}, false},
		{"a sink and a page", []Sink{page{other{}}, other{}}, false},
	} {
		o := Options{Sinks: c.sinks}
		o.complete("app")
		_, first := o.Sinks[0].(*console.Sink)
		if want := len(c.sinks); first != c.console || c.console && len(o.Sinks) != want+1 || !c.console && len(o.Sinks) != want {
			t.Errorf("%s: %T", c.name, o.Sinks)
		}
	}
}

func TestDefaults(t *testing.T) {
	var o Options
	o.complete("app")
	if o.Level != LevelInfo || o.BlockTimeout != DefaultBlockTimeout || o.MemoryLimit != DefaultMemoryLimit ||
		o.MaxRecordBytes != DefaultMaxRecordBytes || o.CloseTimeout != DefaultCloseTimeout || o.ErrorOutput == nil ||
		o.Resource.Service != "app" {
		t.Errorf("defaults %+v", o)
	}
	o = Options{MemoryLimit: 1, MaxRecordBytes: 1 << 30, Resource: record.Resource{Service: "mine", Host: "here"}}
	o.complete("app")
	if o.MemoryLimit != MinMemoryLimit || o.MaxRecordBytes != MinMemoryLimit/4 || o.Resource.Service != "mine" || o.Resource.Host != "here" {
		t.Errorf("bounds %+v", o)
	}
}

func TestOptionFunctions(t *testing.T) {
	var out bytes.Buffer
	r := record.Resource{Service: "s"}
	var o Options
	for _, opt := range []Option{
		WithOptions(Options{NoSource: true}), WithLevel(LevelWarn), WithSink(other{}), WithSink(other{}), WithOverflow(Fail),
		WithBlockTimeout(time.Minute), WithMemoryLimit(1 << 20), WithMaxRecordBytes(1 << 12), WithResource(r), WithoutSource(),
		WithCloseTimeout(time.Hour), WithErrorOutput(&out),
	} {
		opt(&o)
	}
	if o.Level != LevelWarn || len(o.Sinks) != 2 || o.Overflow != Fail || o.BlockTimeout != time.Minute || o.MemoryLimit != 1<<20 ||
		o.MaxRecordBytes != 1<<12 || o.Resource != r || !o.NoSource || o.CloseTimeout != time.Hour || o.ErrorOutput != &out {
		t.Errorf("options %+v", o)
	}
}
