package file

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests, wherever they run
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestPeriod(t *testing.T) {
	berlin, kathmandu, utc := zone(t, "Europe/Berlin"), zone(t, "Asia/Kathmandu"), time.UTC
	const layout = "2006-01-02 15:04:05 -0700"
	for _, c := range []struct {
		name       string
		at         string
		every      time.Duration
		loc        *time.Location
		start, end string
	}{
		{"second", "2026-11-20 10:00:00 +0000", time.Second, utc, "2026-11-20 10:00:00 +0000", "2026-11-20 10:00:01 +0000"},
		{"quarter", "2026-11-20 10:44:59 +0000", 15 * time.Minute, utc, "2026-11-20 10:30:00 +0000", "2026-11-20 10:45:00 +0000"},
		{"hour of a zone with quarters", "2026-11-20 10:44:59 +0545", time.Hour, kathmandu, "2026-11-20 10:00:00 +0545", "2026-11-20 11:00:00 +0545"},
		{"day", "2026-11-20 00:00:00 +0100", 24 * time.Hour, berlin, "2026-11-20 00:00:00 +0100", "2026-11-21 00:00:00 +0100"},
		{"week begins on Monday", "2026-11-20 10:00:00 +0100", 7 * 24 * time.Hour, berlin, "2026-11-16 00:00:00 +0100", "2026-11-23 00:00:00 +0100"},
		{"before 1970", "1969-12-31 23:30:00 +0000", time.Hour, utc, "1969-12-31 23:00:00 +0000", "1970-01-01 00:00:00 +0000"},
		{"day of 23 hours", "2026-03-29 12:00:00 +0200", 24 * time.Hour, berlin, "2026-03-29 00:00:00 +0100", "2026-03-30 00:00:00 +0200"},
		{"day of 25 hours", "2026-10-25 12:00:00 +0100", 24 * time.Hour, berlin, "2026-10-25 00:00:00 +0200", "2026-10-26 00:00:00 +0100"},
		{"quarter of that day", "2026-10-25 00:30:00 +0200", 6 * time.Hour, berlin, "2026-10-25 00:00:00 +0200", "2026-10-25 06:00:00 +0100"},
		{"first of the two hours", "2026-10-25 02:30:00 +0200", time.Hour, berlin, "2026-10-25 02:00:00 +0200", "2026-10-25 02:00:00 +0100"},
		{"second of the two hours", "2026-10-25 02:30:00 +0100", time.Hour, berlin, "2026-10-25 02:00:00 +0100", "2026-10-25 03:00:00 +0100"},
	} {
		parse := func(s string) time.Time {
			at, err := time.Parse(layout, s)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		p := periodOf(parse(c.at), c.every, c.loc)
		if !p.start.Equal(parse(c.start)) || !p.end.Equal(parse(c.end)) {
			t.Errorf("%s: %v to %v, want %s to %s", c.name, p.start, p.end, c.start, c.end)
		}
	}
}

// TestPeriodsFollowEachOther: at every moment of the days around a change of clocks, for
// odd intervals too, the period holds the moment.
func TestPeriodsFollowEachOther(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu"} {
		loc := zone(t, name)
		for _, every := range []time.Duration{7 * time.Second, 20 * time.Minute, 45 * time.Minute, time.Hour, 90 * time.Minute, 5 * time.Hour, 24 * time.Hour} {
			for _, from := range []time.Time{
				time.Date(2018, 11, 3, 12, 0, 0, 0, loc), time.Date(2026, 3, 28, 12, 0, 0, 0, loc),
				time.Date(2026, 4, 4, 12, 0, 0, 0, loc), time.Date(2026, 10, 24, 12, 0, 0, 0, loc),
			} {
				for m := range 36 * 60 {
					at := from.Add(time.Duration(m) * time.Minute)
					if p := periodOf(at, every, loc); p.start.After(at) || p.over(at) {
						t.Fatalf("%s, every %v: %v is not in %v to %v", name, every, at, p.start, p.end)
					}
				}
			}
		}
	}
}

func TestPeriodOver(t *testing.T) {
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	p := periodOf(at, 24*time.Hour, time.UTC)
	for _, c := range []struct {
		now  time.Time
		want bool
	}{
		{at, false},
		{time.Date(2026, 11, 20, 23, 59, 59, 999, time.UTC), false},
		{time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), true},
		{time.Date(2026, 11, 19, 23, 59, 59, 0, time.UTC), false}, // set back a little
		{time.Date(2026, 11, 18, 0, 0, 0, 0, time.UTC), true},     // it was wrong before
	} {
		if got := p.over(c.now); got != c.want {
			t.Errorf("%v: %v", c.now, got)
		}
	}
}

func TestRetry(t *testing.T) {
	r := retry{least: time.Second, most: 5 * time.Second}
	now := time.Unix(100, 0)
	if !r.due(now) {
		t.Error("the first attempt is not due")
	}
	for _, wait := range []time.Duration{1, 2, 4, 5, 5} {
		r.failed(now)
		if r.due(now.Add(wait*time.Second - 1)) {
			t.Errorf("due before %d s", wait)
		}
		if !r.due(now.Add(-time.Hour)) {
			t.Error("not due after the clock was set back")
		}
		now = now.Add(wait * time.Second)
		if !r.due(now) {
			t.Errorf("not due after %d s", wait)
		}
	}
	r.succeeded()
	if !r.due(now) {
		t.Error("not due after a success")
	}
}
