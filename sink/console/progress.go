package console

import (
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
)

const (
	// DefaultProgressInterval is how often a running job's progress is a line: often
	// enough to see that it lives, seldom enough not to bury the rest. The page has one
	// row for it that is always up to date.
	DefaultProgressInterval = 10 * time.Second
	// maxJobs bounds the jobs that are remembered; with more, each has its line at every
	// update again.
	maxJobs = 1000
)

// progress leaves out the updates of running jobs between two lines of theirs.
type progress struct {
	every time.Duration
	shown map[string]time.Time // by the job's name: the time of its last line
}

// skip reports whether a record is an update that is left out.
func (p *progress) skip(r *record.Record) bool {
	if r.Kind != record.KindCheckpoint || p.every < 0 {
		return false
	}
	status, counted := "", false
	for _, a := range r.Attrs {
		switch {
		case a.Key == "status" && a.Value.Kind() == slog.KindString:
			status = a.Value.String()
		case a.Key == "done":
			counted = true
		}
	}
	if status != "IN_PROGRESS" || !counted {
		delete(p.shown, r.Message)
		return false
	}
	if last, ok := p.shown[r.Message]; ok && r.Time.Sub(last) < p.every && !r.Time.Before(last) {
		return true
	}
	if p.shown == nil || len(p.shown) >= maxJobs {
		p.shown = map[string]time.Time{}
	}
	p.shown[r.Message] = r.Time
	return false
}
