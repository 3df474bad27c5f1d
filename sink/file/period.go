package file

import "time"

// monday is where intervals are counted from: 1970-01-05 was the first one of Unix's
// time. So a week's file begins on a Monday, and a day's or an hour's at its first
// moment.
const monday = 4 * 24 * time.Hour

// period is the time that one file is for.
type period struct{ start, end time.Time }

// periodOf returns the interval that t is in.
func periodOf(t time.Time, every time.Duration, loc *time.Location) period {
	t = t.In(loc)
	_, offset := t.Zone()
	wall := t.UnixNano() + int64(offset)*int64(time.Second)
	into := (wall - int64(monday)) % int64(every)
	if into < 0 {
		into += int64(every)
	}
	if every <= time.Hour {
		// What a changed clock shows twice is two files, not a long one.
		start := t.Add(-time.Duration(into))
		return period{start, start.Add(every)}
	}
	p := period{atWall(wall-into, loc), atWall(wall-into+int64(every), loc)}
	// A bound may fall into the hour that a changed clock shows twice or not at all.
	if p.start.After(t) {
		p.start = t
	}
	for !p.end.After(t) {
		p.end = p.end.Add(every)
	}
	return p
}

// atWall returns the moment at which clocks of loc show the given nanoseconds since
// 1970.
func atWall(ns int64, loc *time.Location) time.Time {
	u := time.Unix(0, ns).UTC()
	return time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), loc)
}

// over says that the period has ended. A clock that was set back a little does not end
// it; one that comes back from a wrong, later date does.
func (p period) over(now time.Time) bool {
	return !now.Before(p.end) || now.Before(p.start.Add(p.start.Sub(p.end)))
}
