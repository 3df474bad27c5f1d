// Package slogsink gives records to a slog.Handler, for programs that have one they
// want to keep: another library's, a test's, slog's own.
//
// [New] makes the sink. The handler is called by the sink's goroutine, not by the
// call that logs, so a slow handler holds nobody up.
package slogsink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Sink gives records to a slog.Handler.
type Sink struct {
	h        slog.Handler
	resource bool
	noSource bool
}

var _ weir.SelfNamed = (*Sink)(nil)

// Option changes a Sink that New makes.
type Option func(*Sink)

// WithResource adds what is common to all the program's records: service,
// environment, service_version, log_type and host.
func WithResource() Option { return func(s *Sink) { s.resource = true } }

// WithoutSource leaves the place of the call out.
func WithoutSource() Option { return func(s *Sink) { s.noSource = true } }

// New makes a sink that calls h for every record of a level that h is enabled for.
//
// Time, level and message come as slog has them; a level between two of slog's keeps
// its distance, an unknown one is INFO with its text as level_text. Then come the
// attributes, logger, trace_id and span_id. The place of the call is the attribute
// source, a *slog.Source, as slog's handlers write theirs: a record has no program
// counter any more, so HandlerOptions.AddSource should be off.
func New(h slog.Handler, opts ...Option) *Sink {
	s := &Sink{h: h}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

// SinkName implements weir.SelfNamed: "slog" and the handler's type.
func (s *Sink) SinkName() string { return fmt.Sprintf("slog %T", s.h) }

// WriteBatch implements weir.Sink. A record that the handler refuses does not keep
// the others from it; the error holds the first few reasons.
func (s *Sink) WriteBatch(ctx context.Context, batch []record.Record) error {
	var errs []error
	for i := range batch {
		r := &batch[i]
		level := levelOf(r)
		if !s.h.Enabled(ctx, level) {
			continue
		}
		out := slog.NewRecord(r.Time, level, r.Message, 0)
		s.attrs(&out, r)
		if err := s.h.Handle(ctx, out); err != nil && len(errs) < maxErrors {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Close implements weir.Sink. slog.Handler has nothing to close.
func (s *Sink) Close() error { return nil }

// maxErrors is how many reasons of a batch are told: a handler that fails, fails for
// each of a thousand records.
const maxErrors = 3

// levelOf is the inverse of record.SeverityOf.
func levelOf(r *record.Record) slog.Level {
	if r.Severity == record.SeverityUnknown {
		return slog.LevelInfo
	}
	return slog.Level(int(r.Severity) - int(record.SeverityInfo))
}

// attrs adds all that slog.Record has no place for.
func (s *Sink) attrs(out *slog.Record, r *record.Record) {
	text := func(id record.FieldID, value string) {
		if value != "" {
			out.AddAttrs(slog.String(nameOf(id), value))
		}
	}
	var source slog.Source
	for _, a := range r.Attrs {
		if !take(&source, a) {
			out.AddAttrs(slog.Attr{Key: a.Key, Value: plain(a.Value)})
		}
	}
	text(record.FieldLogger, r.Logger)
	text(record.FieldTraceID, r.TraceID)
	text(record.FieldSpanID, r.SpanID)
	if r.Severity == record.SeverityUnknown && r.Level != "" {
		out.AddAttrs(slog.String(record.AttrLevelText, r.Level))
	}
	if r.Kind != record.KindLog {
		text(record.FieldKind, r.Kind.String())
	}
	if s.resource && r.Resource != nil {
		text(record.FieldService, r.Resource.Service)
		text(record.FieldEnvironment, r.Resource.Environment)
		text(record.FieldServiceVersion, r.Resource.ServiceVersion)
		text(record.FieldLogType, r.Resource.LogType)
		text(record.FieldHost, r.Resource.Host)
	}
	if source != (slog.Source{}) && !s.noSource {
		out.AddAttrs(slog.Any(slog.SourceKey, &source))
	}
}

// take takes the attributes of the call's place out.
func take(source *slog.Source, a slog.Attr) bool {
	switch {
	case a.Key == nameOf(record.FieldFilePath) && a.Value.Kind() == slog.KindString:
		source.File = a.Value.String()
	case a.Key == nameOf(record.FieldLineNumber) && a.Value.Kind() == slog.KindInt64:
		source.Line = int(a.Value.Int64())
	case a.Key == nameOf(record.FieldFunctionName) && a.Value.Kind() == slog.KindString:
		source.Function = a.Value.String()
	default:
		return false
	}
	return true
}

func nameOf(id record.FieldID) string { return record.Fields[id].Name }
