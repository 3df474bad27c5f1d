package collector

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/sender"
)

// What is wrong with a body, in the words of the log-collector's server.
var (
	errNoLogs    = errors.New("Missing 'logs' field")    //nolint:staticcheck // the clients' text
	errLogsNoArr = errors.New("'logs' must be an array") //nolint:staticcheck // the clients' text
)

// defaults are what the log-collector's server gives a record without them.
func defaults() record.Resource {
	return record.Resource{Service: "unknown", Environment: "development", ServiceVersion: "v0.0.0-dev", LogType: "BACKEND"}
}

// keyLogs is the member of a body that has its entries.
const keyLogs = "logs"

// logsOf finds the array in the body, and checks the syntax of all of it. Of several
// arrays the last counts.
func logsOf(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		return nil, invalid(errors.New("unexpected byte order mark"))
	}
	var logs []byte
	err := record.Members(data, func(key string, value []byte) bool {
		if key == keyLogs {
			logs = bytes.TrimSpace(value)
		}
		return true
	})
	switch {
	case err != nil && isValue(data):
		return nil, errNoLogs
	case err != nil:
		return nil, invalid(err)
	case logs == nil:
		return nil, errNoLogs
	case logs[0] != '[':
		return nil, errLogsNoArr
	}
	return logs, nil
}

// isValue reports whether data, which is no object, is another JSON value.
func isValue(data []byte) bool {
	n := 0
	err := record.Elements(append(append([]byte("["), data...), ']'), func([]byte) bool { n++; return true })
	return err == nil && n == 1
}

func invalid(err error) error { return fmt.Errorf("Invalid JSON: %w", err) } //nolint:staticcheck // the clients' text

// parseEntry reads one entry. One that is not an object becomes a record with its
// text as the message.
func parseEntry(entry []byte, resources *record.Interner) record.Record {
	r, repairs, err := record.ParseJSON(entry, record.ParseOptions{Resources: resources, MaxValues: sender.MaxValues})
	if err != nil {
		r = record.Record{Message: textOf(entry)}
		repairs = []record.Repair{{Field: "message", Reason: "the entry is not a JSON object, its text is kept"}}
	}
	if r.Severity == record.SeverityUnknown && r.Level == "" {
		r.Severity = record.SeverityInfo
	}
	if r.Time.Equal(time.Unix(0, 0)) { // the clients' way to say that there is none
		r.Time = time.Time{}
	}
	sender.KeepGiven(&r)
	repairs = slices.DeleteFunc(repairs, func(one record.Repair) bool { return one.Field == "id" }) // here an id is a number, and kept
	record.MarkRepaired(&r, repairs)
	return r
}

// isDated reports whether an entry says when it was created.
func isDated(entry []byte) bool {
	r := parseEntry(entry, nil)
	return !r.Time.IsZero()
}

// textOf returns a JSON string's text, and other values as they are written.
func textOf(entry []byte) string {
	if len(entry) > 0 && entry[0] == '"' {
		attrs, err := record.ParseAttrs(append(append([]byte(`{"text":`), entry...), '}'))
		if err == nil && len(attrs) == 1 {
			return attrs[0].Value.String()
		}
	}
	return string(entry)
}
