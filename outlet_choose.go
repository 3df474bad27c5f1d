package weir

import (
	"log/slog"

	"github.com/weirlog/weir/record"
)

// choose passes the records of a batch that are for this sink through its level and its
// processors.
func (o *outlet) choose(b *batch) {
	if o.takesAll(b) {
		o.chosen = append(o.chosen, b.records...)
		return
	}
	members := o.members.Load()
	least, limited := levelOf(o.options.Level)
	for i := range b.records {
		from := &b.origins[i]
		if !o.takes(from, members) {
			continue
		}
		r := &b.records[i]
		// What another sink failed to write is not to be lost for its level.
		if limited && !reaches(r, least) && from.logger != rescued {
			o.passed++
			continue
		}
		if o.chain == nil {
			o.chosen = append(o.chosen, *r)
			continue
		}
		before := len(o.chosen)
		o.chain.first(*r)
		if len(o.chosen) == before {
			o.passed++
		}
	}
}

// countPassed counts what was kept away, unless all of it was counted as dropped
// meanwhile.
func (o *outlet) countPassed() {
	if !o.isGivenUp() {
		o.filtered.Add(o.passed)
	}
	o.passed = 0
}

// levelOf asks a Leveler, which is not ours. ok is false when there is none, or it
// panics as a nil *slog.LevelVar does.
func levelOf(l slog.Leveler) (level slog.Level, ok bool) {
	if l == nil {
		return 0, false
	}
	err := guard(func() error {
		level = l.Level()
		return nil
	})
	return level, err == nil
}

// reaches reports whether a record has at least a level. One whose level is unknown
// does: better too much than lost.
func reaches(r *record.Record, level slog.Level) bool {
	return r.Severity == record.SeverityUnknown || r.Severity >= record.SeverityOf(int(level))
}

// takesAll reports whether the batch goes to the sink as it is.
func (o *outlet) takesAll(b *batch) bool {
	return o.chain == nil && o.options.Level == nil && o.tap == nil && o.members.Load() == nil && o.isSince(b)
}

// isSince reports whether all records of a batch came after the sink was added.
func (o *outlet) isSince(b *batch) bool {
	since := o.since.Load()
	if since == 0 {
		return true
	}
	if len(b.origins) == 0 || b.origins[0].stamp <= since {
		return false
	}
	if b.origins[0].logger != rescued {
		o.since.Store(0) // so will be all later ones
	}
	return true
}

func (o *outlet) takes(from *origin, members *[]bool) bool {
	if from.logger == rescued {
		return true
	}
	if since := o.since.Load(); since != 0 && from.stamp <= since {
		return false
	}
	if o.tap != nil {
		return o.core.taps.follows(from.tap, o.tap)
	}
	return members == nil || int(from.logger) < len(*members) && (*members)[from.logger]
}

// share counts the records of a batch that are for this sink, whatever its level.
func (o *outlet) share(b *batch) (n int64) {
	if b.count > 0 {
		return int64(b.count) // lines are for all
	}
	members := o.members.Load()
	if members == nil && o.tap == nil && o.isSince(b) {
		return int64(len(b.origins))
	}
	for i := range b.origins {
		if o.takes(&b.origins[i], members) {
			n++
		}
	}
	return n
}
