package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

func load(t *testing.T, toml string, env map[string]string, args ...string) (Server, error) {
	t.Helper()
	flags := pflag.NewFlagSet("weir", pflag.ContinueOnError)
	Define(flags)
	if toml != "" {
		path := filepath.Join(t.TempDir(), "weir.toml")
		if err := os.WriteFile(path, []byte(toml), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return Load(flags, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
}

func TestFlagsOverEnvironmentOverFileOverDefaults(t *testing.T) {
	file := "[server]\nlisten = \":1\"\nmax-body = \"1MB\"\nquery-timeout = \"3s\"\nmax-queries = 7\nallow-origin = [\"https://a.example\"]\n"
	env := map[string]string{"WEIR_LISTEN": ":2", "WEIR_QUEUE": "", "WEIR_MAX_BODY": "2MB", "WEIR_ALLOW_HOST": "a.example, b.example"}
	got, err := load(t, file, env, "--listen", ":3", "--allow-origin", "NULL", "--allow-origin", "https://B.example/")
	if err != nil {
		t.Fatal(err)
	}
	want := Server{
		Listen: ":3", Store: "duckdb", AllowOrigins: []string{"null", "https://b.example"}, AllowHosts: []string{"a.example", "b.example"},
		MaxBody: 2_000_000, MaxDecoded: 64 << 20, MaxBodies: 256 << 20, MaxBatch: 1_000_000, MaxRecord: 16 << 20, MaxConnections: 4096, Queue: 64 << 20, StoreMemory: 512 << 20, QueryTimeout: 3 * time.Second, MaxQueries: 7, LogLevel: "info",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, file string
		args       []string
		says       string
	}{
		{"unknown key", "[server]\nlisen = \":1\"\n", nil, `no setting "lisen"`},
		{"wrong size", "", []string{"--max-body", "many"}, `--max-body "many": it takes a size`},
		{"wrong type", "[server]\nlisten = [\"a\"]\n", nil, "one value"},
		{"unknown store", "", []string{"--store", "oracle"}, "only duckdb"},
		{"zero time", "", []string{"--query-timeout", "0s"}, "above zero"},
		{"a negative rate", "", []string{"--max-rate", "-1"}, "records a second"},
		{"no connections", "", []string{"--max-connections", "0"}, "a number from 1"},
		{"no origin", "", []string{"--allow-origin", "app.example.com"}, "is no origin"},
		{"no port for syslog", "", []string{"--syslog-listen", "localhost"}, "a host and a port"},
		{"an address without a port", "", []string{"--listen", "127.0.0.1"}, "a host and a port"},
		{"an empty address", "", []string{"--listen", ""}, "a host and a port"},
		{"an empty address in the file", "[server]\nlisten = \"\"\n", nil, "a host and a port"},
		{"half a number", "", []string{"--max-queries", "4x"}, "a number from 1"},
		{"unknown section", "[sever]\nlisten = \":1\"\n", nil, `no section "sever"`},
		{"no section", "listen = \":1\"\n", nil, `no section "listen"`},
		{"missing file", "", []string{"--config", "/nonexistent/weir.toml"}, "no such file"},
		{"broken file", "[server\n", nil, "settings file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.file, nil, c.args...)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got error %v, want one that says %q", err, c.says)
			}
		})
	}
}
