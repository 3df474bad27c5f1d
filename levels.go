package weir

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

// override is a level that was set while the program runs.
type override struct {
	level slog.Leveler
	until time.Time   // zero: for good
	timer *time.Timer // takes it back; nil: for good
}

// LevelRule is the level of one logger name.
type LevelRule struct {
	Logger string     // the dotted name; "" stands for all names without a level of their own
	Level  slog.Level // in force
	Own    bool       // set for this name, by SetLevel or LoggerOptions; else inherited
	Until  time.Time  // when the level before comes back; zero: it stays
}

// String returns the rule as WEIR_LEVELS has it, as "app.db=DEBUG".
func (r LevelRule) String() string {
	return r.Logger + "=" + record.SeverityOf(int(r.Level)).Level()
}

// levelOf finds the level of a name: its own, that of the nearest name above it, or
// the base. The lock is held, or nobody else knows n yet.
func (n *names) levelOf(name string) slog.Leveler {
	for at := range lineage(name) {
		if l := n.ownLevel(at); l != nil {
			return l
		}
	}
	if o := n.overrides[""]; o != nil {
		return o.level
	}
	return n.base
}

func (n *names) ownLevel(name string) slog.Leveler {
	if o := n.overrides[name]; o != nil {
		return o.level
	}
	return n.settings[name].Level
}

// SetLevel sets the level of a full dotted name, and of all names below it that have
// none of their own; "" stands for every name without one. After the time d the level
// before comes back by itself; with d = 0 it stays until ResetLevel.
func (l *Logger) SetLevel(name string, level slog.Leveler, d time.Duration) error {
	if level == nil {
		return l.ResetLevel(name)
	}
	if d < 0 {
		return levelError(name, "the time until the level before comes back is negative", "give a positive time, or 0 for no end")
	}
	if _, ok := levelOf(level); !ok {
		return levelError(name, "it cannot be asked (a nil pointer?)", "give a slog.Level or a *slog.LevelVar")
	}
	n := l.node.core.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.overrides[name]; !known && len(n.overrides) >= maxNames {
		return levelError(name, "there are 10,000 levels by name already", "reset some")
	}
	n.drop(name)
	o := &override{level: level}
	if d > 0 {
		o.until = time.Now().Add(d)
		o.timer = time.AfterFunc(d, func() { n.expire(name, o) })
	}
	n.overrides[name] = o
	n.apply()
	return nil
}

// ResetLevel takes SetLevel back.
func (l *Logger) ResetLevel(name string) error {
	n := l.node.core.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.overrides[name] == nil {
		return levelError(name, "no level was set while the program runs", "Levels lists what is set")
	}
	n.drop(name)
	n.apply()
	return nil
}

func levelError(name, message, hint string) error {
	return &Error{
		Layer: LayerConfiguration, Service: "Levels", Category: CategoryValidation, Severity: SeverityError,
		Message: "set the level of logger \"" + name + "\": " + message, UserMessage: hint,
		Context: map[string]any{"logger": name},
	}
}

// drop forgets an override. The lock is held.
func (n *names) drop(name string) {
	if o := n.overrides[name]; o != nil && o.timer != nil {
		o.timer.Stop()
	}
	delete(n.overrides, name)
}

// expire takes an override back whose time has come, unless another took its place.
func (n *names) expire(name string, o *override) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.overrides[name] == o {
		delete(n.overrides, name)
		n.apply()
	}
}

// apply brings the nodes' levels up to date. The lock is held.
func (n *names) apply() {
	for _, node := range n.byID {
		level := n.levelOf(node.name)
		node.level.Store(&level)
	}
}

// stopTimers ends the ways back: a closed logger needs no level.
func (n *names) stopTimers() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, o := range n.overrides {
		if o.timer != nil {
			o.timer.Stop()
		}
	}
}

// Levels lists the level of "", of all names in use, and of those that have a level set,
// in the order of the names.
func (l *Logger) Levels() []LevelRule {
	n := l.node.core.names
	n.mu.Lock()
	defer n.mu.Unlock()
	known := map[string]bool{"": true}
	for _, node := range n.byID {
		known[node.name] = true
	}
	for name, s := range n.settings {
		if s.Level != nil {
			known[name] = true
		}
	}
	for name := range n.overrides {
		known[name] = true
	}
	rules := make([]LevelRule, 0, len(known))
	for name := range known {
		r := LevelRule{Logger: name, Level: n.levelOf(name).Level(), Own: n.ownLevel(name) != nil}
		if o := n.overrides[name]; o != nil {
			r.Until = o.until
		}
		rules = append(rules, r)
	}
	slices.SortFunc(rules, func(a, b LevelRule) int { return strings.Compare(a.Logger, b.Logger) })
	return rules
}
