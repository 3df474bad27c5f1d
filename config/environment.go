package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// envKey ties a variable of the environment to a key. Where the variable is absent,
// the first of others that is there counts: the names that log-collector's clients
// read.
type envKey struct {
	variable string
	key      string // below log
	others   []string
}

func envKeys() []envKey {
	return []envKey{
		{"WEIR_LEVEL", "level", nil},
		{"WEIR_LEVELS", "levels", nil},
		{"WEIR_OVERFLOW", "overflow", nil},
		{"WEIR_BLOCK_TIMEOUT", "block_timeout", nil},
		{"WEIR_MEMORY_LIMIT", "memory_limit", nil},
		{"WEIR_MAX_RECORDS", "max_records", nil},
		{"WEIR_MAX_RECORD_BYTES", "max_record_bytes", nil},
		{"WEIR_CLOSE_TIMEOUT", "close_timeout", nil},
		{"WEIR_SOURCE", "source", nil},
		{"WEIR_CHECKPOINTS", "checkpoints", nil},
		{"WEIR_SERVICE", "resource.service", []string{"SERVICE_NAME"}},
		{"WEIR_ENVIRONMENT", "resource.environment", []string{"ENVIRONMENT", "NODE_ENV"}},
		{"WEIR_SERVICE_VERSION", "resource.service_version", []string{"SERVICE_VERSION"}},
		{"WEIR_LOG_TYPE", "resource.log_type", []string{"LOG_TYPE"}},
		{"WEIR_HOST", "resource.host", nil},
		{"WEIR_SERVER", "server", []string{"LOG_SERVER_URL"}},
		{"WEIR_TOKEN", "token", nil},
		{"WEIR_CONSOLE", consoleVariableKey, nil},
		{"WEIR_DASHBOARD", "dashboard.enabled", nil},
		{"WEIR_DASHBOARD_ADDRESS", "dashboard.address", nil},
		{"WEIR_DASHBOARD_OPEN", "dashboard.open", nil},
	}
}

// environment is the process's environment with a .env file below it.
type environment struct {
	real   func(string) (string, bool)
	dotenv map[string]variable
	file   string
}

// maxFile bounds a settings file: 1 MiB is a thousand times a long one, and stops
// what was named by mistake.
const maxFile = 1 << 20

func newEnvironment(o Options) (*environment, error) {
	e := &environment{real: o.LookupEnv, file: o.DotEnv}
	if e.real == nil {
		e.real = os.LookupEnv
	}
	if o.DotEnv == "" {
		return e, nil
	}
	data, err := readFile(o.DotEnv)
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil // a deployment sets real variables and has no such file
	}
	if err == nil {
		e.dotenv, err = parseDotEnv(string(data))
	}
	if err != nil {
		return nil, fileError(o.DotEnv, err)
	}
	return e, nil
}

// readFile reads a file of at most maxFile bytes.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("the file has %s, more than the %s of a settings file", showSize(info.Size()), showSize(maxFile))
	}
	return os.ReadFile(name)
}

// lookup is os.LookupEnv over both: the real environment wins.
func (e *environment) lookup(name string) (string, bool) {
	if v, ok := e.real(name); ok {
		return v, true
	}
	v, ok := e.dotenv[name]
	return v.value, ok
}

// get returns a variable that is not empty, and its origin.
func (e *environment) get(name string) (value, origin string) {
	if v, ok := e.real(name); ok {
		return strings.TrimSpace(v), name
	}
	if v, ok := e.dotenv[name]; ok {
		return strings.TrimSpace(v.value), fmt.Sprintf("%s (%s:%d)", name, e.file, v.line)
	}
	return "", ""
}

// overlay puts the variables into the settings, over those of the file. An empty
// variable is as good as none.
func (e *environment) overlay(root *Node, r *report) {
	for _, k := range envKeys() {
		for _, name := range append([]string{k.variable}, k.others...) {
			value, origin := e.get(name)
			if value == "" {
				continue
			}
			e.set(root, r, k.key, Node{Kind: KindText, Text: value, Origin: origin})
			break
		}
	}
}

func (e *environment) set(root *Node, r *report, key string, value Node) {
	if key == "levels" {
		e.setLevels(root, r, value)
		return
	}
	if key == consoleVariableKey {
		e.setConsole(root, r, value)
		return
	}
	if parent, child, ok := strings.Cut(key, "."); ok {
		expand(root, parent)
		section := root.object(parent)
		if section == nil {
			return // of a wrong kind in the file, which is refused when it is read
		}
		section.put(child, value)
		return
	}
	root.put(key, value)
}

// consoleVariableKey is the key that WEIR_CONSOLE sets when it says true or false.
const consoleVariableKey = "console.enabled"

// setConsole reads WEIR_CONSOLE as the key console is read: it says whether there is a
// console, or names its stream.
func (e *environment) setConsole(root *Node, r *report, value Node) {
	expand(root, consoleName)
	section := root.object(consoleName)
	if section == nil {
		return // of a wrong kind in the file, which is refused when it is read
	}
	if _, ok := parseBool(value.Text); ok {
		section.put("enabled", value)
		return
	}
	streams := []string{"stdout", "stderr"}
	if !slices.ContainsFunc(streams, func(s string) bool { return plain(s) == plain(value.Text) }) {
		p := r.refuse(problem{}, "log.console", value.show()+" is not true, false, stdout or stderr", nearestHint(value.Text, streams), value.Text)
		r.at(p, 0, 0, value.Origin)
		return
	}
	section.put("stream", value)
	section.put("enabled", Node{Kind: KindText, Text: "true", Origin: value.Origin})
}

// setLevels adds the levels of WEIR_LEVELS one by one: names that it does not name
// keep the file's.
func (e *environment) setLevels(root *Node, r *report, value Node) {
	members, err := splitLevels(value.Text)
	if err != nil {
		p := r.refuse(problem{}, "log.levels", err.Error(), "write app.db=debug,app.http=warn", value.Text)
		r.at(p, 0, 0, value.Origin)
		return
	}
	levels := root.object("levels")
	if levels == nil {
		return
	}
	for _, m := range members {
		m.Value.Origin = value.Origin
		levels.put(m.Key, m.Value)
	}
}

// expand turns the short forms of console and dashboard into objects: true and false
// say whether there is one, a text for console names the stream.
func expand(root *Node, key string) {
	n := root.find(key)
	if n == nil || key != "console" && key != "dashboard" {
		return
	}
	switch {
	case n.Kind == KindBool:
		root.put(key, Node{Kind: KindObject, Line: n.Line, Column: n.Column, Members: []Member{{Key: "enabled", Line: n.Line, Column: n.Column, Value: *n}}})
	case n.Kind == KindText && key == "console":
		root.put(key, Node{Kind: KindObject, Line: n.Line, Column: n.Column, Members: []Member{{Key: "stream", Line: n.Line, Column: n.Column, Value: *n}}})
	}
}
