package weir

import (
	"context"
	"log/slog"
)

// Handler is the slog.Handler of a Logger.
type Handler struct{ emitter }

var _ slog.Handler = (*Handler)(nil)

// NewHandler makes a logger and returns its handler, for slog.New.
func NewHandler(name string, opts ...Option) *Handler { return New(name, opts...).Handler() }

// Enabled implements slog.Handler.
func (h *Handler) Enabled(_ context.Context, level slog.Level) bool { return h.enabled(level) }

// Handle implements slog.Handler. Its errors are those of [Logger.TryLog].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	return h.emitRecord(ctx, &r)
}

// WithAttrs implements slog.Handler. Values are resolved now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	c := *h
	c.scope = h.scope.withAttrs(h.node.core, attrs)
	return &c
}

// WithGroup implements slog.Handler.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	c := *h
	c.scope = h.scope.withGroup(name)
	return &c
}

// Logger returns the logger that logs as h does.
func (h *Handler) Logger() *Logger { return &Logger{h.emitter} }

// Flush is [Logger.Flush].
func (h *Handler) Flush(ctx context.Context) error { return h.node.core.flush(ctx, false) }

// Close is [Logger.Close].
func (h *Handler) Close() error { return h.Logger().Close() }
