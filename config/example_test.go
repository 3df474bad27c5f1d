package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/sink/writer"
)

func ExampleNew() {
	dir, err := os.MkdirTemp("", "weir")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "weir.json")
	settings := `{"log": {"sinks": {"text": {"layout": "%(levelname)s %(name)s: %(message)s"}}, "levels": {"shop.db": "warn"}}}`
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	log, err := config.New("shop", config.Options{File: file})
	if err != nil {
		fmt.Println(err)
		return
	}
	log.Info("order placed")
	log.Named("db").Info("not worth a line")
	log.Named("db").Warn("slow query")
	if err := log.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// INFO shop: order placed
	// WARNING shop.db: slow query
}

func ExampleParse() {
	_, err := config.Parse([]byte(`{"log": {"levle": "info", "memory_limit": "16M"}}`), "weir.json", config.Options{})
	fmt.Println(err)
	// Output:
	// weir.json:1:10: log.levle: there is no such key (did you mean level?)
	// weir.json:1:43: log.memory_limit: "16M" is not a size ("16M" can mean two sizes: say 16MiB or 16MB)
}

func ExampleConfig_Effective() {
	env := map[string]string{"WEIR_OVERFLOW": "block"}
	c, err := config.Parse([]byte(`{"level": "debug"}`), "weir.json", config.Options{
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range c.Effective()[:3] {
		fmt.Printf("%s = %s (%s)\n", s.Key, s.Value, s.Origin)
	}
	// Output:
	// log.level = debug (weir.json:1:11)
	// log.overflow = block (WEIR_OVERFLOW)
	// log.block_timeout = 1s (default)
}

// A program's own processor, format and sink, which its settings name.
func ExampleOptions() {
	o := config.Options{
		Processors: map[string]config.ProcessorBuilder{
			"request_id": func(s *config.Section) func() (weir.Processor, error) {
				id := s.Text("id", "none")
				return func() (weir.Processor, error) {
					return weir.ProcessorFunc(func(r *record.Record) bool {
						r.Message = "[" + id + "] " + r.Message
						return true
					}), nil
				}
			},
		},
		Formats: map[string]config.FormatBuilder{
			"shout": func(*config.Section) func() (format.Formatter, error) {
				return func() (format.Formatter, error) { return format.Text("%(message)s!", format.TextOptions{}) }
			},
		},
		Sinks: map[string]config.SinkBuilder{
			"printer": func(s *config.Section) func() (weir.Sink, error) {
				form := s.Format("format")
				return func() (weir.Sink, error) {
					f, err := form()
					return writer.New(os.Stdout, f), err
				}
			},
		},
	}
	const settings = `{"sinks": {"printer": {"format": "shout", "processors": [{"type": "request_id", "id": "abc123"}]}}}`
	c, err := config.Parse([]byte(settings), "weir.json", o)
	if err != nil {
		fmt.Println(err)
		return
	}
	log, err := c.New("shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	log.Info("processing")
	if err := log.Close(); err != nil {
		fmt.Println(err)
	}
	// Output: [abc123] processing!
}

func ExampleConfig_Logger() {
	c, err := config.Parse([]byte(`{"loggers": {"shop.db": {"level": "debug"}}}`), "weir.json", config.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	log, err := c.New("shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close() //nolint:errcheck // nothing was logged
	_, err = c.Logger(log, "shop.bd")
	fmt.Println(err)
	// Output: logger `shop.bd` not found in configuration (did you mean shop.db?)
}

// Load checks settings and makes nothing: for a command that only wants to know.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "weir")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "weir.json")
	if err := os.WriteFile(file, []byte(`{"level": "debug"}`), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	c, err := config.Load(config.Options{File: file})
	if err != nil {
		fmt.Println(err)
		return
	}
	log, err := c.New("shop", weir.WithSink(null.New()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close() //nolint:errcheck // it writes nothing
	fmt.Println(filepath.Base(c.File()), log.Levels()[0].Level)
	// Output: weir.json DEBUG
}

// A builder reads its keys from a Section: what is wrong is gathered, and told with all else.
func ExampleSection() {
	pager := func(s *config.Section) func() (weir.Sink, error) {
		number := s.Text("number", "")
		if number == "" {
			s.Refuse("number", "nobody is called", "give a telephone number")
		}
		s.Secret("pin")
		s.Choice("voice", "alto", "alto", "tenor")
		s.Bool("repeat", true)
		s.Int("tries", 3, 1)
		s.Float("loudness", 0.5, 0, 1)
		s.Size("longest", 1<<10, 1)
		s.Duration("pause", time.Minute)
		s.Level("above")
		s.Texts("days")
		s.Attrs("attrs")
		if quiet := s.Section("quiet"); quiet != nil {
			for _, day := range quiet.Keys() {
				quiet.Text(day, "")
			}
			quiet.Done()
		}
		for _, deputy := range s.Sections("deputies") {
			fmt.Println(deputy.Path(), deputy.Text("number", ""), deputy.Has("name"))
			deputy.Done()
		}
		return func() (weir.Sink, error) { return null.New(), nil }
	}
	const settings = `{"sinks": {"pager": {
  "voice": "bass", "tries": 0, "pause": 5, "lodness": 1,
  "quiet": {"sunday": "all day"},
  "deputies": [{"number": "555-0100"}]
}}}`
	_, err := config.Parse([]byte(settings), "weir.json", config.Options{Sinks: map[string]config.SinkBuilder{"pager": pager}})
	fmt.Println(err)
	// Output:
	// log.sinks.pager.deputies[0] 555-0100 false
	// weir.json:1:21: log.sinks.pager.number: nobody is called (give a telephone number)
	// weir.json:2:12: log.sinks.pager.voice: "bass" is not one of alto, tenor
	// weir.json:2:29: log.sinks.pager.tries: 0 is less than 1, the least
	// weir.json:2:41: log.sinks.pager.pause: 5 has no unit (write "5s" for seconds, or 250ms, 5m, 1h30m, 7d)
	// weir.json:2:44: log.sinks.pager.lodness: there is no such key (did you mean loudness?)
}

// keyValue reads files of lines KEY=VALUE.
func keyValue(data []byte) (*config.Node, error) {
	n := &config.Node{Kind: config.KindObject}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			return nil, &config.SyntaxError{Line: number, Column: 1, Err: errors.New("a line is KEY=VALUE")}
		}
		n.Members = append(n.Members, config.Member{
			Key: key, Line: number, Column: 1,
			Value: config.Node{Kind: config.KindText, Text: value, Line: number, Column: len(key) + 2},
		})
	}
	return n, nil
}

// A program can read its settings in a form of its own.
func ExampleDecoder() {
	o := config.Options{Decoders: []config.Decoder{{Extensions: []string{".conf"}, Decode: keyValue}}}
	_, err := config.Parse([]byte("level=debug\noverflow=blokc\n"), "weir.conf", o)
	fmt.Println(err)
	_, err = config.Parse([]byte("level debug\n"), "weir.conf", o)
	fmt.Println(err)
	_, err = config.JSON().Decode([]byte(`{"level": `))
	fmt.Println(err)
	// Output:
	// weir.conf:2:10: log.overflow: "blokc" is not one of drop_oldest, drop_newest, block, fail (did you mean block?)
	// read settings: weir.conf:1:1: a line is KEY=VALUE
	// the file ends in the middle of the settings
}
