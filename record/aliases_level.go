package record

import (
	"log/slog"
	"strings"
)

// levelAlias takes the level from another name, the last of them severity when
// it is a text.
func (rd *reading) levelAlias() {
	if rd.has(FieldLevel) {
		return
	}
	if rd.alias(FieldLevel, levelNamesIn, scalar) {
		rd.numericLevel()
		return
	}
	if v := rd.row[FieldSeverity]; rd.has(FieldSeverity) && v.Kind() == slog.KindString {
		rd.give(FieldSeverity, slog.Value{})
		rd.give(FieldLevel, v)
	}
}

// numericLevel reads the levels of pino and bunyan: 10 is TRACE, 60 FATAL. Another
// number gives way to a level's name, if there is one.
func (rd *reading) numericLevel() {
	if !rd.has(FieldLevel) {
		return
	}
	n, ok := integer(rd.row[FieldLevel])
	if !ok {
		return
	}
	if n >= 10 && n <= 60 && n%10 == 0 {
		rd.give(FieldLevel, slog.StringValue(levelNames[n/10-1]))
		return
	}
	for _, name := range levelNamesIn {
		if v, ok := rd.take(name, isText); ok {
			rd.odd = append(rd.odd, slog.Attr{Key: Fields[FieldLevel].Name, Value: rd.row[FieldLevel]})
			rd.give(FieldLevel, v)
			return
		}
	}
}

// syslogLevels are the levels of GELF, by their number.
var syslogLevels = [...]string{"EMERG", "ALERT", "CRITICAL", "ERROR", "WARN", "NOTICE", "INFO", "DEBUG"}

func (rd *reading) isGELF() bool {
	version := rd.find("version")
	return version != nil && version.Value.Kind() == slog.KindString && strings.HasPrefix(version.Value.String(), "1.") &&
		rd.find("short_message") != nil
}

func (rd *reading) gelfLevel() {
	if n, ok := integer(rd.row[FieldLevel]); ok && n >= 0 && int(n) < len(syslogLevels) {
		rd.give(FieldLevel, slog.StringValue(syslogLevels[n]))
	}
}
