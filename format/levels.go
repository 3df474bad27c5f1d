package format

import (
	"log/slog"
	"strings"

	"github.com/weirlog/weir/record"
)

// LevelNames are the names that a layout writes for levels.
type LevelNames uint8

// The names of levels.
const (
	// LevelsByName writes Weir's names for %(level)s and Python's for %(levelname)s.
	LevelsByName LevelNames = iota
	LevelsWeir              // TRACE DEBUG INFO WARN ERROR FATAL
	LevelsPython            // TRACE DEBUG INFO WARNING ERROR CRITICAL
	LevelsLower             // trace debug info warning error fatal, as redis-log has them
)

// text returns a level's name; an unknown level keeps its own.
func (n LevelNames) text(r *record.Record) string {
	python := n == LevelsPython || n == LevelsLower
	name := r.LevelText()
	switch {
	case r.Severity == record.SeverityUnknown:
	case python && name == "WARN":
		name = "WARNING"
	case n == LevelsPython && name == "FATAL":
		name = "CRITICAL"
	}
	if n == LevelsLower {
		return strings.ToLower(name)
	}
	return name
}

// levelName finds the level's name; python says that its own name asks for Python's.
func levelName(python bool) getter {
	return func(f *textForm, r *record.Record) slog.Value {
		names := f.o.Levels
		if names == LevelsByName && python {
			names = LevelsPython
		}
		if name := names.text(r); name != "" {
			return slog.StringValue(name)
		}
		return slog.Value{}
	}
}

// pythonLevel returns the number that Python's logging has for a level: ten for each
// level, and TRACE, which it does not have, at 5.
func pythonLevel(s record.Severity) int {
	switch {
	case s == record.SeverityUnknown:
		return 0
	case s < record.SeverityDebug:
		return 5 + int(s-record.SeverityTrace)
	}
	return 10 + int(s-record.SeverityDebug)*10/4
}
