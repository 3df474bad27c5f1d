package page_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/config/page"
)

// lines is a writer for several goroutines.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func start(t *testing.T, file string) (*weir.Logger, *lines) {
	t.Helper()
	t.Setenv("WEIR_DASHBOARD", "")
	out := &lines{}
	cfg, err := config.Parse([]byte(file), "weir.json", config.Options{Sinks: page.Sinks(), LookupEnv: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	log, err := cfg.New("shop", weir.WithErrorOutput(out))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	return log, out
}

// A18: the page of the settings is served at their address and shows what is logged.
func TestPageOfSettingsA18(t *testing.T) {
	t.Setenv("CI", "")
	log, out := start(t, `{"console": false, "dashboard": {"address": "127.0.0.1:0", "open": false}}`)
	url := regexp.MustCompile(`http://\S+`).FindString(out.String())
	if url == "" {
		t.Fatalf("no page: %q", out.String())
	}
	log.Info("order placed")
	if strings.Contains(out.String(), "order placed") {
		t.Error("the console was turned off and is there")
	}
	if err := log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(url, "/")+"/api/v1/records", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(body), "order placed") {
		t.Errorf("the page has %s, %v", body, err)
	}
}

// A20: where CI is set there is no page.
func TestNoPageInCIA20(t *testing.T) {
	t.Setenv("CI", "true")
	_, out := start(t, `{"console": false, "dashboard": {"address": "127.0.0.1:0"}}`)
	if got := out.String(); got != "" {
		t.Errorf("printed %q", got)
	}
}

func TestWrongAddressIsRefused(t *testing.T) {
	_, err := config.Parse([]byte(`{"dashboard": {"address": "localhost"}}`), "weir.json", config.Options{Sinks: page.Sinks(), LookupEnv: func(string) (string, bool) { return "", false }})
	if err == nil || !strings.Contains(err.Error(), "weir.json:1:27: log.dashboard.address: it is not a host and a port") {
		t.Errorf("error %v", err)
	}
}
