package config

import (
	"context"
	"reflect"
	"slices"
	"strconv"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// replaced stands first among the sinks while options of code are applied: when it is
// gone, one of them has replaced the slice, or everything.
type replaced struct{ weir.Sink }

func (replaced) WriteBatch(context.Context, []record.Record) error { return nil }
func (replaced) Close() error                                      { return nil }

// merge applies the options of code. Where one of them replaced everything, as
// weir.WithOptions does, what it left zero stays as it was.
func merge(o *weir.Options, opts []weir.Option) {
	mark := &replaced{}
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		before := *o
		o.Sinks = append([]weir.Sink{mark}, before.Sinks...)
		opt(o)
		if len(o.Sinks) > 0 && o.Sinks[0] == weir.Sink(mark) {
			o.Sinks = o.Sinks[1:]
			continue
		}
		o.Sinks = slices.DeleteFunc(o.Sinks, func(s weir.Sink) bool { return s == weir.Sink(mark) })
		restore(o, &before)
	}
}

// restore sets what is zero in o to what it was before.
func restore(o, before *weir.Options) {
	changed := *o
	*o = *before
	overlay(reflect.ValueOf(o).Elem(), reflect.ValueOf(changed))
	o.Resource = before.Resource
	overlay(reflect.ValueOf(&o.Resource).Elem(), reflect.ValueOf(changed.Resource))
}

// overlay sets the fields of to that from has.
func overlay(to, from reflect.Value) {
	for i := range to.NumField() {
		if to.Field(i).CanSet() && !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// coded are the settings that options of code change too.
func coded() []struct {
	key  string
	show func(o *weir.Options) string
} {
	return []struct {
		key  string
		show func(o *weir.Options) string
	}{
		{"level", func(o *weir.Options) string { return showLevel(o.Level.Level()) }},
		{"overflow", func(o *weir.Options) string { return overflows[min(int(o.Overflow), len(overflows)-1)] }},
		{"block_timeout", func(o *weir.Options) string { return showDuration(o.BlockTimeout) }},
		{"memory_limit", func(o *weir.Options) string { return showSize(int64(o.MemoryLimit)) }},
		{"max_records", func(o *weir.Options) string { return strconv.Itoa(o.MaxRecords) }},
		{"max_record_bytes", func(o *weir.Options) string { return showSize(int64(o.MaxRecordBytes)) }},
		{"close_timeout", func(o *weir.Options) string { return showDuration(o.CloseTimeout) }},
		{"source", func(o *weir.Options) string { return strconv.FormatBool(!o.NoSource) }},
		{"checkpoints", func(o *weir.Options) string { return o.CheckpointDir }},
		{"resource.service", func(o *weir.Options) string { return o.Resource.Service }},
		{"resource.environment", func(o *weir.Options) string { return o.Resource.Environment }},
		{"resource.service_version", func(o *weir.Options) string { return o.Resource.ServiceVersion }},
		{"resource.log_type", func(o *weir.Options) string { return o.Resource.LogType }},
		{"resource.host", func(o *weir.Options) string { return o.Resource.Host }},
	}
}

// noteCode lists what options of code have changed.
func (c *Config) noteCode(before, after *weir.Options) {
	for _, k := range coded() {
		if value := k.show(after); value != k.show(before) {
			c.report.note("log."+k.key, value, originCode)
		}
	}
}
