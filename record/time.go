package record

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// AppendTime appends t as times are written everywhere: RFC 3339 in UTC with
// microseconds.
func AppendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
	}
	hour, minute, second := t.Clock()
	dst = appendDigits(dst, year, 4)
	dst = append(dst, '-')
	dst = appendDigits(dst, int(month), 2)
	dst = append(dst, '-')
	dst = appendDigits(dst, day, 2)
	dst = append(dst, 'T')
	dst = appendDigits(dst, hour, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, minute, 2)
	dst = append(dst, ':')
	dst = appendDigits(dst, second, 2)
	dst = append(dst, '.')
	dst = appendDigits(dst, t.Nanosecond()/1000, 6)
	return append(dst, 'Z')
}

func appendQuotedTime(dst []byte, t time.Time) []byte {
	return append(AppendTime(append(dst, '"'), t), '"')
}

func appendDigits(dst []byte, n, width int) []byte {
	var digits [6]byte
	for i := width - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, digits[:width]...)
}

// ParseTime reads a time as people and loggers write it: RFC 3339; a date and a
// time with a space between them, seconds and their fraction (after a dot or a
// comma) left out or not, with a zone or without (then it is UTC); a date alone; or a
// number of seconds, milliseconds, micro- or nanoseconds since 1970, by its size.
// Years are 1 to 9999. The result is in UTC.
func ParseTime(text string) (time.Time, bool) {
	s := strings.TrimSpace(text)
	if len(s) >= 10 && (s[4] == '-' || s[4] == '/') && s[7] == s[4] {
		return parseDateTime(s)
	}
	if !isNumber(s) {
		return time.Time{}, false
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return unixInt(n)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return time.Time{}, false
	}
	return unixFloat(f)
}

// A number below these is seconds, milliseconds, microseconds: each unit reaches
// to the year 5138, and from 1973 on no number has two readings.
const (
	belowSeconds = 1e11
	belowMillis  = 1e14
	belowMicros  = 1e17
)

func unixInt(n int64) (time.Time, bool) {
	var t time.Time
	switch abs := math.Abs(float64(n)); {
	case abs < belowSeconds:
		t = time.Unix(n, 0)
	case abs < belowMillis:
		t = time.UnixMilli(n)
	case abs < belowMicros:
		t = time.UnixMicro(n)
	default:
		t = time.Unix(n/1e9, n%1e9)
	}
	t = t.UTC()
	return t, inYears(t)
}

func unixFloat(f float64) (time.Time, bool) {
	if !finite(f) {
		return time.Time{}, false
	}
	micros := f // rounded to microseconds: a float64 holds no more of today's seconds
	switch abs := math.Abs(f); {
	case abs < belowSeconds:
		micros = f * 1e6
	case abs < belowMillis:
		micros = f * 1e3
	case abs >= belowMicros:
		micros = f / 1e3
	}
	if math.Abs(micros) >= math.MaxInt64 {
		return time.Time{}, false
	}
	t := time.UnixMicro(int64(math.Round(micros))).UTC()
	return t, inYears(t)
}

// inYears reports whether t can be written with four digits for the year.
func inYears(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1 && year <= 9999
}

// parseDateTime reads s, of which the first ten bytes look like a date.
func parseDateTime(s string) (time.Time, bool) {
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || year == 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return time.Time{}, false
	}
	date := func(hour, minute, second, nanos, offset int) (time.Time, bool) {
		t := time.Date(year, time.Month(month), day, hour, minute, second-offset, nanos, time.UTC)
		return t, inYears(t)
	}
	s = s[10:]
	if s == "" {
		return date(0, 0, 0, 0, 0)
	}
	if s[0] != 'T' && s[0] != 't' && s[0] != ' ' && s[0] != '_' || len(s) < 6 || s[3] != ':' {
		return time.Time{}, false
	}
	hour, ok1 := digits(s[1:3])
	minute, ok2 := digits(s[4:6])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return time.Time{}, false
	}
	s = s[6:]
	second, nanos := 0, 0
	if len(s) >= 3 && s[0] == ':' {
		var ok bool
		if second, ok = digits(s[1:3]); !ok || second > 60 { // 60 is a leap second
			return time.Time{}, false
		}
		s = s[3:]
		if len(s) >= 2 && (s[0] == '.' || s[0] == ',') && isDigit(s[1]) {
			n, unit := 1, 100_000_000
			for ; n < len(s) && isDigit(s[n]); n++ {
				nanos += int(s[n]-'0') * unit
				unit /= 10
			}
			s = s[n:]
		}
	}
	offset, ok := zoneOffset(s)
	if !ok {
		return time.Time{}, false
	}
	return date(hour, minute, second, nanos, offset)
}

// zoneOffset reads what follows a time of day, in seconds east of Greenwich.
func zoneOffset(s string) (int, bool) {
	if len(s) > 1 && s[0] == ' ' {
		s = s[1:]
	}
	switch s {
	case "", "Z", "z", "UTC", "GMT":
		return 0, true
	}
	sign := 1
	switch s[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return 0, false
	}
	s = strings.TrimSuffix(s[1:], " UTC") // as time.Time prints itself: +0000 UTC
	hours, minutes, ok1, ok2 := 0, 0, false, true
	switch {
	case len(s) == 2:
		hours, ok1 = digits(s)
	case len(s) == 4:
		hours, ok1 = digits(s[:2])
		minutes, ok2 = digits(s[2:])
	case len(s) == 5 && s[2] == ':':
		hours, ok1 = digits(s[:2])
		minutes, ok2 = digits(s[3:])
	}
	if !ok1 || !ok2 || hours > 23 || minutes > 59 {
		return 0, false
	}
	return sign * (hours*3600 + minutes*60), true
}

func isDigit(c byte) bool { return c-'0' < 10 }

// digits reads a short number of nothing but digits.
func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
