package redis

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// pythonNames are the keys of a Python log call and the fields they are: first those of
// python-redis-log, then those of logging.LogRecord. Where two stand for one field the
// first that is there is taken.
var pythonNames = []struct {
	key   string
	field record.FieldID
}{
	{"line_no", record.FieldLineNumber},
	{"lineno", record.FieldLineNumber},
	{"funcname", record.FieldFunctionName},
	{"funcName", record.FieldFunctionName},
	{"pathname", record.FieldFilePath},
	{"filename", record.FieldFilePath},
	{"traceback", record.FieldStackTrace},
	{"exc_text", record.FieldStackTrace},
	{"exc_info", record.FieldStackTrace},
	{"stack_info", record.FieldStackTrace},
}

// isPython tells the JSON of a Python log call: its text is not formatted yet, and
// stands beside a place that is written in Python's words.
func isPython(data []byte) bool {
	text, place := false, 0
	err := record.Members(data, func(key string, _ []byte) bool {
		switch key {
		case "msg":
			text = true
		case "message": // formatted already, as logging.Formatter leaves it
			place = -100
		case "line_no", "funcname", "lineno", "funcName", "levelno", "levelname", "pathname":
			place++
		}
		return true
	})
	return err == nil && text && place >= 2
}

// parsePython reads the JSON of a Python log call.
func (p *parser) parsePython(data []byte) (record.Record, []record.Repair, error) {
	r, repairs, err := record.ParseJSON(data, record.ParseOptions{Resources: p.resources, MaxValues: sender.MaxValues})
	if err != nil {
		return r, nil, err
	}
	c := pythonCall{r: &r, repairs: repairs}
	c.message()
	c.level()
	c.time()
	c.origin(p.resources)
	return r, c.repairs, nil
}

// pythonCall moves what a Python log call has into the fields of a record. What has no
// field stays an attribute of its name.
type pythonCall struct {
	r       *record.Record
	repairs []record.Repair
}

func (c *pythonCall) repair(field, reason string) {
	c.repairs = append(c.repairs, record.Repair{Field: field, Reason: reason})
}

func (c *pythonCall) find(key string) (slog.Value, bool) {
	for _, a := range c.r.Attrs {
		if a.Key == key {
			return a.Value, true
		}
	}
	return slog.Value{}, false
}

func (c *pythonCall) remove(key string) {
	for i, a := range c.r.Attrs {
		if a.Key == key {
			c.r.Attrs = append(c.r.Attrs[:i:i], c.r.Attrs[i+1:]...)
			return
		}
	}
}

// text takes an attribute that is a text.
func (c *pythonCall) text(key string) (string, bool) {
	v, ok := c.find(key)
	if !ok || v.Kind() != slog.KindString {
		return "", false
	}
	c.remove(key)
	return v.String(), true
}

// message applies the arguments to the text. Where they do not fit, both stay as they
// came. Python formats nothing when there are none.
func (c *pythonCall) message() {
	msg, ok := c.find("msg")
	if !ok { // null
		return
	}
	c.r.Message = pythonStr(msg)
	c.remove("msg")
	args, ok := c.find("args")
	if !ok {
		return
	}
	if isNothing(args) {
		c.remove("args")
		return
	}
	text, err := formatArgs(c.r.Message, args)
	if err != nil {
		c.repair("message", "the arguments do not fit the text, both are kept as they came: "+err.Error())
		return
	}
	c.r.Message = text
}

// isNothing reports whether Python would take a value for false.
func isNothing(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString:
		return v.String() == ""
	case slog.KindBool:
		return !v.Bool()
	case slog.KindInt64:
		return v.Int64() == 0
	case slog.KindAny:
		list, ok := v.Any().([]slog.Value)
		return v.Any() == nil || ok && len(list) == 0 || isEmptyObject(v)
	}
	return false
}

