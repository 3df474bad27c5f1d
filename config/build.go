package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/console"
	"github.com/weirlog/weir/sink/null"
)

// build makes the sinks and puts the options together. After an error nothing is left
// open.
func (c *Config) build() (*built, error) {
	b := &built{config: c, options: c.options, sinks: make(map[string]weir.Sink)}
	if err := b.all(); err != nil {
		for _, s := range b.open {
			err = errors.Join(err, s.Close())
		}
		return nil, err
	}
	return b, nil
}

// built are the options with their sinks, each made once: loggers and fallbacks share
// it.
type built struct {
	config  *Config
	options weir.Options
	sinks   map[string]weir.Sink // configured, by name; nil: left out
	open    map[string]weir.Sink // as they were made
}

func (b *built) all() (err error) {
	b.open = make(map[string]weir.Sink)
	c, o := b.config, &b.options
	o.NoEnvironment = true // its variables have had their say
	if o.Processors, err = makeProcessors(c.processors); err != nil {
		return err
	}
	for _, s := range c.sinks {
		if _, err := b.sink(s); err != nil {
			return err
		}
	}
	o.Sinks = c.root.options(b.sinks).Sinks
	if c.silent {
		o.Sinks = append(o.Sinks, null.New()) // the console is not put beside it
	}
	o.Loggers = make(map[string]weir.LoggerOptions, len(c.loggers))
	for _, l := range c.loggers {
		lo := l.options(b.sinks)
		if l.own && len(lo.Sinks) == 0 { // an empty list is no inherited one
			lo.Sinks = []weir.Sink{null.New()}
		}
		o.Loggers[l.name] = lo
	}
	return nil
}

func (b *built) sink(s *sinkSetting) (weir.Sink, error) {
	if made, ok := b.sinks[s.name]; ok {
		return made, nil
	}
	b.sinks[s.name] = nil
	if !s.enabled {
		return nil, nil //nolint:nilnil // it is left out, and that is no error
	}
	options := weir.SinkOptions{Name: s.name, Level: s.level}
	var err error
	if options.Processors, err = makeProcessors(s.processors); err != nil {
		return nil, fmt.Errorf("%s: %w", s.section.path, err)
	}
	if s.fallback != "" {
		if options.Fallback, err = b.sink(b.config.sink(s.fallback)); err != nil {
			return nil, err
		}
	}
	made, err := s.make()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.section.path, err)
	}
	if made == nil {
		return nil, nil //nolint:nilnil // it is left out, and that is no error
	}
	b.open[s.name] = made
	if _, late := made.(weir.Late); late && options.Fallback != nil {
		return nil, fmt.Errorf("%s.fallback: %s", s.section.path, noLateFallback)
	}
	b.sinks[s.name] = weir.ConfigureSink(made, options)
	return b.sinks[s.name], nil
}

// addConsole adds the console that nobody asked for: records are seen here too when
// they otherwise go to a server or a page alone.
func (c *Config) addConsole(b *built, o *weir.Options) {
	own := slices.Collect(maps.Values(b.sinks))
	for _, s := range o.Sinks {
		if !slices.Contains(own, s) {
			return
		}
	}
	if c.implicit && len(o.Sinks) > 0 {
		o.Sinks = append([]weir.Sink{console.New(os.Stderr, console.Options{})}, o.Sinks...)
	}
}

// closeUnused closes the sinks that no logger has, because options of code have put
// others in their place.
func (b *built) closeUnused(o *weir.Options) error {
	used := slices.Clone(o.Sinks)
	for _, l := range o.Loggers {
		used = append(used, l.Sinks...)
	}
	var reach func(name string)
	reach = func(name string) {
		delete(b.open, name)
		if next := b.config.sink(name).fallback; b.open[next] != nil {
			reach(next)
		}
	}
	for name, s := range b.sinks {
		if s != nil && slices.Contains(used, s) {
			reach(name)
		}
	}
	var err error
	for _, s := range b.open {
		err = errors.Join(err, s.Close())
	}
	return err
}
