package record

import "strings"

// Severity is the OpenTelemetry severity number: 1–4 TRACE, 5–8 DEBUG, 9–12
// INFO, 13–16 WARN, 17–20 ERROR, 21–24 FATAL. Zero means that the level is not
// known; a record then keeps the text it came with.
//
// https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
type Severity uint8

// The six levels, as the number a plain level of that name has.
const (
	SeverityUnknown Severity = 0
	SeverityTrace   Severity = 1
	SeverityDebug   Severity = 5
	SeverityInfo    Severity = 9
	SeverityWarn    Severity = 13
	SeverityError   Severity = 17
	SeverityFatal   Severity = 21

	severityMax Severity = 24
)

// levelNames are the canonical names, one for each four severities.
var levelNames = [...]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}

// Level returns the canonical level name, or "" when the severity is unknown.
func (s Severity) Level() string {
	if s == SeverityUnknown || s > severityMax {
		return ""
	}
	return levelNames[(s-1)/4]
}

// SeverityOf maps a slog level to its severity. The slog numbers are nine less
// (slog INFO 0 is severity 9), so levels between the named ones keep their place.
// Levels outside TRACE…FATAL+3 are clamped.
func SeverityOf(slogLevel int) Severity {
	n := slogLevel + int(SeverityInfo)
	return Severity(min(max(n, int(SeverityTrace)), int(severityMax)))
}

// levelAliases are the names that are accepted for a level, upper case.
var levelAliases = map[string]Severity{
	"TRACE": SeverityTrace, "VERBOSE": SeverityTrace, "FINEST": SeverityTrace, "T": SeverityTrace, "V": SeverityTrace, "TRC": SeverityTrace,
	"DEBUG": SeverityDebug, "D": SeverityDebug, "DBG": SeverityDebug,
	"INFO": SeverityInfo, "INFORMATION": SeverityInfo, "NOTICE": SeverityInfo, "I": SeverityInfo, "INF": SeverityInfo,
	"WARN": SeverityWarn, "WARNING": SeverityWarn, "W": SeverityWarn, "WRN": SeverityWarn,
	"ERROR": SeverityError, "ERR": SeverityError, "SEVERE": SeverityError, "E": SeverityError,
	"FATAL": SeverityFatal, "CRITICAL": SeverityFatal, "CRIT": SeverityFatal, "PANIC": SeverityFatal, "DPANIC": SeverityFatal,
	"ALERT": SeverityFatal, "EMERG": SeverityFatal, "EMERGENCY": SeverityFatal, "F": SeverityFatal, "C": SeverityFatal, "FTL": SeverityFatal,
}

// ParseLevel reads a level's name in any case, with the usual aliases, and with
// an offset as slog writes levels between its own (INFO+2, DEBUG-1). ok is false,
// and the severity zero, when the name is not known.
func ParseLevel(name string) (s Severity, ok bool) {
	if s, ok = levelAliases[name]; ok {
		return s, true
	}
	const longest = len("INFORMATION") + len("+999")
	name = strings.TrimSpace(name)
	if len(name) > longest {
		return 0, false
	}
	name = strings.ToUpper(name)
	if s, ok = levelAliases[name]; ok {
		return s, true
	}
	sign := strings.LastIndexAny(name, "+-")
	if sign < 1 {
		return 0, false
	}
	s, ok = levelAliases[name[:sign]]
	offset, digitsOnly := digits(name[sign+1:])
	if !ok || !digitsOnly || sign+1 == len(name) {
		return 0, false
	}
	if name[sign] == '-' {
		offset = -offset
	}
	return SeverityOf(int(s) - int(SeverityInfo) + offset), true
}

// saysMore reports whether an alias of a level says more than the level does, so
// that its text is worth keeping.
func saysMore(name string) bool {
	switch strings.ToUpper(name) {
	case "NOTICE", "CRITICAL", "CRIT", "PANIC", "DPANIC", "ALERT", "EMERG", "EMERGENCY":
		return true
	}
	return false
}

// setLevel sets r's level from a text and returns the text when it says more than
// the level.
func (r *Record) setLevel(text string) (more string) {
	s, ok := ParseLevel(text)
	if !ok {
		r.Severity, r.Level = SeverityUnknown, text
		return ""
	}
	r.Severity, r.Level = s, ""
	if saysMore(strings.TrimSpace(text)) {
		return text
	}
	return ""
}
