package main

import (
	"context"
	"log/slog"
)

func openSlog(f *file, source bool) instance {
	return slogInstance(slog.New(slog.NewJSONHandler(f, &slog.HandlerOptions{AddSource: source})))
}

// openFloor is a *slog.Logger whose handler does nothing. It finds the place of the call
// in any case, as slog.Logger always does.
func openFloor(*file, bool) instance { return slogInstance(slog.New(noopHandler{})) }

// noopHandler takes every record of INFO and above, and does nothing with it.
type noopHandler struct{}

var _ slog.Handler = noopHandler{}

func (noopHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (noopHandler) Handle(context.Context, slog.Record) error        { return nil }
func (h noopHandler) WithAttrs([]slog.Attr) slog.Handler             { return h }
func (h noopHandler) WithGroup(string) slog.Handler                  { return h }
