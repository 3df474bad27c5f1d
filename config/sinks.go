package config

import (
	"log/slog"
	"slices"
	"strings"

	"github.com/weirlog/weir"
)

// The names of the sinks that have a short form beside the table of sinks.
const (
	consoleName = "console"
	serverName  = "server"
	pageName    = "page"
	shipType    = "ship"
)

// What to tell when settings ask for a page that is not in the program.
const (
	noPage     = "the program has no page"
	importPage = "import github.com/weirlog/weir/config/page and give Options.Sinks page.Sinks()"
)

// sinkSetting is a sink of the settings.
type sinkSetting struct {
	name       string
	kind       string // its type; "" when that is wrong
	section    *Section
	short      bool // it is there by the key console, dashboard or server
	enabled    bool
	level      slog.Leveler
	fallback   string
	processors []processorMaker
	make       func() (weir.Sink, error)
}

func (c *Config) sink(name string) *sinkSetting {
	for _, sink := range c.sinks {
		if sink.name == name {
			return sink
		}
	}
	return nil
}

func (c *Config) sinkNames() []string {
	all := make([]string, len(c.sinks))
	for i, sink := range c.sinks {
		all[i] = sink.name
	}
	return all
}

// readSinks reads the sinks, then those that have keys of their own.
func (c *Config) readSinks(s *Section) {
	redirected := redirect(s)
	redirectConsole(s)
	if all := s.Section("sinks"); all != nil {
		for _, name := range all.Keys() {
			if section := all.Section(name); section != nil {
				c.readSink(section, name, c.sinkType(all, section, name))
			}
		}
	}
	c.readShort(s, consoleName, consoleName, consoleName)
	c.readShort(s, "dashboard", pageName, pageName)
	c.readServer(s, redirected)
	c.checkFallbacks()
}

// sinkType is the type of a sink: its key type, else its name when that is a type.
func (c *Config) sinkType(all, s *Section, name string) string {
	types := names(s.with.sinks)
	n := s.of("type", KindText, "")
	switch {
	case s.Has("type") && n == nil: // of a wrong kind, which is refused already
		return ""
	case n == nil && slices.Contains(types, name):
		s.note("type", name, nil)
		return name
	case n == nil && name == pageName:
		all.Refuse(name, noPage, importPage)
		return ""
	case n == nil:
		all.Refuse(name, "the sink has no type", "give it one: "+strings.Join(types, ", "))
		return ""
	case n.Text == pageName && !slices.Contains(types, pageName):
		s.Refuse("type", noPage, importPage)
		return ""
	case !slices.Contains(types, n.Text):
		s.Refuse("type", "there is no sink type "+n.show(), didYouMean(n.Text, types))
		return ""
	}
	s.note("type", n.Text, n)
	return n.Text
}

// readSink reads a sink of a type; with the type "" what is common to all.
func (c *Config) readSink(s *Section, name, kind string) *sinkSetting {
	sink := &sinkSetting{name: name, kind: kind, section: s, enabled: true}
	c.sinks = append(c.sinks, sink)
	s.know("type")
	s.know("enabled")
	if s.Has("enabled") {
		sink.enabled = s.Bool("enabled", true)
	}
	sink.level = s.Level("level")
	if s.Has("fallback") {
		sink.fallback = s.Text("fallback", "")
	}
	sink.processors = readProcessors(s, "processors")
	if kind == "" {
		return sink // its other keys cannot be judged
	}
	sink.make = s.with.sinks[kind](s)
	s.unknown()
	if sink.make == nil && s.good() {
		s.Refuse("type", "the builder of "+kind+" made nothing", "a SinkBuilder returns a func, or refuses a key")
	}
	return sink
}

// readShort reads a sink that has a key of its own.
func (c *Config) readShort(s *Section, key, name, kind string) {
	section := s.Section(key)
	if section == nil {
		return
	}
	enabled := section.node.find("enabled")
	fromEnvironment := enabled != nil && enabled.Origin != ""
	if sink := c.sink(name); sink != nil {
		c.switchSink(s, section, key, sink, fromEnvironment)
		return
	}
	if section.with.sinks[kind] == nil {
		// A variable may be meant for dashboard.Auto in code, or for another program.
		if fromEnvironment || !hasFileKeys(section.node) {
			return
		}
		if on := enabled == nil || enabled.Text != "false"; on {
			s.Refuse(key, noPage, importPage)
		}
		return
	}
	if !hasFileKeys(section.node) && enabled == nil {
		return // WEIR_DASHBOARD_ADDRESS alone asks for no page
	}
	c.readSink(section, name, kind).short = true
}

