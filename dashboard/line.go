package dashboard

import (
	"log/slog"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// lineTime is the time at the start of a line, in UTC.
const lineTime = "2006-01-02 15:04:05.000000"

// indent begins a further line of a record: no record starts with blanks, so no
// message can pass for a record of its own.
const indent = "    "

// lineHeadFields are told at the start of a line, or say nothing to a reader.
var lineHeadFields = [record.NumFields]bool{
	record.FieldPosition: true, record.FieldCreatedAt: true, record.FieldLevel: true, record.FieldMessage: true,
	record.FieldLogger: true, record.FieldObservedAt: true, record.FieldSeverity: true, record.FieldKind: true,
	record.FieldSeq: true, record.FieldSourceID: true, record.FieldMetadata: true, record.FieldStackTrace: true,
	record.FieldService: true,
	// The same on every line of a sender: the page and a search have them.
	record.FieldEnvironment: true, record.FieldServiceVersion: true, record.FieldLogType: true, record.FieldHost: true,
	// The place of the call ends the line; the function is told by it.
	record.FieldFunctionName: true, record.FieldFilePath: true, record.FieldLineNumber: true,
}

// appendLine writes a record for people: its time, level, source, message,
// attributes and the place of the call on one line, further lines of the message and
// the stack trace indented below. What repeats the line is left out, as the console
// does. What could move a terminal or look like another record is
// escaped.
func appendLine(dst []byte, r *record.Record) []byte {
	var row record.Row
	r.Row(&row)
	dst = r.Time.UTC().AppendFormat(dst, lineTime)
	dst = append(dst, ' ')
	level := r.LevelText()
	if level == "" {
		level = "-"
	}
	before := len(dst)
	dst = appendWord(dst, level)
	for len(dst)-before < len("ERROR") {
		dst = append(dst, ' ')
	}
	dst = append(dst, ' ')
	dst = appendWord(dst, sourceOf(&row))
	dst = append(dst, ' ')
	if r.Kind != record.KindLog {
		dst = append(dst, '[')
		dst = append(dst, r.Kind.String()...)
		dst = append(dst, "] "...)
	}
	first, further, several := strings.Cut(r.Message, "\n")
	dst = appendText(dst, strings.TrimSuffix(first, "\r"))
	for i := range row {
		switch id := record.FieldID(i); {
		case lineHeadFields[i],
			id == record.FieldDeleted && row[i].Kind() == slog.KindBool && !row[i].Bool(): // the usual
			continue
		}
		dst = appendAttr(dst, record.Fields[i].Name, row[i])
	}
	if rest := row[record.FieldMetadata]; rest.Kind() == slog.KindGroup {
		for _, a := range rest.Group() {
			if !repeats(r, a) {
				dst = appendAttr(dst, a.Key, a.Value)
			}
		}
	}
	dst = appendPlace(dst, row[record.FieldFilePath], row[record.FieldLineNumber])
	dst = append(dst, '\n')
	if several {
		dst = appendIndented(dst, further)
	}
	if stack := row[record.FieldStackTrace]; stack.Kind() == slog.KindString {
		dst = appendIndented(dst, stack.String())
	}
	return dst
}

// sourceOf names who wrote a record, as the page does: the service and the logger
// below it.
func sourceOf(row *record.Row) string {
	text := func(id record.FieldID) string {
		if row[id].Kind() != slog.KindString {
			return ""
		}
		return row[id].String()
	}
	service, logger := text(record.FieldService), text(record.FieldLogger)
	switch {
	case service == "" && logger == "":
		return "-"
	case logger == "":
		return service
	case service == "", service == logger, strings.HasPrefix(logger, service+"."):
		return logger
	}
	return service + "/" + logger
}

// repeats reports whether an attribute says to people what the line says already: the
// chain of an error, whose text is in the attribute error, and the name of a
// checkpoint that is the message.
func repeats(r *record.Record, a slog.Attr) bool {
	switch a.Key {
	case "error_chain":
		return true
	case "checkpoint":
		return r.Kind == record.KindCheckpoint && a.Value.Kind() == slog.KindString && a.Value.String() == r.Message
	}
	return false
}

// appendPlace writes where a record was logged: (main.go:12).
func appendPlace(dst []byte, file, line slog.Value) []byte {
	if file.Kind() != slog.KindString {
		return dst
	}
	path := file.String()
	dst = append(dst, " ("...)
	dst = appendText(dst, path[strings.LastIndexAny(path, `/\`)+1:])
	if line.Kind() == slog.KindInt64 {
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, line.Int64(), 10)
	}
	return append(dst, ')')
}

func appendAttr(dst []byte, key string, v slog.Value) []byte {
	if v.Kind() == slog.KindAny && v.Any() == nil {
		return dst
	}
	dst = append(dst, ' ')
	dst = appendWord(dst, key)
	dst = append(dst, '=')
	if v.Kind() == slog.KindString {
		return appendWord(dst, v.String())
	}
	text := string(record.AppendValue(nil, v))
	if unquoted, ok := strings.CutPrefix(text, `"`); ok { // a time or duration
		text = strings.TrimSuffix(unquoted, `"`)
	}
	return appendText(dst, text)
}

func appendIndented(dst []byte, text string) []byte {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\n") {
		dst = append(dst, indent...)
		dst = appendText(dst, strings.ReplaceAll(strings.TrimSuffix(line, "\r"), "\t", indent))
		dst = append(dst, '\n')
	}
	return dst
}

// appendWord writes a text that must stay one word: quoted where it is not.
func appendWord(dst []byte, s string) []byte {
	plain := s != "" && strings.IndexFunc(s, func(c rune) bool {
		return c == ' ' || c == '"' || c == '=' || c == utf8.RuneError || forges(c)
	}) < 0
	if plain {
		return append(dst, s...)
	}
	return strconv.AppendQuote(dst, s)
}

// appendText writes a text with everything escaped that forges.
func appendText(dst []byte, s string) []byte {
	for i, c := range s {
		if c == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				dst = append(dst, `\x`...)
				const digits = "0123456789abcdef"
				dst = append(dst, digits[s[i]>>4], digits[s[i]&15])
				continue
			}
		}
		if forges(c) {
			quoted := strconv.QuoteRuneToASCII(c)
			dst = append(dst, quoted[1:len(quoted)-1]...)
			continue
		}
		dst = utf8.AppendRune(dst, c)
	}
	return dst
}

// Two format characters are part of ordinary writing: they join and part letters
// and emoji.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// forges reports whether a character could make a text look like something else:
// controls (C0, C1), separators of lines, marks that turn the direction of
// writing, and other invisible ones.
func forges(c rune) bool {
	if c < utf8.RuneSelf {
		return c < ' ' || c == 0x7f
	}
	if c == zeroWidthJoiner || c == zeroWidthNonJoiner {
		return false
	}
	return unicode.In(c, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
