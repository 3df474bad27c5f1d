package behaviour_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/writer"
)

// redirected makes files of standard output and standard error for a test.
func redirected(t *testing.T) (stdout, stderr func() string) {
	t.Helper()
	reader := func(stream **os.File, name string) func() string {
		f, err := os.Create(filepath.Join(t.TempDir(), name))
		mustDo(t, err)
		was := *stream
		*stream = f
		t.Cleanup(func() {
			*stream = was
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
		return func() string {
			got, err := os.ReadFile(f.Name())
			mustDo(t, err)
			return string(got)
		}
	}
	return reader(&os.Stdout, "stdout"), reader(&os.Stderr, "stderr")
}

// TestC12C13HandlersAndRenderers: ko-log's four handlers and five renderers, in Weir's keys.
func TestC12C13HandlersAndRenderers(t *testing.T) {
	const layout = `"layout": "%(levelname)s %(event)s"`
	const jsonForm = `{"type": "json", "indent": 2, "sort_keys": true, "ascii": true, "prefix": {"type": "text", ` + layout + `}}`
	const body = ":\n{\n  \"a\": 1,\n  \"b\": \"caf\\u00e9\"\n}\n"
	for name, c := range map[string]struct{ sink, stdout, stderr, file string }{
		"file_plain":    {`{"type": "file", "path": "$DIR/a.log", "mode": "truncate", "format": {"type": "text", ` + layout + `}}`, "", "", "INFO m\n"},
		"file_json":     {`{"type": "file", "path": "$DIR/a.log", "format": ` + jsonForm + `}`, "", "", "INFO m" + body},
		"rotating_file": {`{"type": "rotating_file", "path": "$DIR/a.log", "max_size": 100, "max_files": 2, "format": {"type": "text", ` + layout + `}}`, "", "", "INFO m\n"},
		"stream_plain":  {`{"type": "text", "stream": "stdout", ` + layout + `}`, "INFO m\n", "", ""},
		"use_stderr":    {`{"type": "text", "stream": "stderr", ` + layout + `}`, "", "INFO m\n", ""},
		"stream_colored": {
			`{"type": "text", "color": "always", "theme": {"info": "bold red on black"}, ` + layout + `}`,
			"\x1b[1;31;40mINFO\x1b[0m m\n", "", "",
		},
		"no_color":    {`{"type": "text", "color": "never", ` + layout + `}`, "INFO m\n", "", ""},
		"stream_json": {`{"type": "json", "indent": 2, "sort_keys": true, "ascii": true, "prefix": {"type": "text", ` + layout + `}}`, "INFO m" + body, "", ""},
		"null":        {`{"type": "null"}`, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			stdout, stderr := redirected(t)
			cfg := parse(t, `{"source": false, "sinks": {"s": `+c.sink+`}}`, config.Options{LookupEnv: env("DIR", dir)})
			log, err := cfg.New("app")
			mustDo(t, err)
			log.Info("m", "b", "café", "a", 1)
			mustDo(t, log.Close())
			got, err := os.ReadFile(filepath.Join(dir, "a.log"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if stdout() != c.stdout || stderr() != c.stderr || string(got) != c.file {
				t.Errorf("stdout %q, stderr %q, file %q", stdout(), stderr(), got)
			}
		})
	}
}

// bracket is a form of the program's own.
type bracket struct{ open, shut string }

func (f bracket) Append(b []byte, r *record.Record) []byte {
	return fmt.Appendf(b, "%s%s%s\n", f.open, r.Message, f.shut)
}

// TestC15CustomParts: handlers, renderers and processors of the program's own are named in
// the settings.
func TestC15CustomParts(t *testing.T) {
	var out said
	o := config.Options{
		LookupEnv: env(),
		Sinks: map[string]config.SinkBuilder{"memory": func(s *config.Section) func() (weir.Sink, error) {
			form := s.Format("format")
			return func() (weir.Sink, error) {
				f, err := form()
				return writer.New(&out, f), err
			}
		}},
		Formats: map[string]config.FormatBuilder{"bracket": func(s *config.Section) func() (format.Formatter, error) {
			f := bracket{s.Text("open", "["), s.Text("shut", "]")}
			return func() (format.Formatter, error) { return f, nil }
		}},
		Processors: map[string]config.ProcessorBuilder{"shout": func(s *config.Section) func() (weir.Processor, error) {
			mark := s.Text("mark", "!")
			return func() (weir.Processor, error) {
				return weir.ProcessorFunc(func(r *record.Record) bool {
					r.Message = strings.ToUpper(r.Message) + mark
					return true
				}), nil
			}
		}},
	}
	cfg := parse(t, `{"sinks": {"memory": {"format": {"type": "bracket", "open": "<"}, "processors": [{"type": "shout", "mark": "?"}]}}}`, o)
	log, err := cfg.New("app")
	mustDo(t, err)
	log.Info("own parts")
	mustDo(t, log.Close())
	if got := out.String(); got != "<OWN PARTS?]\n" {
		t.Errorf("written %q", got)
	}
	_, err = config.Parse([]byte(`{"sinks": {"memory": {"format": {"type": "bracket", "opne": "<"}}}}`), "weir.json", o)
	if err == nil || !strings.Contains(err.Error(), "did you mean open?") {
		t.Errorf("a mistyped key of an own format: %v", err)
	}
}
