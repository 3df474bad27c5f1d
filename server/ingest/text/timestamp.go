package text

import (
	"strings"
	"time"
)

// The functions here read a time at the start of a text and return how long it
// is. They are written by hand because time.Parse needs a microsecond a layout.

// moment is a time as it is written, without a zone. The date or the year may be
// missing.
type moment struct {
	year, month, day            int
	hour, minute, second, nanos int
}

func (m moment) in(zone *time.Location) time.Time {
	return time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second, m.nanos, zone)
}

// isoTime reads 2006-01-02 15:04:05, with / for - as Go's log package writes it, T
// for the space, a fraction after . or , and a zone: Z, +01:00, +0100, " +0100",
// " UTC". Without a zone the time is in zone.
func isoTime(s string, zone *time.Location) (t time.Time, n int, ok bool) {
	if len(s) < 19 || s[4] != s[7] || s[4] != '-' && s[4] != '/' || s[10] != ' ' && s[10] != 'T' && s[10] != 't' {
		return time.Time{}, 0, false
	}
	m, n, ok := clock(s[11:])
	if !ok {
		return time.Time{}, 0, false
	}
	year, ok1 := number(s[:4])
	month, ok2 := number(s[5:7])
	day, ok3 := number(s[8:10])
	if !ok1 || !ok2 || !ok3 || !isDate(year, month, day) {
		return time.Time{}, 0, false
	}
	m.year, m.month, m.day = year, month, day
	n += 11
	if offset, length, ok := zoneOffset(s[n:]); ok {
		return m.in(time.UTC).Add(-offset), n + length, true
	}
	return m.in(zone), n, true
}

// shortTime reads 060102 150405 (HDFS) and 06/01/02 15:04:05 (Spark).
func shortTime(s string, zone *time.Location) (t time.Time, n int, ok bool) {
	if len(s) < 13 {
		return time.Time{}, 0, false
	}
	separated := s[2] == '/'
	date, rest := s[:6], s[6:]
	if separated {
		if len(s) < 17 || s[5] != '/' {
			return time.Time{}, 0, false
		}
		date, rest = s[0:2]+s[3:5]+s[6:8], s[8:]
	}
	if rest[0] != ' ' {
		return time.Time{}, 0, false
	}
	packed, ok := number(date)
	m := moment{year: 2000 + packed/10_000, month: packed / 100 % 100, day: packed % 100}
	if !ok || !isDate(m.year, m.month, m.day) {
		return time.Time{}, 0, false
	}
	if separated {
		c, n, ok := clock(rest[1:])
		m.hour, m.minute, m.second, m.nanos = c.hour, c.minute, c.second, c.nanos
		return m.in(zone), 9 + n, ok
	}
	packed, ok = number(rest[1:7])
	m.hour, m.minute, m.second = packed/10_000, packed/100%100, packed%100
	if !ok || m.hour > 23 || m.minute > 59 || m.second > 59 {
		return time.Time{}, 0, false
	}
	return m.in(zone), 13, true
}

// dayTime reads 15:04:05 with an optional fraction: today, or yesterday when that
// would lie in the future.
func dayTime(s string, zone *time.Location, now func() time.Time) (t time.Time, n int, ok bool) {
	m, n, ok := clock(s)
	if !ok {
		return time.Time{}, 0, false
	}
	today := now().In(zone)
	m.year, m.month, m.day = today.Year(), int(today.Month()), today.Day()
	t = m.in(zone)
	if t.Sub(today) > clockSkew {
		t = t.AddDate(0, 0, -1)
	}
	return t, n, true
}

// clockSkew is how far another machine's clock may be ahead before a time without a
// day is taken for yesterday's.
const clockSkew = 10 * time.Minute

// ctime reads Mon Jan _2 15:04:05 2006, with an optional fraction (Apache).
func ctime(s string, zone *time.Location) (t time.Time, n int, ok bool) {
	if len(s) < 24 || s[3] != ' ' || !isWeekday(s[:3]) {
		return time.Time{}, 0, false
	}
	m, n, ok := stamp(s[4:])
	n += 4
	if !ok || len(s) < n+5 || s[n] != ' ' {
		return time.Time{}, 0, false
	}
	m.year, ok = number(s[n+1 : n+5])
	if !ok || !isDate(m.year, m.month, m.day) {
		return time.Time{}, 0, false
	}
	return m.in(zone), n + 5, true
}

