package view

import (
	"errors"
	"strings"
	"time"

	"github.com/weirlog/weir/query"
)

// errTimeBound is for people: it says what would have been understood.
var errTimeBound = errors.New("not a time: write 15m, 2h or 7d for a time back from now, 2026-11-20, or 2026-11-20T10:00:00Z")

// TimeBound reads a `since` or `until` text as query.ParseTime does, in UTC; the
// error is for people.
func TimeBound(text string, now time.Time) (time.Time, error) {
	t, ok := query.ParseTime(strings.TrimSpace(text), now)
	if !ok {
		return time.Time{}, errTimeBound
	}
	return t.UTC(), nil
}
