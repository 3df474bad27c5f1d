package weir

import (
	"context"
	"encoding/hex"
	"reflect"
	"runtime/debug"
	"sync"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

// traceOf returns the encoded trace and span id that ctx has besides attributes of
// With: what Options.Trace says, else those of an OpenTelemetry span.
func (c *core) traceOf(ctx context.Context) []byte {
	if ctx == nil || c.trace == nil {
		return nil
	}
	return c.appendTrace(nil, ctx)
}

func (c *core) appendTrace(b []byte, ctx context.Context) []byte {
	trace, span := c.traceIDs(ctx)
	if trace == "" && span == "" {
		return b
	}
	e := flat.Encoder{MaxText: c.maxRecord}
	if trace != "" {
		b = e.String(b, fieldName(record.FieldTraceID), trace)
	}
	if span != "" {
		b = e.String(b, fieldName(record.FieldSpanID), span)
	}
	return b
}

// traceIDs calls Options.Trace, which is not ours.
func (c *core) traceIDs(ctx context.Context) (trace, span string) {
	defer func() {
		if p := recover(); p != nil {
			trace, span = "", ""
		}
	}()
	return c.trace(ctx)
}

// openTelemetryModule defines the key under which a context keeps its span.
const openTelemetryModule = "go.opentelemetry.io/otel/trace"

// openTelemetry returns a function that reads the ids of a context's OpenTelemetry
// span, or nil in a program without OpenTelemetry.
//
// It does so without importing that module: the first time, it looks for the key by
// its type in the chain of contexts; then it asks for the value of that key. The
// span's SpanContext() is a struct that starts with a [16]byte trace id and a [8]byte
// span id (go.opentelemetry.io/otel/trace v1). Contexts of other makes that hide the
// one they wrap are not looked through; Options.Trace helps there, and is faster.
func openTelemetry() func(context.Context) (trace, span string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, m := range info.Deps {
		if m.Path == openTelemetryModule {
			return new(spanFinder).ids
		}
	}
	return nil
}

// spanFinder knows the key of spans once it has seen one.
type spanFinder struct {
	mu  sync.RWMutex
	key any
}

// maxContexts bounds the search for the key: a request's context has some ten layers.
const maxContexts = 64

func (f *spanFinder) ids(ctx context.Context) (trace, span string) {
	f.mu.RLock()
	key := f.key
	f.mu.RUnlock()
	if key == nil {
		if key = findSpanKey(reflect.ValueOf(ctx)); key == nil {
			return "", ""
		}
		f.mu.Lock()
		f.key = key
		f.mu.Unlock()
	}
	value := ctx.Value(key)
	if value == nil {
		return "", ""
	}
	method := reflect.ValueOf(value).MethodByName("SpanContext")
	if !method.IsValid() || method.Type().NumIn() != 0 || method.Type().NumOut() != 1 {
		return "", ""
	}
	return spanIDs(method.Call(nil)[0])
}

// findSpanKey walks from a context to those it wraps.
func findSpanKey(v reflect.Value) any {
	for range maxContexts {
		for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return nil
		}
		if key := v.FieldByName("key"); key.IsValid() && key.Kind() == reflect.Interface && !key.IsNil() {
			if t := key.Elem().Type(); t.PkgPath() == openTelemetryModule && t.Kind() == reflect.Int {
				k := reflect.New(t).Elem()
				k.SetInt(key.Elem().Int())
				return k.Interface()
			}
		}
		next := v.FieldByName("Context")
		if !next.IsValid() {
			if next = v.FieldByName("cancelCtx"); !next.IsValid() {
				return nil
			}
		}
		v = next
	}
	return nil
}

func spanIDs(c reflect.Value) (trace, span string) {
	if c.Kind() != reflect.Struct || c.NumField() < 2 {
		return "", ""
	}
	return hexOf(c.Field(0), 16), hexOf(c.Field(1), 8)
}

// hexOf returns an id as hex digits, "" when it is none or all zero.
func hexOf(v reflect.Value, size int) string {
	if v.Kind() != reflect.Array || v.Len() != size || v.Type().Elem().Kind() != reflect.Uint8 || v.IsZero() {
		return ""
	}
	id := make([]byte, size)
	for i := range id {
		id[i] = byte(v.Index(i).Uint())
	}
	return hex.EncodeToString(id)
}
