package weir

import "log/slog"

// The levels. A level between two of them is kept as a severity between theirs.
const (
	LevelTrace = slog.Level(-8)
	LevelDebug = slog.LevelDebug
	LevelInfo  = slog.LevelInfo
	LevelWarn  = slog.LevelWarn
	LevelError = slog.LevelError
	LevelFatal = slog.Level(12) // a level, never an exit
)
