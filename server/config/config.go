// Package config reads the server's settings: flags, then environment, then the
// file weir.toml, then defaults. [Define] adds the flags to a command, [Load]
// puts the settings together. It starts nothing.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// DefaultFile is the settings file that is read when it is there.
const DefaultFile = "weir.toml"

// DefaultListen is the address of the page and the API.
const DefaultListen = "127.0.0.1:5678"

// Server are the settings of a server, checked and ready for use.
type Server struct {
	Listen       string
	Data         string // the data directory; empty: a throwaway one
	Store        string
	AllowOrigins []string
	AllowHosts   []string
	MaxBody      int64 // bytes of a request's body as it comes
	MaxDecoded   int64 // bytes of it after decompression
	Queue        int64 // bytes that wait for the committer
	StoreMemory  int64 // bytes that DuckDB may use
	QueryTimeout time.Duration
	MaxQueries   int
	LogLevel     string
}

// setting is one entry of the table below: its key in weir.toml is its flag's
// name, its variable WEIR_ and the name in capitals.
type setting struct {
	name, fallback, help string
	list                 bool
	set                  func(*Server, []string) error
}

func settings() []setting {
	return []setting{
		{"listen", DefaultListen, "`address` of the page and the API", false, func(s *Server, v []string) error {
			s.Listen = v[0]
			if _, port, err := net.SplitHostPort(v[0]); err != nil || port == "" {
				return errors.New("it takes a host and a port, as 127.0.0.1:5678 (without a host, as :8000, all of this machine's addresses)")
			}
			return nil
		}},
		{"data", "", "`directory` of the records (default " + displayDataDir() + ")", false, text(func(s *Server) *string { return &s.Data })},
		{"store", "duckdb", "the database: duckdb", false, func(s *Server, v []string) error {
			if v[0] != "duckdb" {
				return fmt.Errorf("no such store: only duckdb is built in")
			}
			s.Store = v[0]
			return nil
		}},
		{"allow-origin", "", "`origin` of web pages that may post and read, as https://app.example.com or null; repeatable (pages on this machine may always post)", true, texts(func(s *Server) *[]string { return &s.AllowOrigins })},
		{"allow-host", "", "host `name` under which the server is reached besides localhost, addresses and this machine's name; repeatable", true, texts(func(s *Server) *[]string { return &s.AllowHosts })},
		{"max-body", "32MiB", "largest request body, as it comes (`size`)", false, size(func(s *Server) *int64 { return &s.MaxBody })},
		{"max-decoded", "64MiB", "largest request body, decompressed (`size`): what a small bomb may grow to", false, size(func(s *Server) *int64 { return &s.MaxDecoded })},
		{"queue", "64MiB", "records that may wait to be committed (`size`); senders wait when it is full", false, size(func(s *Server) *int64 { return &s.Queue })},
		{"store-memory", "512MiB", "memory the database may use (`size`)", false, size(func(s *Server) *int64 { return &s.StoreMemory })},
		{"query-timeout", "10s", "longest search (`duration`); what was found by then is shown", false, func(s *Server, v []string) (err error) {
			s.QueryTimeout, err = time.ParseDuration(v[0])
			if err == nil && s.QueryTimeout <= 0 {
				err = errors.New("it must be above zero")
			}
			return err
		}},
		{"max-queries", "4", "searches at once (`number`); more wait for a moment, then are told to try again", false, func(s *Server, v []string) error {
			n, err := strconv.Atoi(v[0])
			if err != nil || n < 1 {
				return errors.New("it takes a number from 1")
			}
			s.MaxQueries = n
			return nil
		}},
		{"log-level", "info", "`level` of the server's own log: debug, info, warn, error", false, func(s *Server, v []string) error {
			s.LogLevel = strings.ToLower(v[0])
			if !slices.Contains([]string{"debug", "info", "warn", "error"}, s.LogLevel) {
				return errors.New("it takes debug, info, warn or error")
			}
			return nil
		}},
	}
}

// Define adds the settings' flags to a command's flags.
func Define(flags *pflag.FlagSet) {
	for _, s := range settings() {
		if s.list {
			flags.StringArray(s.name, nil, s.help)
		} else {
			flags.String(s.name, s.fallback, s.help)
		}
	}
	flags.String("config", "", "settings `file` (default "+DefaultFile+" when it is there)")
}

