package weir

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/weirlog/weir/internal/flat"
	"github.com/weirlog/weir/record"
)

// derived returns a copy to be changed.
func (l *Logger) derived() *Logger {
	c := *l
	return &c
}

// TryWithout returns a logger without the attributes that With has given it under
// these keys. It is an error when one of them is not there; the logger is then l.
func (l *Logger) TryWithout(keys ...string) (*Logger, error) {
	c := l.derived()
	var missing []string
	for _, key := range keys {
		s, found := c.scope.without(key)
		if !found {
			missing = append(missing, key)
		}
		c.scope = s
	}
	if len(missing) > 0 {
		return l, &Error{
			Layer: LayerFactory, Service: "Logger", Category: CategoryValidation, Severity: SeverityWarning,
			Message:     fmt.Sprintf("the logger has no attribute %s", strings.Join(missing, ", ")),
			UserMessage: "use Without where a key may be absent",
			Context:     map[string]any{"keys": missing},
		}
	}
	return c, nil
}

// Without returns a logger without the attributes that With has given it under these
// keys. A key that is not there is ignored.
func (l *Logger) Without(keys ...string) *Logger {
	c := l.derived()
	for _, key := range keys {
		c.scope, _ = c.scope.without(key)
	}
	return c
}

// Fresh returns a logger of the same name with these attributes and no others: those
// of With, WithGroup and WithContext are left behind.
func (l *Logger) Fresh(args ...any) *Logger {
	c := l.derived()
	c.scope = l.node.scope()
	return c.With(args...)
}

// Tagged returns a logger whose records carry a tag.
func (l *Logger) Tagged(tag string) *Logger {
	return l.With(slog.String(fieldName(record.FieldTag), tag))
}

// WithSource returns a logger that records the function, file and line of its calls,
// or does not.
func (l *Logger) WithSource(on bool) *Logger {
	c := l.derived()
	c.source = on
	return c
}

// Sync returns a logger whose calls return when the sinks have been given the record,
// and what was logged before it. They wait CloseTimeout at most, or until the context
// of the call ends.
func (l *Logger) Sync() *Logger {
	c := l.derived()
	c.sync = true
	return c
}

// SetDefaults sets attributes that every record gets that is logged from now on with
// any logger of the same New, in place of those set before. Attributes of loggers, contexts
// and calls win over them.
func (l *Logger) SetDefaults(args ...any) {
	c := l.node.core
	e := flat.Encoder{MaxText: c.maxRecord}
	b := appendArgs(&e, nil, args)
	c.truncated.Add(uint64(e.Cut))
	c.defaults.Store(&b)
}

// ClearDefaults takes SetDefaults back.
func (l *Logger) ClearDefaults() { l.node.core.defaults.Store(nil) }

// afterSync waits for a synchronous logger's record.
func (e *emitter) afterSync(ctx context.Context) {
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(ctx, e.node.core.closeTimeout)
	defer cancel()
	// A sink's failure is counted and told; the call has no error to return it with.
	_ = e.node.core.flush(ctx, true)
}
