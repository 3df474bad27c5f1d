package format

import (
	"bytes"
	"log/slog"
	"strconv"
	"time"

	"github.com/weirlog/weir/record"
)

// RedisLogOptions say how RedisLog writes.
type RedisLogOptions struct {
	// Username and Hostname are what a record without its own says. A record's own are
	// its attribute username, and its host.
	Username, Hostname string
}

// What Python's logging writes where it does not know the place of a call.
const (
	unknownFile     = "(unknown file)"
	unknownFunction = "(unknown function)"
)

// RedisLog returns the form of python-redis-log: one line of JSON with eleven keys, in
// ASCII, as its readers and Elva's page know it. The levels are debug, info, warning,
// error and fatal, or unknown; the time is UTC without a zone; msg is the message as it
// is, with no args to apply. Attributes have no place in it, but for those that are the
// place of the call, the stack and the user's name.
func RedisLog(o RedisLogOptions) Formatter { return &redisLogForm{o} }

type redisLogForm struct{ o RedisLogOptions }

var _ Formatter = (*redisLogForm)(nil)

// Append implements Formatter.
func (f *redisLogForm) Append(b []byte, r *record.Record) []byte {
	start := len(b)
	user, host, logger := f.o.Username, f.o.Hostname, r.Logger
	if v, ok := r.Lookup("username"); ok {
		user = record.ValueText(v)
	}
	if r.Resource != nil && r.Resource.Host != "" {
		host = r.Resource.Host
	}
	if logger == "" && r.Resource != nil {
		logger = r.Resource.Service
	}
	if logger == "" {
		logger = "root" // as Python calls the one without a name
	}
	line := int64(0)
	if v, ok := r.Lookup(nameOf(record.FieldLineNumber)); ok && v.Kind() == slog.KindInt64 {
		line = v.Int64()
	}
	b = redisText(append(b, `{"username": `...), user)
	b = redisText(append(b, `, "args": [], "name": `...), logger)
	b = redisText(append(b, `, "level": `...), redisLevel(r.Severity))
	b = strconv.AppendInt(append(b, `, "line_no": `...), line, 10)
	b = append(b, `, "traceback": `...)
	if stack := redisField(r, record.FieldStackTrace, ""); stack != "" {
		b = redisText(b, stack)
	} else {
		b = append(b, "null"...)
	}
	b = redisText(append(b, `, "filename": `...), redisField(r, record.FieldFilePath, unknownFile))
	b = redisTime(append(b, `, "time": "`...), r.Time)
	b = redisText(append(b, `", "msg": `...), r.Message)
	b = redisText(append(b, `, "funcname": `...), redisField(r, record.FieldFunctionName, unknownFunction))
	b = redisText(append(b, `, "hostname": `...), host)
	return append(escapeJSON(append(b, '}'), start, true), '\n')
}

// redisField returns a field as text, or what stands for none.
func redisField(r *record.Record, id record.FieldID, none string) string {
	if v, ok := r.Lookup(nameOf(id)); ok {
		if text := record.ValueText(v); text != "" {
			return text
		}
	}
	return none
}

func redisText(b []byte, text string) []byte { return record.AppendValue(b, slog.StringValue(text)) }

// redisLevel is Python's name of a level, in small letters. It has none below debug.
func redisLevel(s record.Severity) string {
	switch {
	case s == record.SeverityUnknown:
		return "unknown"
	case s < record.SeverityInfo:
		return "debug"
	case s < record.SeverityWarn:
		return "info"
	case s < record.SeverityError:
		return "warning"
	case s < record.SeverityFatal:
		return "error"
	}
	return "fatal"
}

// redisTime writes a time as Python's isoformat does: without a fraction when there is
// none.
func redisTime(b []byte, t time.Time) []byte {
	t = t.UTC().Truncate(time.Microsecond)
	b = bytes.TrimSuffix(record.AppendTime(b, t), []byte{'Z'})
	return bytes.TrimSuffix(b, []byte(".000000"))
}
