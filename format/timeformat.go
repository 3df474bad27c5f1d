package format

import (
	"fmt"
	"strconv"
	"time"
)

// TimeFormat is how times are written: what ParseTimeFormat makes of strftime's
// directives. The zero value stands for a default.
type TimeFormat struct{ parts []timePart }

// timePart is a directive after a text.
type timePart struct {
	text string
	verb byte // 0: none, at the end
}

// timeVerbs are the directives that ParseTimeFormat reads. Names of days and months
// are English, as in Python's C locale.
const timeVerbs = "%Y %m %d %H %M %S %f %z %Z %j %a %A %b %B %p %I %y %X %x %c %%"

// verbMillis is three digits of milliseconds; strftime has no directive for them.
const verbMillis = 'L'

// The forms of times that are written unless told otherwise.
var (
	longTime   = splitTime("%Y-%m-%d %H:%M:%S.%L")
	shortTime  = splitTime("%H:%M:%S.%L")
	pythonTime = splitTime("%Y-%m-%d %H:%M:%S,%L") // logging's default asctime
)

// ParseTimeFormat reads Python's strftime directives, as "%Y-%m-%d %H:%M:%S": year,
// month, day, hour, minute, second, %f microseconds, %z and %Z the zone, %j day of
// the year, %a %A %b %B names, %p AM or PM, %I hour of 12, %y year of the century,
// %X %x %c the time, the date and both, %% a percent sign. Another directive is an
// error.
func ParseTimeFormat(directives string) (TimeFormat, error) {
	if directives == "" {
		return TimeFormat{}, fmt.Errorf("time format is empty: use directives as in %q", "%Y-%m-%d %H:%M:%S")
	}
	for i := 0; i < len(directives); i++ {
		if directives[i] != '%' {
			continue
		}
		i++
		if i == len(directives) {
			return TimeFormat{}, fmt.Errorf("time format %q: at %d: the directive after %% is missing; for a percent sign write %%%%", directives, i-1)
		}
		if !isTimeVerb(directives[i]) {
			return TimeFormat{}, fmt.Errorf("time format %q: at %d: there is no directive %q; there are %s", directives, i-1, directives[i-1:i]+firstRune(directives[i:]), timeVerbs)
		}
	}
	return TimeFormat{parts: splitTime(directives)}, nil
}

func isTimeVerb(c byte) bool {
	for i := 1; i < len(timeVerbs); i += 3 {
		if timeVerbs[i] == c {
			return true
		}
	}
	return false
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return s
}

// splitTime cuts directives that are known to be good.
func splitTime(s string) []timePart {
	var parts []timePart
	text := []byte{}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '%':
			text = append(text, s[i])
			continue
		case s[i+1] == '%':
			text = append(text, '%')
		default:
			parts = append(parts, timePart{text: string(text), verb: s[i+1]})
			text = text[:0]
		}
		i++
	}
	return append(parts, timePart{text: string(text)})
}

func (f TimeFormat) isZero() bool { return f.parts == nil }

// Append appends t, in the zone that it has.
func (f TimeFormat) Append(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	for i := range f.parts {
		b = append(b, f.parts[i].text...)
		switch f.parts[i].verb {
		case 0:
		case 'Y':
			b = appendPadded(b, year, 4)
		case 'm':
			b = appendPadded(b, int(month), 2)
		case 'd':
			b = appendPadded(b, day, 2)
		case 'H':
			b = appendPadded(b, hour, 2)
		case 'M':
			b = appendPadded(b, minute, 2)
		case 'S':
			b = appendPadded(b, second, 2)
		case verbMillis:
			b = appendPadded(b, t.Nanosecond()/1_000_000, 3)
		default:
			b = appendSeldom(b, t, f.parts[i].verb)
		}
	}
	return b
}

// appendSeldom appends the directives that few formats have.
func appendSeldom(b []byte, t time.Time, verb byte) []byte {
	switch verb {
	case 'f':
		return appendPadded(b, t.Nanosecond()/1000, 6)
	case 'j':
		return appendPadded(b, t.YearDay(), 3)
	case 'y':
		return appendPadded(b, ((t.Year()%100)+100)%100, 2)
	case 'I':
		return appendPadded(b, (t.Hour()+11)%12+1, 2)
	case 'p':
		return t.AppendFormat(b, "PM")
	case 'z':
		return t.AppendFormat(b, "-0700")
	case 'Z':
		return t.AppendFormat(b, "MST")
	case 'a':
		return t.AppendFormat(b, "Mon")
	case 'A':
		return t.AppendFormat(b, "Monday")
	case 'b':
		return t.AppendFormat(b, "Jan")
	case 'B':
		return t.AppendFormat(b, "January")
	case 'X':
		return t.AppendFormat(b, "15:04:05")
	case 'x':
		return t.AppendFormat(b, "01/02/06")
	default: // %c
		return t.AppendFormat(b, "Mon Jan _2 15:04:05 2006")
	}
}

// appendPadded appends n with zeros before it.
func appendPadded(b []byte, n, width int) []byte {
	if n < 0 {
		return strconv.AppendInt(b, int64(n), 10)
	}
	for limit := 10; width > 1; width-- {
		if n >= limit {
			limit *= 10
			continue
		}
		b = appendZeros(b, width-1)
		break
	}
	return strconv.AppendInt(b, int64(n), 10)
}
