// Package config reads the server's settings: flags, then environment, then the
// file weir.toml, then defaults. [Define] adds the flags to a command, [Load]
// puts the settings together. It starts nothing.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

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

// Server are the settings of a server, checked and ready for use. Sizes are in bytes.
type Server struct {
	Listen string
	Data   string // the data directory; empty: a throwaway one
	Store  string

	AllowOrigins []string // as browsers write them, "null", "*"
	AllowHosts   []string

	MaxBody        int64   // of a request's body as it comes
	MaxDecoded     int64   // of it after decompression
	MaxBodies      int64   // of all bodies that are held at once
	MaxBatch       int     // records in one body
	MaxRecord      int64   // of one record
	MaxRate        float64 // records a second of one sender; 0: no bound
	MaxConnections int     // to each address that is listened on
	Queue          int64   // of what waits for the committer

	OTLPListen     string // OTLP over gRPC; empty: not listened on
	SyslogListen   string // syslog over TCP and UDP; empty: not listened on
	SyslogCert     string // files; without a certificate there is no TLS
	SyslogKey      string
	SyslogClientCA string
	Redis          []string // URLs of what is read from Redis; they may hold passwords

	StoreMemory  int64 // what DuckDB may use
	QueryTimeout time.Duration
	MaxQueries   int
	LogLevel     string
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
