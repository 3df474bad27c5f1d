package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
)

// refusals are settings that are wrong, by what is wrong with them. The golden file
// holds what is said about each.
var refusals = []struct{ name, file string }{
	{"unknown key", `{"levle": "info"}`},
	{"unknown key in another style", `{"maxRecordBytes": 100}`},
	{"unknown key far from all", `{"colour_of_the_sky": "blue"}`},
	{"unknown section", `{"log": {}, "sever": {}}`},
	{"section of a wrong kind", `{"log": "info"}`},
	{"not an object", `["log"]`},
	{"several at once", "{\n  \"level\": \"loud\",\n  \"max_records\": -1,\n  \"sinks\": {\n    \"app\": {\"type\": \"rotating_file\", \"path\": \"a.log\", \"max_size\": \"1MB\", \"max_fils\": 3}\n  }\n}"},
	{"level", `{"level": "wanr"}`},
	{"level of a wrong kind", `{"level": 3}`},
	{"overflow drop", `{"overflow": "drop"}`},
	{"overflow", `{"overflow": "blokc"}`},
	{"block timeout without block", `{"block_timeout": "1s"}`},
	{"duration without unit", `{"close_timeout": 5}`},
	{"duration", `{"close_timeout": "soon"}`},
	{"negative duration", `{"close_timeout": "-5s"}`},
	{"size", `{"memory_limit": "lots"}`},
	{"size with a unit that is two", `{"memory_limit": "16M"}`},
	{"size too small", `{"memory_limit": "1KiB"}`},
	{"size of a wrong kind", `{"memory_limit": true}`},
	{"record larger than its share", `{"memory_limit": "1MiB", "max_record_bytes": "512KiB"}`},
	{"number as text", `{"max_records": "10"}`},
	{"fraction", `{"max_records": 1.5}`},
	{"bool as text", `{"source": "yes"}`},
	{"resource", `{"resource": {"servise": "shop"}}`},
	{"path with an unset variable", `{"checkpoints": "$NOT_SET/checkpoints"}`},
	{"empty path", `{"checkpoints": " "}`},
	{"sink without a type", `{"sinks": {"app": {"path": "a.log"}}}`},
	{"sink type", `{"sinks": {"app": {"type": "fil"}}}`},
	{"sink type of a wrong kind", `{"sinks": {"app": {"type": 1}}}`},
	{"sink of a wrong kind", `{"sinks": {"app": "file"}}`},
	{"file without a path", `{"sinks": {"app": {"type": "file"}}}`},
	{"rotating file that does not rotate", `{"sinks": {"app": {"type": "rotating_file", "path": "a.log"}}}`},
	{"backups without rotation", `{"sinks": {"app": {"type": "file", "path": "a.log", "max_files": 5}}}`},
	{"backups beyond four digits", `{"sinks": {"app": {"type": "file", "path": "a.log", "max_size": 10, "max_files": 10000}}}`},
	{"rotation and new names", `{"sinks": {"app": {"type": "file", "path": "a.log", "max_size": 10, "mode": "new_name"}}}`},
	{"zone without interval", `{"sinks": {"app": {"type": "file", "path": "a.log", "time_zone": "UTC"}}}`},
	{"rights as a number", `{"sinks": {"app": {"type": "file", "path": "a.log", "perm": 640}}}`},
	{"rights", `{"sinks": {"app": {"type": "file", "path": "a.log", "perm": "0999"}}}`},
	{"one file twice", `{"sinks": {"a": {"type": "file", "path": "a.log"}, "b": {"type": "file", "path": "./x/../a.log"}}}`},
	{"text without a layout", `{"sinks": {"text": {}}}`},
	{"layout", `{"sinks": {"text": {"layout": "%(levelname"}}}`},
	{"date format", `{"sinks": {"text": {"layout": "%(asctime)s", "date_format": "%Q"}}}`},
	{"mistyped name in a layout", `{"sinks": {"text": {"layout": "%(levlname)s %(message)s"}, "a": {"type": "file", "path": "a.log", "format": {"type": "text", "layout": "%(mesage)s"}}}}`},
	{"date format and layout and colours", `{"sinks": {"text": {"layout": "%(mesage)s", "date_format": "%Q"}, "console": {"format": {"type": "text", "layout": "%(message)s", "date_format": "%Q", "color_fields": ["level"]}}}}`},
	{"time zone", `{"sinks": {"console": {"time_zone": "Mars/Olympus"}}}`},
	{"format", `{"sinks": {"console": {"format": "jsno"}}}`},
	{"format without a type", `{"sinks": {"console": {"format": {"indent": 2}}}}`},
	{"format with a wrong key", `{"sinks": {"console": {"format": {"type": "json", "indnt": 2}}}}`},
	{"format with a wrong layout", `{"sinks": {"a": {"type": "file", "path": "a.log", "format": {"type": "text", "layout": "%(a"}}}}`},
	{"style", `{"sinks": {"console": {"format": {"type": "console", "theme": {"warn": "loud"}}}}}`},
	{"fallback to itself", `{"sinks": {"console": {"fallback": "console"}}}`},
	{"fallback in a circle", `{"sinks": {"a": {"type": "null", "fallback": "b"}, "b": {"type": "null", "fallback": "c"}, "c": {"type": "null", "fallback": "a"}}}`},
	{"fallback that is not there", `{"sinks": {"console": {"fallback": "fiel"}, "file": {"path": "a.log"}}}`},
	{"fallback of a sink that ships", `{"sinks": {"server": {"type": "ship", "server": "http://127.0.0.1:1", "fallback": "file"}, "file": {"path": "a.log"}}}`},
	{"processor type", `{"processors": ["erors"]}`},
	{"processor without a type", `{"processors": [{}]}`},
	{"processor of a wrong kind", `{"processors": [1]}`},
	{"processors of a wrong kind", `{"processors": "errors"}`},
	{"processor without its keys", `{"processors": ["drop", "rename", "defaults", "filter", {"type": "keep", "keys": []}]}`},
	{"processor that cannot be made", `{"processors": [{"type": "redact", "patterns": ["("]}]}`},
	{"part of a call's place", `{"processors": [{"type": "callsite", "fields": ["lineno", "colno"]}]}`},
	{"query", `{"processors": [{"type": "filter", "query": "level:>>"}]}`},
	{"logger with a sink that is not there", `{"sinks": {"console": {}}, "loggers": {"app.db": {"sinks": ["consol"]}}}`},
	{"logger with a sink twice", `{"sinks": {"console": {}}, "loggers": {"app.db": {"sinks": ["console", "console"]}}}`},
	{"logger's name", `{"loggers": {"app..db": {"level": "info"}}}`},
	{"sink that no logger has", `{"sinks": {"console": {}, "null": {}}, "loggers": {"root": {"sinks": ["console"]}}}`},
	{"propagate at the root", `{"sinks": {"console": {}}, "loggers": {"root": {"sinks": ["console"], "propagate": true}}}`},
	{"propagate without sinks", `{"loggers": {"app.db": {"propagate": true}}}`},
	{"level of a name twice", `{"levels": {"app.db": "info"}, "loggers": {"app.db": {"level": "debug"}}}`},
	{"level of the root twice", `{"level": "info", "loggers": {"root": {"level": "debug"}}}`},
	{"level of the root among names", `{"levels": {"root": "info"}}`},
	{"ship without a server", `{"sinks": {"ship": {}}}`},
	{"server", `{"server": "localhost:5678"}`},
	{"server with a password", `{"server": "https://me:hunter2@logs.example.com"}`},
	{"server twice", `{"server": "http://127.0.0.1:1", "sinks": {"server": {"type": "ship", "server": "http://127.0.0.1:2"}}}`},
	{"token without a server", `{"token": "hunter2"}`},
	{"token of a wrong kind", `{"server": "http://127.0.0.1:1", "token": ["hunter2"]}`},
	{"bounds that contradict", `{"sinks": {"ship": {"server": "http://127.0.0.1:1", "batch_records": 20000, "batch_bytes": "32MiB", "retry_min": "1h", "spool_bytes": "1MB"}}}`},
	{"compression", `{"sinks": {"ship": {"server": "http://127.0.0.1:1", "compression": "zstd"}}}`},
	{"another compression", `{"sinks": {"ship": {"server": "http://127.0.0.1:1", "compression": "brotli"}}}`},
	{"stream", `{"sinks": {"console": {"stream": "terminal"}}}`},
	{"page without a page", `{"sinks": {"live": {"type": "page"}, "page": {"address": "127.0.0.1:0"}}}`},
	{"kind of program", `{"resource": {"log_type": "bakend"}}`},
	{"kind of program far from all", `{"resource": {"log_type": "cron"}}`},
	{"dashboard without a page", `{"dashboard": true}`},
	{"console twice", `{"console": true, "sinks": {"console": {}}}`},
	{"key twice", "{\"level\": \"info\",\n \"level\": \"warn\"}"},
	{"cut short", `{"level": "in`},
	{"not JSON", `{"level": info}`},
	{"comma too many", "{\n  \"level\": \"info\",\n}"},
	{"more after the end", `{} {}`},
	{"empty", ``},
	{"too deep", strings.Repeat("[", 50)},
}

// Every problem is told with the key's path, its place, the value, and what may have
// been meant; several are told at once. C28: all of them are typed errors.
func TestRefusalsC28(t *testing.T) {
	var out strings.Builder
	for _, c := range refusals {
		_, err := config.Parse([]byte(c.file), "weir.json", config.Options{LookupEnv: env()})
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		fmt.Fprintf(&out, "# %s\n%s\n%v\n\n", c.name, c.file, err)
		if strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
			t.Errorf("%s: the secret is told: %+v", c.name, err)
		}
		eachError(err, func(e *weir.Error) {
			if e.Code() == "" || e.Severity != weir.SeverityError || e.Context == nil {
				t.Errorf("%s: %#v", c.name, e)
			}
			if strings.Contains(fmt.Sprint(e.Context), "hunter2") {
				t.Errorf("%s: the context has the secret: %v", c.name, e.Context)
			}
		})
	}
	file := filepath.Join("testdata", "refusals.golden")
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// eachError calls f with every typed error that is joined.
func eachError(err error, f func(*weir.Error)) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // the joined error itself
		for _, e := range joined.Unwrap() {
			eachError(e, f)
		}
		return
	}
	var e *weir.Error
	if errors.As(err, &e) {
		f(e)
	}
}
