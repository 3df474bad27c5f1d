package format_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirtest"
)

// What is published for Elva's page, and for everybody who reads python-redis-log.
func ExampleRedisLog() {
	f := format.RedisLog(format.RedisLogOptions{Username: "app", Hostname: "web-1"})
	os.Stdout.Write(f.Append(nil, placed()))
	// Output: {"username": "app", "args": [], "name": "shop", "level": "warning", "line_no": 0, "traceback": null, "filename": "(unknown file)", "time": "2026-11-20T10:00:00.123000", "msg": "order placed", "funcname": "(unknown function)", "hostname": "web-1"}
}

func TestRedisLog(t *testing.T) {
	at := time.Date(2026, 11, 21, 0, 14, 45, 658_089_999, time.UTC)
	full := record.Record{
		Time: at, Severity: record.SeverityError, Logger: "my.logger", Message: "100% \"wrong\"\n한글 \U0001f600 } \r\n end\x00\xff",
		Resource: &record.Resource{Service: "shop", Host: "vm"},
		Attrs: []slog.Attr{
			slog.String("username", "root"), slog.Int("line_number", 7), slog.String("file_path", "../redislog_demo.py"),
			slog.String("function_name", "foo"), slog.String("stack_trace", "Traceback (most recent call last):\nZeroDivisionError: x"), slog.Int("order", 4711),
		},
	}
	for name, c := range map[string]struct {
		r    record.Record
		want string
	}{
		"full":  {full, `{"username": "root", "args": [], "name": "my.logger", "level": "error", "line_no": 7, "traceback": "Traceback (most recent call last):\nZeroDivisionError: x", "filename": "../redislog_demo.py", "time": "2026-11-21T00:14:45.658089", "msg": "100% \"wrong\"\n\ud55c\uae00 \ud83d\ude00 } \r\n end\u0000\ufffd", "funcname": "foo", "hostname": "vm"}` + "\n"},
		"empty": {record.Record{Time: at.Truncate(time.Second)}, `{"username": "u", "args": [], "name": "root", "level": "unknown", "line_no": 0, "traceback": null, "filename": "(unknown file)", "time": "2026-11-21T00:14:45", "msg": "", "funcname": "(unknown function)", "hostname": "h"}` + "\n"},
		"service": {
			record.Record{Time: at.In(time.FixedZone("", 7200)), Severity: record.SeverityTrace, Resource: &record.Resource{Service: "shop"}},
			`{"username": "u", "args": [], "name": "shop", "level": "debug", "line_no": 0, "traceback": null, "filename": "(unknown file)", "time": "2026-11-21T00:14:45.658089", "msg": "", "funcname": "(unknown function)", "hostname": "h"}` + "\n",
		},
	} {
		got := string(format.RedisLog(format.RedisLogOptions{Username: "u", Hostname: "h"}).Append([]byte("before "), &c.r))
		if got != "before "+c.want {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// TestRedisLogHasElevenKeys, each of its type, whatever is logged.
func TestRedisLogHasElevenKeys(t *testing.T) {
	f := format.RedisLog(format.RedisLogOptions{})
	for i, r := range weirtest.HostileRecords() {
		line := f.Append(nil, &r)
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil || len(got) != 11 {
			t.Errorf("hostile record %d has %d keys, %v:\n%.300s", i, len(got), err, line)
		}
		for key, value := range got {
			want := "string"
			switch key {
			case "args":
				want = "[]interface {}"
			case "line_no":
				want = "float64"
			case "traceback":
				if value == nil {
					continue
				}
			}
			if is := fmt.Sprintf("%T", value); is != want {
				t.Errorf("hostile record %d: %s is a %s", i, key, is)
			}
		}
		for j, c := range line {
			if c >= 0x7F || c < ' ' && j != len(line)-1 {
				t.Fatalf("hostile record %d has the byte %#x", i, c)
			}
		}
	}
}

func TestRedisLogLevels(t *testing.T) {
	f := format.RedisLog(format.RedisLogOptions{})
	for severity, want := range map[record.Severity]string{0: "unknown", 1: "debug", 5: "debug", 8: "debug", 9: "info", 12: "info", 13: "warning", 17: "error", 21: "fatal", 24: "fatal"} {
		var got struct{ Level string }
		if err := json.Unmarshal(f.Append(nil, &record.Record{Severity: severity}), &got); err != nil || got.Level != want {
			t.Errorf("severity %d is %q (%v), want %q", severity, got.Level, err, want)
		}
	}
}
