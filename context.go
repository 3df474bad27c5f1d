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
	encoded []byte // attributes, as records carry them
	tap     *tap   // the innermost; nil: none
}

// contextValueOf asks a context, which need not be one of the standard library's: a
// log call does not panic when it does.
func contextValueOf(ctx context.Context) (v *contextValue) {
	if ctx == nil || ctx == context.Background() {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			v = nil
		}
	}()
	v, _ = ctx.Value(contextKey{}).(*contextValue)
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
	e := flat.Encoder{MaxText: DefaultMaxRecordBytes, MaxBytes: DefaultMaxRecordBytes}
	added := appendArgs(&e, nil, args)
	if len(added) == 0 {
		return ctx
	}
	v := contextValue{}
	if outer := contextValueOf(ctx); outer != nil {
		v = *outer
	}
	for _, a := range decodeAttrs(added) {
		v.encoded, _ = flat.Remove(v.encoded, a.Key)
	}
	v.encoded = append(v.encoded[:len(v.encoded):len(v.encoded)], added...)
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
// key. The slice is the caller's.
func ContextAttrs(ctx context.Context) []slog.Attr {
	if v := contextValueOf(ctx); v != nil {
		return record.LastOfEach(decodeAttrs(v.encoded))
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
	c := l.derived()
	c.scope.bound = &bound
	return c
}
