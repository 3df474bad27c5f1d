package syslog

import (
	"strings"
	"time"

	"github.com/weirlog/weir/server/ingest/text"
)

// stamp is a time in front of a message.
type stamp struct {
	time  time.Time
	colon bool   // a colon ends it, as Cisco's devices write: no host follows
	note  string // what was not clear about it
}

// moment is a time as it is written. A year of 0 is missing.
type moment struct{ year, month, day, hour, minute, second, nanos int }

func (m moment) in(zone *time.Location) time.Time {
	return time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second, m.nanos, zone)
}

// stampAt reads a time at the start of s and the space behind it.
func (p *Parser) stampAt(s string) (t stamp, rest string, ok bool) {
	if len(s) < len("Oct 1 15:04:05") {
		return stamp{}, s, false
	}
	if isDigit(s[0]) && s[4] == '-' {
		t, s, ok = p.isoStamp(s)
	} else {
		t, s, ok = p.bsdStamp(s)
	}
	if !ok {
		return stamp{}, s, false
	}
	if s, t.colon = strings.CutPrefix(s, ":"); s != "" && s[0] != ' ' {
		return stamp{}, s, false
	}
	return t, skipSpaces(s), true
}

// isoStamp reads RFC 3339, and what resembles it: a space for the T, no zone.
func (p *Parser) isoStamp(s string) (t stamp, rest string, ok bool) {
	const date = len("2006-01-02")
	end := date + 1 + strings.IndexByte(s[date+1:], ' ')
	if end == date {
		end = len(s)
	}
	text := strings.TrimSuffix(s[:end], ":")
	at, ok := isoTime(text)
	if !ok {
		return stamp{}, s, false
	}
	if !strings.ContainsAny(text[date+1:], "Zz+-") {
		at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), p.zone)
	}
	return stamp{time: at}, s[len(text):], true
}

// bsdStamp reads Oct  1 15:04:05, with a day of one or two digits, with a weekday
// and a year in any of the places where they are written, a fraction and a zone.
func (p *Parser) bsdStamp(s string) (t stamp, rest string, ok bool) {
	var m moment
	if year, after, ok := yearAt(s); ok && after[0] == ' ' {
		m.year, s = year, skipSpaces(after)
	}
	if len(s) > 4 && s[3] == ' ' && isWeekday(s[:3]) {
		s = skipSpaces(s[4:])
	}
	if len(s) < len("Oct 1 15:04:05") || s[3] != ' ' {
		return stamp{}, s, false
	}
	m.month = monthOf(s[:3])
	s = skipSpaces(s[4:])
	n := digitsAt(s)
	if m.month == 0 || n == 0 || n > 2 {
		return stamp{}, s, false
	}
	m.day = number(s[:n])
	if s = s[n:]; s == "" || s[0] != ' ' {
		return stamp{}, s, false
	}
	s = skipSpaces(s)
	if year, after, ok := yearAt(s); ok && m.year == 0 && after[0] == ' ' {
		m.year, s = year, skipSpaces(after)
	}
	if s, ok = m.readClock(s); !ok {
		return stamp{}, s, false
	}
	zone, note, s := p.zoneAt(s)
	if m.year == 0 && len(s) > 5 && s[0] == ' ' {
		if year, after, ok := yearAt(s[1:]); ok && (after[0] == ' ' || after[0] == ':') {
			m.year, s = year, after
		}
	}
	at, ok := p.date(m, zone)
	return stamp{time: at, note: note}, s, ok
}

// date places a moment in a zone. One without a year gets the latest that is at
// most a day ahead of now: the sender's clock or zone may be.
func (p *Parser) date(m moment, zone *time.Location) (time.Time, bool) {
	if m.year != 0 {
		return m.in(zone), isDate(m.year, m.month, m.day)
	}
	return text.Yearless(p.clock(), zone, func(year int) (time.Time, bool) {
		m.year = year
		return m.in(zone), isDate(m.year, m.month, m.day)
	})
}

// zoneAt reads what may follow a time: " UTC", " +0200", and before a colon or a year
// any zone's name.
func (p *Parser) zoneAt(s string) (zone *time.Location, note, rest string) {
	if s == "" || s[0] != ' ' {
		return p.zone, "", s
	}
	word := s[1:]
	if end := strings.IndexAny(word, " :"); end >= 0 {
		word = word[:end]
	}
	rest = s[1+len(word):]
	if len(word) == 5 && (word[0] == '+' || word[0] == '-') && digitsAt(word[1:]) == 4 {
		seconds := number(word[1:3])*3600 + number(word[3:])*60
		if word[0] == '-' {
			seconds = -seconds
		}
		return time.FixedZone(word, seconds), "", rest
	}
	_, behind, year := yearAt(strings.TrimPrefix(rest, " "))
	sure := strings.HasPrefix(rest, ":") || year && behind[0] == ' '
	switch {
	case (word == "UTC" || word == "GMT") && (sure || rest == "" || rest[0] == ' '):
		return time.UTC, "", rest
	case sure && len(word) >= 2 && len(word) <= 5 && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "":
		return p.zone, "the zone " + word + " was taken for the server's", rest
	}
	return p.zone, "", s
}

// readClock reads 15:04:05 and a fraction after . or , of any length.
func (m *moment) readClock(s string) (rest string, ok bool) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' || digitsAt(s) != 2 || digitsAt(s[3:]) != 2 || digitsAt(s[6:]) != 2 {
		return s, false
	}
	m.hour, m.minute, m.second = number(s[:2]), number(s[3:5]), number(s[6:8])
	if m.hour > 23 || m.minute > 59 || m.second > 60 { // 60 is a leap second
		return s, false
	}
	s = s[8:]
	if len(s) > 1 && (s[0] == '.' || s[0] == ',') && isDigit(s[1]) {
		unit := int(time.Second)
		for s = s[1:]; s != "" && isDigit(s[0]); s = s[1:] {
			unit /= 10
			m.nanos += int(s[0]-'0') * unit
		}
	}
	return s, true
}

// yearAt reads a year of four digits, behind which there is more.
func yearAt(s string) (year int, rest string, ok bool) {
	if digitsAt(s) != 4 || len(s) == 4 {
		return 0, s, false
	}
	year = number(s[:4])
	return year, s[4:], year >= firstYear
}

// firstYear: clocks that were never set are there, or later.
const firstYear = 1970

// number reads up to four digits.
func number(digits string) (n int) {
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

func isDate(year, month, day int) bool {
	if day < 1 || day > 31 {
		return false
	}
	return day <= 28 || time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day
}

// monthOf knows the first three letters of a month's name, in any case.
func monthOf(s string) int {
	for m := time.January; m <= time.December; m++ {
		if strings.EqualFold(s, m.String()[:3]) {
			return int(m)
		}
	}
	return 0
}

func isWeekday(s string) bool {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.EqualFold(s, d.String()[:3]) {
			return true
		}
	}
	return false
}