// level reads a name or a number of Python's: 10 is DEBUG, 50 CRITICAL. A number
// between the named ones keeps its place, and its name.
func (c *pythonCall) level() {
	number, numbered := int64(0), false
	if v, ok := c.find("levelno"); ok && v.Kind() == slog.KindInt64 {
		number, numbered = v.Int64(), true
		c.remove("levelno")
	}
	if c.r.Severity != record.SeverityUnknown {
		c.remove("levelname") // another word for the same
		return
	}
	name := c.r.Level
	if text, ok := c.text("levelname"); ok && name == "" {
		name = text
	}
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		name = ""
		if !numbered {
			number, numbered = n, true
		}
	}
	c.r.Severity, c.r.Level = record.SeverityUnknown, name
	if s, ok := record.ParseLevel(name); ok {
		c.r.Severity, c.r.Level = s, ""
		return
	}
	if !numbered || number <= 0 {
		return
	}
	c.r.Severity, c.r.Level = pythonSeverity(number), ""
	if name != "" {
		c.r.Attrs = append(c.r.Attrs, slog.String(record.AttrLevelText, name))
	} else if number%10 != 0 || number > 50 {
		c.r.Attrs = append(c.r.Attrs, slog.Int64("levelno", number))
	}
}

// pythonSeverity places a level's number. Python's levels are ten apart, the severities
// of ours four.
func pythonSeverity(number int64) record.Severity {
	if number < 10 {
		return record.SeverityTrace
	}
	number = min(number, 59)
	return record.SeverityDebug + record.Severity((number-10)/10*4+(number%10)*4/10)
}

// time reads the time of python-redis-log, in UTC without a zone, or created.
func (c *pythonCall) time() {
	if !c.r.Time.IsZero() {
		return
	}
	for _, key := range []string{"time", "created"} {
		v, ok := c.find(key)
		if !ok {
			continue
		}
		if t, ok := pythonTime(v); ok {
			c.r.Time = t
			c.remove(key)
			c.remove("msecs") // a part of it
			return
		}
		c.repair(key, "not a time")
	}
}

func pythonTime(v slog.Value) (time.Time, bool) {
	switch v.Kind() {
	case slog.KindString, slog.KindInt64, slog.KindFloat64:
		return record.ParseTime(v.String())
	case slog.KindAny:
		if number, ok := v.Any().(json.Number); ok {
			return record.ParseTime(string(number))
		}
	}
	return time.Time{}, false
}

// origin moves who logged where.
func (c *pythonCall) origin(resources *record.Interner) {
	if name, ok := c.text("name"); ok && c.r.Logger == "" {
		c.r.Logger = name
	}
	c.host(resources)
	taken := make(map[record.FieldID]bool)
	for _, n := range pythonNames {
		v, ok := c.find(n.key)
		field := record.Fields[n.field].Name
		if _, there := c.find(field); !ok || taken[n.field] || there {
			continue
		}
		number := record.Fields[n.field].Type == record.TypeInteger
		if number && v.Kind() != slog.KindInt64 || !number && v.Kind() != slog.KindString || !number && v.String() == "" {
			continue
		}
		taken[n.field] = true
		c.remove(n.key)
		c.r.Attrs = append(c.r.Attrs, slog.Attr{Key: field, Value: v})
	}
	trace, _ := c.find(record.Fields[record.FieldStackTrace].Name)
	if name := raised(trace); name != "" {
		field := record.Fields[record.FieldErrorType].Name
		if _, there := c.find(field); !there {
			c.r.Attrs = append(c.r.Attrs, slog.String(field, name))
		}
	}
}

func (c *pythonCall) host(resources *record.Interner) {
	if c.r.Resource != nil && c.r.Resource.Host != "" {
		return
	}
	host, ok := c.text("hostname")
	if !ok {
		return
	}
	var own record.Resource
	if c.r.Resource != nil {
		own = *c.r.Resource
	}
	own.Host = host
	c.r.Resource = resources.Intern(own)
}