// switchSink lets a variable turn a sink of the table on and off; in a file both are
// one too many.
func (c *Config) switchSink(s, section *Section, key string, sink *sinkSetting, fromEnvironment bool) {
	if hasFileKeys(section.node) {
		s.Refuse(key, "the sink "+sink.section.path+" is the same", "keep one of them")
		return
	}
	if fromEnvironment {
		sink.enabled = section.Bool("enabled", true)
	}
}

// hasFileKeys reports whether any key of an object stands in the file.
func hasFileKeys(n *Node) bool {
	return slices.ContainsFunc(n.Members, func(m Member) bool { return m.Value.Origin == "" })
}

// redirect lets variables change the server and the token of the sink named server.
// It reports whether there is such a sink in the table.
func redirect(s *Section) bool {
	sinks := s.find("sinks")
	if sinks == nil || sinks.Kind != KindObject {
		return false
	}
	sink := sinks.find(serverName)
	if sink == nil || sink.Kind != KindObject {
		return false
	}
	if kind := sink.find("type"); kind == nil || kind.Text != shipType {
		return false
	}
	for _, key := range []string{"server", "token"} {
		if n := s.find(key); n != nil && n.Origin != "" {
			sink.put(key, *n)
		}
	}
	return true
}

// redirectConsole lets WEIR_CONSOLE name the stream of a sink named console in the
// table, when it has one.
func redirectConsole(s *Section) {
	sinks, short := s.find("sinks"), s.find(consoleName)
	if sinks == nil || sinks.Kind != KindObject || short == nil || short.Kind != KindObject {
		return
	}
	sink, stream := sinks.find(consoleName), short.find("stream")
	if sink == nil || sink.Kind != KindObject || stream == nil || stream.Origin == "" {
		return
	}
	if kind := sink.find("type"); kind == nil || slices.Contains([]string{consoleName, "json", "text"}, kind.Text) {
		sink.put("stream", *stream)
	}
}

// readServer reads the keys server and token: a sink that sends to a server, besides
// those of the table.
func (c *Config) readServer(s *Section, redirected bool) {
	server, token := s.find("server"), s.find("token")
	switch {
	case server == nil && token != nil && token.Origin == "":
		s.refuseValue(token, s.join("token"), "there is no server that it is for", "set server too, or the token of a sink", nil)
		return
	case server == nil, redirected && server.Origin != "":
		return
	case redirected:
		s.refuseValue(server, s.join("server"), "the sink "+s.join("sinks")+".server is the same", "keep one of them", nil)
		return
	}
	node := Node{Kind: KindObject, Line: server.Line, Column: server.Column}
	node.put("server", *server)
	if token != nil {
		node.put("token", *token)
	}
	name := serverName
	if c.sink(name) != nil {
		name = s.join(serverName) // some other sink has the name
	}
	c.readSink(newSection(&node, s.path, s.report, s.with), name, shipType).short = true
}

// noLateFallback is why a weir.Late sink has none.
const noLateFallback = "the sink sends in the background: a record that it loses is gone before a fallback could get it"

// checkFallbacks refuses fallbacks that are nowhere or cannot work, and circles of
// them.
func (c *Config) checkFallbacks() {
	var told []string // the sinks of circles
	for _, sink := range c.sinks {
		if sink.fallback == "" {
			continue
		}
		if c.sink(sink.fallback) == nil {
			sink.section.Refuse("fallback", "there is no sink "+sink.fallback, didYouMean(sink.fallback, c.sinkNames()))
			continue
		}
		if sink.kind == shipType {
			sink.section.Refuse("fallback", noLateFallback, "set spool: it keeps on the disk what the server does not take yet")
			continue
		}
		circle := c.circle(sink)
		if circle == nil || slices.Contains(told, sink.name) {
			continue
		}
		told = append(told, circle...)
		text := "the fallbacks go in a circle: " + strings.Join(append(circle, sink.name), " to ")
		if len(circle) == 1 {
			text = "a sink cannot be its own fallback"
		}
		sink.section.Refuse("fallback", text, "let the last one have none")
	}
}

// circle returns the names of the sinks from one to itself; nil when its fallbacks end,
// or end in a circle that it is not part of.
func (c *Config) circle(sink *sinkSetting) []string {
	path := []string{sink.name}
	for at := c.sink(sink.fallback); at != nil; at = c.sink(at.fallback) {
		if at == sink {
			return path
		}
		if slices.Contains(path, at.name) {
			return nil
		}
		path = append(path, at.name)
	}
	return nil
}