// stamp reads Jan _2 15:04:05, with an optional fraction.
func stamp(s string) (m moment, n int, ok bool) {
	if len(s) < 15 || s[3] != ' ' || s[6] != ' ' {
		return moment{}, 0, false
	}
	if m, n, ok = clock(s[7:]); !ok {
		return moment{}, 0, false
	}
	m.month = monthOf(s[:3])
	m.day, ok = number(strings.TrimPrefix(s[4:6], " "))
	return m, n + 7, ok && m.month > 0
}

// yearless dates a time that has no year.
func yearless(m moment, zone *time.Location, now time.Time) (time.Time, bool) {
	return Yearless(now, zone, func(year int) (time.Time, bool) {
		m.year = year
		return m.in(zone), isDate(m.year, m.month, m.day)
	})
}

// Yearless dates a time that has no year: the latest that is at most a day ahead of now,
// since the writer's clock or zone may be. in places the time in a year; ok is false when
// that year has no such day.
func Yearless(now time.Time, zone *time.Location, in func(year int) (t time.Time, ok bool)) (time.Time, bool) {
	const toLeapYear = 8 // 29 February may be that many years back
	this := now.In(zone).Year()
	for year := this + 1; year >= this-toLeapYear; year-- {
		if t, ok := in(year); ok && t.Sub(now) <= 24*time.Hour {
			return t, true
		}
	}
	return time.Time{}, false
}

// clock reads 15:04:05 and a fraction after . or , of up to nine digits.
func clock(s string) (m moment, n int, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return moment{}, 0, false
	}
	hour, ok1 := number(s[:2])
	minute, ok2 := number(s[3:5])
	second, ok3 := number(s[6:8])
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 59 {
		return moment{}, 0, false
	}
	m = moment{hour: hour, minute: minute, second: second}
	n = 8
	if len(s) > 9 && (s[8] == '.' || s[8] == ',') && isDigit(s[9]) {
		scale := int(time.Second)
		for n = 9; n < len(s) && isDigit(s[n]); n++ {
			scale /= 10
			m.nanos += int(s[n]-'0') * scale
		}
	}
	return m, n, true
}

// zoneOffset reads a zone behind a time.
func zoneOffset(s string) (offset time.Duration, n int, ok bool) {
	if s == "" {
		return 0, 0, false
	}
	switch {
	case s[0] == 'Z' || s[0] == 'z':
		return 0, 1, true
	case len(s) >= 4 && (s[:4] == " UTC" || s[:4] == " GMT") && ends(s, 4):
		return 0, 4, true
	case s[0] == ' ' && len(s) >= 6 && (s[1] == '+' || s[1] == '-'):
		offset, n, ok = zoneOffset(s[1:])
		return offset, n + 1, ok && n == 5
	case s[0] != '+' && s[0] != '-' || len(s) < 5:
		return 0, 0, false
	}
	n = 5
	minutes := s[3:5]
	if s[3] == ':' {
		if len(s) < 6 {
			return 0, 0, false
		}
		n, minutes = 6, s[4:6]
	}
	h, ok1 := number(s[1:3])
	m, ok2 := number(minutes)
	if !ok1 || !ok2 || h > 18 || m > 59 {
		return 0, 0, false
	}
	offset = time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, n, true
}

func number(s string) (n int, ok bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

func isDate(year, month, day int) bool {
	if year < 1 || month < 1 || month > 12 || day < 1 || day > 31 {
		return false
	}
	return day <= 28 || time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day
}

func monthOf(s string) int {
	for m := time.January; m <= time.December; m++ {
		if s == m.String()[:3] {
			return int(m)
		}
	}
	return 0
}

func isWeekday(s string) bool {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if s == d.String()[:3] {
			return true
		}
	}
	return false
}
