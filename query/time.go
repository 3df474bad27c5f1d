package query

import (
	"strconv"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// ParseTime reads a bound in time as the API, the terminal and queries take it: a
// duration back from now (15m, 1h30m, 7d, 2w), "now", or a time as record.ParseTime
// reads it (RFC 3339, seconds and zone may be missing, or a date alone).
func ParseTime(text string, now time.Time) (time.Time, bool) {
	if text == "now" {
		return now.UTC(), true
	}
	if d, ok := parseDuration(text); ok {
		return now.Add(-d).UTC(), true
	}
	return record.ParseTime(text)
}

// longestBack bounds durations back from now: 300 years overflow nothing.
const longestBack = 292 * 365 * 24 * time.Hour

// parseDuration reads a duration in Go's form, with days and weeks as well.
func parseDuration(text string) (time.Duration, bool) {
	var total time.Duration
	rest := text
	for rest != "" {
		n := 0
		for n < len(rest) && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '.') {
			n++
		}
		u := n
		for u < len(rest) && rest[u] > '9' {
			u++
		}
		count, err := strconv.ParseFloat(rest[:n], 64)
		unit := durationUnit(rest[n:u])
		if n == 0 || err != nil || unit == 0 || count*float64(unit) > float64(longestBack) {
			return 0, false
		}
		total += time.Duration(count * float64(unit))
		if total > longestBack {
			return 0, false
		}
		rest = rest[u:]
	}
	return total, text != ""
}

func durationUnit(name string) time.Duration {
	switch name {
	case "ms":
		return time.Millisecond
	case "s":
		return time.Second
	case "m", "min":
		return time.Minute
	case "h":
		return time.Hour
	case "d":
		return 24 * time.Hour
	case "w":
		return 7 * 24 * time.Hour
	}
	return 0
}

// fieldTime reads a value that is compared with created_at or observed_at. day says
// that it is a date alone, which stands for the whole day.
func fieldTime(text string, now time.Time) (t time.Time, day, ok bool) {
	t, ok = ParseTime(text, now)
	return t, ok && len(strings.TrimSpace(text)) == len(time.DateOnly) && strings.Count(text, "-")+strings.Count(text, "/") == 2, ok
}

// lastOfDay is the last moment of a day, in the microseconds that records have.
func lastOfDay(t time.Time) time.Time { return t.Add(24*time.Hour - time.Microsecond) }

func timeText(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.999999Z")
}
