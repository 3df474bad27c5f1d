package weir

import (
	"context"
	"log/slog"
	"slices"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

// contextKey is where a context keeps what With, Tap and the like have added.
type contextKey struct{}

// contextValue is what a context adds to records. It is immutable.
type contextValue struct {
	attrs   []slog.Attr // one of each key
	encoded []byte      // the same, as records carry them
	tap     uint32      // of Tap; 0: none
}

func contextValueOf(ctx context.Context) *contextValue {
	if ctx == nil {
		return nil
	}
	v, _ := ctx.Value(contextKey{}).(*contextValue)
	return v
}

// With returns a context whose attributes every record has that is logged with it.
// args are keys and values in turn, or slog.Attrs; they are resolved now. What an
// outer context has stays, unless an inner one has the same key. The attributes of
// a call win over both, those of Logger.With do not. They stand at the top level,
// also for loggers made by WithGroup.
func With(ctx context.Context, args ...any) context.Context {
	if len(args) == 0 {
		return ctx
	}
	var e flat.Encoder
	e.MaxText = DefaultMaxRecordBytes
	added := decodeAttrs(appendArgs(&e, nil, args))
	if len(added) == 0 {
		return ctx
	}
	v := contextValue{}
	if outer := contextValueOf(ctx); outer != nil {
		v = *outer
	}
	v.attrs = record.LastOfEach(slices.Concat(v.attrs, added))
	v.encoded = e.Attrs(nil, v.attrs)
	return context.WithValue(ctx, contextKey{}, &v)
}

// decodeAttrs turns encoded attributes into values that nobody can change.
func decodeAttrs(b []byte) []slog.Attr {
	var d flat.Decoder
	attrs, err := d.Body(string(b))
	if err != nil {
		return nil // an Encoder wrote it, so there is none
	}
	return attrs
}

// Tag returns a context whose records carry a tag. The context it is made from keeps
// its own.
func Tag(ctx context.Context, tag string) context.Context {
	return With(ctx, slog.String(fieldName(record.FieldTag), tag))
}

// WithoutContext returns a context without the attributes that With and Tag have
// added.
func WithoutContext(ctx context.Context) context.Context {
	v := contextValueOf(ctx)
	if v == nil {
		return ctx
	}
	return context.WithValue(ctx, contextKey{}, &contextValue{tap: v.tap})
}

// ContextAttrs returns the attributes that With and Tag have added to ctx, one of each
// key. The slice must not be changed.
func ContextAttrs(ctx context.Context) []slog.Attr {
	if v := contextValueOf(ctx); v != nil {
		return v.attrs
	}
	return nil
}

// WithContext returns a logger whose records get what ctx has, for code that does not
// pass a context on. A context that a call is given comes after it and wins.
func (l *Logger) WithContext(ctx context.Context) *Logger {
	v := contextValueOf(ctx)
	traced := l.node.core.traceOf(ctx)
	if v == nil && len(traced) == 0 {
		return l
	}
	bound := contextValue{}
	if v != nil {
		bound = *v
	}
	bound.encoded = slices.Concat(traced, bound.encoded)
	c := *l
	c.scope.bound = &bound
	return &c
}
