package config

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/weirlog/weir"
)

// rootName is what the settings call the logger above all names.
const rootName = "root"

// loggerSetting are the settings of a dotted name.
type loggerSetting struct {
	name      string
	path      string // of the key that names it, or of the first of two
	level     slog.Leveler
	sinks     []string
	own       bool // it has a list of sinks, which may be empty
	propagate bool
	attrs     []slog.Attr
}

// readLoggers reads loggers and levels, once the sinks are known.
func (c *Config) readLoggers(s *Section) {
	all := s.Section("loggers")
	if all != nil {
		for _, name := range all.Keys() {
			section := all.Section(name)
			if section == nil {
				continue
			}
			l := c.readLogger(section, name)
			if name == rootName {
				c.root = l
			} else {
				checkName(all, name)
				c.loggers = append(c.loggers, &l)
			}
		}
	}
	if c.root.level != nil {
		if s.fromFile("level") {
			s.Refuse("level", "loggers.root.level says it too", "keep one of them")
		} else if !s.Has("level") {
			c.options.Level = c.root.level
			s.report.drop(s.join("level"))
		}
	}
	c.readLevels(s, all)
	c.routeRoot(s)
}

func (c *Config) readLogger(s *Section, name string) loggerSetting {
	l := loggerSetting{name: name, path: s.path, level: s.Level("level"), attrs: s.Attrs("attrs")}
	l.propagate = s.optionalBool("propagate")
	l.own = s.Has("sinks")
	for i, sink := range s.Texts("sinks") {
		known := c.sinkNames()
		switch {
		case slices.Contains(l.sinks, sink):
			s.refuseItem("sinks", i, "the sink "+sink+" is in the list twice", "")
		case !slices.Contains(known, sink):
			s.refuseItem("sinks", i, "there is no sink "+sink, didYouMean(sink, known))
		default:
			l.sinks = append(l.sinks, sink)
		}
	}
	switch {
	case l.propagate && name == rootName:
		s.Refuse("propagate", "nothing is above the root", "leave it out")
	case l.propagate && !l.own:
		s.Refuse("propagate", "it adds the inherited sinks to the logger's own, and there are none", "leave it out, or name sinks")
	}
	s.unknown()
	return l
}

// readLevels reads the short form: a level for each name. A variable's level wins
// over the file's loggers.
func (c *Config) readLevels(s, loggers *Section) {
	levels := s.Section("levels")
	if levels == nil {
		return
	}
	for _, name := range levels.Keys() {
		level := levels.Level(name)
		if level == nil {
			continue
		}
		if name == rootName {
			levels.Refuse(name, "the root's level is log.level", "use level, or WEIR_LEVEL")
			continue
		}
		checkName(levels, name)
		at := slices.IndexFunc(c.loggers, func(l *loggerSetting) bool { return l.name == name })
		if at < 0 {
			c.loggers = append(c.loggers, &loggerSetting{name: name, path: levels.join(name), level: level})
			continue
		}
		if c.loggers[at].level != nil {
			if levels.fromFile(name) {
				levels.Refuse(name, loggers.join(name)+".level says it too", "keep one of them")
				continue
			}
			s.report.drop(loggers.join(name) + ".level")
		}
		c.loggers[at].level = level
	}
}

// checkName refuses names that no logger can have.
func checkName(s *Section, name string) {
	if slices.Contains(strings.Split(name, "."), "") || strings.TrimSpace(name) != name {
		s.Refuse(name, "a logger's name is words with dots between them", "as app.db")
	}
}

// routeRoot gives the root its sinks. Without a list of its own, it has those that no
// logger names and no sink has as its fallback only.
func (c *Config) routeRoot(s *Section) {
	named := make(map[string]bool)
	for _, l := range c.loggers {
		for _, sink := range l.sinks {
			named[sink] = true
		}
	}
	fallbacks := make(map[string]bool)
	for _, sink := range c.sinks {
		fallbacks[sink.fallback] = true
	}
	if c.root.own {
		for _, sink := range c.root.sinks {
			named[sink] = true
		}
	}
	c.implicit = true
	for _, sink := range c.sinks {
		if !sink.short || sink.name == consoleName {
			c.implicit = false
		}
		switch {
		case named[sink.name]:
		case sink.short, !c.root.own && !fallbacks[sink.name]:
			c.root.sinks = append(c.root.sinks, sink.name)
		case c.root.own && !fallbacks[sink.name]:
			sink.section.Refuse("", "no logger has this sink", "name it in loggers.root.sinks, or in another logger's")
		}
	}
	c.implicit = c.implicit && !c.root.own
	console := c.sink(consoleName)
	var enabled []string
	seen := false // there is a sink that the console gives way to
	for _, name := range c.root.sinks {
		if c.sink(name).enabled {
			enabled = append(enabled, name)
			seen = seen || name != pageName
		}
	}
	c.silent = (c.root.own || console != nil && !console.enabled) && !seen
	shown := strings.Join(enabled, ", ")
	if c.implicit || shown == "" && !c.silent {
		shown = strings.TrimSuffix("console, "+shown, ", ")
	}
	s.report.note(s.path+".loggers.root.sinks", shown, c.rootOrigin(s))
}

func (c *Config) rootOrigin(s *Section) string {
	if loggers := s.find("loggers"); loggers != nil && loggers.Kind == KindObject {
		if root := loggers.find(rootName); root != nil && root.Kind == KindObject {
			if n := root.find("sinks"); n != nil {
				return s.report.where(n.Line, n.Column, n.Origin)
			}
		}
	}
	return originDefault
}

// reportStrangers tells of loggers whose names do not lie below the program's: none of
// the names that it makes with Named is one of them.
func (c *Config) reportStrangers(log *weir.Logger) {
	own := log.Name()
	for _, l := range c.loggers {
		if l.name == own || strings.HasPrefix(l.name, own+".") {
			continue
		}
		log.Report(&weir.Error{
			Layer: weir.LayerConfiguration, Service: "Config", Category: weir.CategoryRouting, Severity: weir.SeverityWarning,
			Message:     l.path + " is used by no name below " + own,
			UserMessage: "did you mean " + own + "." + l.name + `? Lookup("` + l.name + `") reaches it`,
			Context:     map[string]any{"logger": l.name, "program": own, "key": l.path, "file": c.file},
		})
	}
}

// options are the logger's options with its sinks.
func (l *loggerSetting) options(sinks map[string]weir.Sink) weir.LoggerOptions {
	o := weir.LoggerOptions{Level: l.level, Propagate: l.propagate, Attrs: l.attrs}
	for _, name := range l.sinks {
		if sink := sinks[name]; sink != nil {
			o.Sinks = append(o.Sinks, sink)
		}
	}
	return o
}

// args are the attributes as the arguments of log calls.
func (l *loggerSetting) args() []any {
	args := make([]any, len(l.attrs))
	for i, a := range l.attrs {
		args[i] = a
	}
	return args
}
