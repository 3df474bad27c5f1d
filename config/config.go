package config

import (
	"errors"
	"slices"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/sink/ship"
)

// Options say where settings come from and what they can name. The zero value: the
// file weir.json when there is one, the environment, the built-in parts.
type Options struct {
	// File is the settings file. It must be there. Default: the one that WEIR_CONFIG
	// names, else weir.json (or weir with another decoder's extension) in the working
	// directory, if there is one.
	File string
	// NoFile leaves the default file out: settings come from the environment and code.
	NoFile bool
	// DotEnv is a file of KEY=VALUE lines that stand below the environment. It may be
	// absent.
	DotEnv string
	// LookupEnv is the environment. Default os.LookupEnv.
	LookupEnv func(string) (string, bool)

	// Decoders read files that are not JSON: extra.TOML(), extra.YAML().
	Decoders []Decoder

	// Sinks, Processors and Formats are the types that settings can name besides the
	// built-in ones, whose place they take when they have the same name.
	Sinks      map[string]SinkBuilder
	Processors map[string]ProcessorBuilder
	Formats    map[string]FormatBuilder
	// Compressors are what the key compression of a sink that ships can name besides
	// gzip and none: extra.Compressors().
	Compressors map[string]func() ship.Compressor
}

// New makes a logger from settings. opts win over the environment, that over the
// file, that over the defaults; sinks in opts are added to those of the settings,
// unless an option replaces the slice. Settings of loggers whose names do not lie below
// name are told to weir.Options.Diagnostics, or printed to ErrorOutput: only Lookup reaches
// them.
//
// Its error is a *weir.Error of LayerFactory whose cause is what Load returns, or
// the error of the sink that could not be made. Then there is no logger.
func New(name string, o Options, opts ...weir.Option) (*weir.Logger, error) {
	c, err := Load(o)
	if err != nil {
		return nil, creation(name, err)
	}
	return c.New(name, opts...)
}

// Load reads and checks settings. It opens and creates nothing. Its error joins all
// that is wrong: each is a *weir.Error with the key's path, its place, the value,
// and what may have been meant.
func Load(o Options) (*Config, error) {
	env, err := newEnvironment(o)
	if err != nil {
		return nil, err
	}
	file, err := findFile(o, env)
	if err != nil {
		return nil, err
	}
	if file == "" {
		return read(&Node{Kind: KindObject}, "", o, env)
	}
	data, err := readFile(file)
	if err != nil {
		return nil, fileError(file, err)
	}
	return parse(data, file, o, env)
}

// Parse is Load for settings that are in memory. The end of the file's name says
// which decoder reads them; the name is what messages call them.
func Parse(data []byte, file string, o Options) (*Config, error) {
	env, err := newEnvironment(o)
	if err != nil {
		return nil, err
	}
	return parse(data, file, o, env)
}

func parse(data []byte, file string, o Options, env *environment) (*Config, error) {
	root, err := o.decode(file, data)
	if err != nil {
		return nil, fileError(file, err)
	}
	return read(root, file, o, env)
}

func read(root *Node, file string, o Options, env *environment) (*Config, error) {
	c := &Config{file: file, report: &report{file: file}}
	section := logSection(root, c.report)
	expand(section, "console")
	expand(section, "dashboard")
	env.overlay(section, c.report)
	c.read(newSection(section, "log", c.report, newParts(o, env)))
	if err := c.report.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Config are settings that have been checked. It is used by one goroutine at a time.
type Config struct {
	file    string
	report  *report
	options weir.Options // all but sinks, processors and loggers

	sinks      []*sinkSetting
	loggers    []*loggerSetting // without the root
	root       loggerSetting
	silent     bool // the root has no sink but a page, not even the console
	implicit   bool // no sinks were asked for but a server's and a page: the console stays
	processors []processorMaker
}

// File is the settings file that was read, as it was named; "" when there was none.
func (c *Config) File() string { return c.file }

// Effective lists every setting that is in force, and where it came from. After
// Config.New what the options changed is from code.
func (c *Config) Effective() []Setting {
	return append([]Setting(nil), c.report.settings...)
}

// New makes a logger, as the function New does.
func (c *Config) New(name string, opts ...weir.Option) (*weir.Logger, error) {
	b, err := c.build()
	if err != nil {
		return nil, creation(name, err)
	}
	o := b.options
	merge(&o, opts)
	c.noteCode(&b.options, &o)
	c.addConsole(b, &o)
	log := weir.New(name, weir.WithOptions(o))
	if attrs := c.root.args(); len(attrs) > 0 {
		log.SetDefaults(attrs...)
	}
	c.reportStrangers(log)
	if err := b.closeUnused(&o); err != nil {
		return nil, creation(name, errors.Join(err, log.Close()))
	}
	return log, nil
}

// Options returns options for weir.New, with new sinks that the logger closes. The
// attributes of loggers.root are a processor in them.
func (c *Config) Options() (weir.Options, error) {
	b, err := c.build()
	if err != nil {
		return weir.Options{}, err
	}
	if len(c.root.attrs) > 0 {
		b.options.Processors = append([]weir.Processor{processor.Defaults(c.root.attrs...)}, b.options.Processors...)
	}
	c.addConsole(b, &b.options)
	return b.options, b.closeUnused(&b.options)
}

// Logger returns the logger of a full dotted name that the settings name, or log
// itself for its own name and for root. Any other name is an error, for a program
// that wants mistyped names to be found; weir.Logger.Lookup takes every name.
func (c *Config) Logger(log *weir.Logger, name string) (*weir.Logger, error) {
	known := []string{rootName}
	for _, l := range c.loggers {
		known = append(known, l.name)
	}
	switch {
	case name == rootName || name == log.Name():
		return log, nil
	case slices.Contains(known, name):
		return log.Lookup(name), nil
	}
	return nil, &weir.Error{
		Layer: weir.LayerConfiguration, Service: "Config", Category: weir.CategoryValidation, Severity: weir.SeverityError,
		Message:     "logger `" + name + "` not found in configuration",
		UserMessage: didYouMean(name, known),
		Context:     map[string]any{"logger": name, "file": c.file},
	}
}

// creation is the error of a logger that could not be made.
func creation(name string, err error) error {
	return &weir.Error{
		Layer: weir.LayerFactory, Service: "Config", Category: weir.CategoryConfiguration, Severity: weir.SeverityError,
		Message: "failed to create logger `" + name + "`", Context: map[string]any{"logger": name}, Err: err,
	}
}