// Load puts the settings together. Flags win over the environment, that over the
// file, that over the defaults. lookupEnv is os.LookupEnv outside tests.
func Load(flags *pflag.FlagSet, lookupEnv func(string) (string, bool)) (Server, error) {
	path, explicit := DefaultFile, false
	if f, err := flags.GetString("config"); err == nil && f != "" {
		path, explicit = f, true
	}
	fromFile, err := readFile(path, explicit)
	if err != nil {
		return Server{}, err
	}
	var out Server
	for _, s := range settings() {
		values, where := []string{s.fallback}, "the default"
		if s.list {
			values = nil
		}
		if fromFile.Exists(s.name) {
			where = path
			if values, err = fileValues(fromFile, s); err != nil {
				return Server{}, fmt.Errorf("%s: [server] %s: %w", path, s.name, err)
			}
		}
		variable := "WEIR_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
		if v, ok := lookupEnv(variable); ok && v != "" { // an empty variable is as good as none
			where, values = variable, []string{v}
			if s.list {
				values = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
			}
		}
		if flag := flags.Lookup(s.name); flag != nil && flag.Changed {
			where = "--" + s.name
			if list, ok := flag.Value.(pflag.SliceValue); ok {
				values = list.GetSlice()
			} else {
				values = []string{flag.Value.String()}
			}
		}
		if err := s.set(&out, values); err != nil {
			return Server{}, fmt.Errorf("%s %q: %w", where, strings.Join(values, ", "), err)
		}
	}
	return out, nil
}

func readFile(path string, explicit bool) (*koanf.Koanf, error) {
	k := koanf.New(".")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !explicit {
		return k, nil
	}
	if err := k.Load(file.Provider(path), toml.Parser()); err != nil {
		return nil, fmt.Errorf("settings file %s: %w", path, err)
	}
	for key := range k.Raw() {
		if key != "server" && key != "log" { // [log] is the library's
			return nil, fmt.Errorf("settings file %s: there is no section %q: settings go below [server]", path, key)
		}
	}
	section := koanf.New(".")
	if err := section.Load(confmap.Provider(k.Cut("server").Raw(), ""), nil); err != nil {
		return nil, fmt.Errorf("settings file %s: %w", path, err)
	}
	names := make([]string, 0, 16)
	for _, s := range settings() {
		names = append(names, s.name)
	}
	for _, key := range section.Keys() {
		if !slices.Contains(names, key) {
			return nil, fmt.Errorf("settings file %s: [server] has no setting %q; it knows %s", path, key, strings.Join(names, ", "))
		}
	}
	return section, nil
}

func fileValues(k *koanf.Koanf, s setting) ([]string, error) {
	switch v := k.Get(s.name).(type) {
	case string:
		return []string{v}, nil
	case int64, bool:
		return []string{fmt.Sprint(v)}, nil
	case []any:
		if !s.list {
			return nil, errors.New("it takes one value, not a list")
		}
		values := make([]string, len(v))
		for i := range v {
			text, ok := v[i].(string)
			if !ok {
				return nil, fmt.Errorf("entry %d is not a text", i+1)
			}
			values[i] = text
		}
		return values, nil
	default:
		return nil, fmt.Errorf("a %T is no value for it", v)
	}
}

func text(field func(*Server) *string) func(*Server, []string) error {
	return func(s *Server, v []string) error { *field(s) = v[0]; return nil }
}

func texts(field func(*Server) *[]string) func(*Server, []string) error {
	return func(s *Server, v []string) error { *field(s) = v; return nil }
}

func size(field func(*Server) *int64) func(*Server, []string) error {
	return func(s *Server, v []string) error {
		n, err := humanize.ParseBytes(v[0])
		if err != nil || n == 0 || n > 1<<50 {
			return errors.New("it takes a size, as 64MiB or 1GB")
		}
		*field(s) = int64(n)
		return nil
	}
}

// DataDir is where records are kept unless told: below XDG_DATA_HOME, else
// below the home directory.
func DataDir() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "weir"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no data directory: %w (name one with --data)", err)
	}
	return filepath.Join(home, ".local", "share", "weir"), nil
}

func displayDataDir() string {
	if os.Getenv("XDG_DATA_HOME") != "" {
		return "$XDG_DATA_HOME/weir"
	}
	return "~/.local/share/weir"
}
