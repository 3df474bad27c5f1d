package processor

import (
	"log/slog"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// Level drops records below min; nil stands for INFO. A record of an unknown level
// passes: nobody can say that it is below. min is asked for each record, so a
// *slog.LevelVar can be changed meanwhile. It may stand in several places.
func Level(min slog.Leveler) weir.Processor {
	if min == nil {
		min = slog.LevelInfo
	}
	return levelFilter{min}
}

type levelFilter struct{ min slog.Leveler }

func (f levelFilter) Process(r *record.Record, emit func(record.Record)) error {
	if r.Severity == record.SeverityUnknown || r.Severity >= record.SeverityOf(int(f.min.Level())) {
		emit(*r)
	}
	return nil
}

func (levelFilter) String() string { return "level" }
