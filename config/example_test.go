package config_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
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
