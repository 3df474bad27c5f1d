package behaviour_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirtest"
)

// said is a writer for several goroutines.
type said struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// standstill is a processor that stops the logger's worker until it is let go.
type standstill chan struct{}

func (s standstill) Process(r *record.Record, emit func(record.Record)) error {
	<-s
	emit(*r)
	return nil
}

func (standstill) String() string { return "standstill" }

// settle lets the worker take what was logged, and everybody come to rest. The time that
// passes is the bubble's.
func settle() {
	time.Sleep(10 * time.Millisecond)
	synctest.Wait()
}

// value is a field or attribute as text; "" when there is none.
func value(r record.Record, name string) string {
	if v, ok := r.Lookup(name); ok {
		return v.String()
	}
	return ""
}

// levels are the levels and messages of records.
func levels(records []record.Record) []string {
	out := make([]string, len(records))
	for i := range records {
		out[i] = records[i].LevelText() + " " + records[i].Message
	}
	return out
}

func mustLog(t *testing.T, c *weirtest.Capture, want ...string) {
	t.Helper()
	if got := levels(c.Records()); !slices.Equal(got, want) {
		t.Errorf("logged %q, want %q", got, want)
	}
}

func mustDo(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// balance checks that each record of a logger at rest has one fate.
func balance(t *testing.T, l *weir.Logger) weir.Stats {
	t.Helper()
	s := l.Stats()
	if s.Emitted != s.Written+s.Dropped.Total() || s.Waiting != 0 {
		t.Errorf("emitted %d, written %d + dropped %d, waiting %d", s.Emitted, s.Written, s.Dropped.Total(), s.Waiting)
	}
	return s
}

func text(t testing.TB, layout string, o format.TextOptions) format.Formatter {
	t.Helper()
	f, err := format.Text(layout, o)
	mustDo(t, err)
	return f
}

// env is an environment.
func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

// parse reads settings without the environment of the test's process.
func parse(t *testing.T, file string, o config.Options) *config.Config {
	t.Helper()
	if o.LookupEnv == nil {
		o.LookupEnv = env()
	}
	c, err := config.Parse([]byte(file), "weir.json", o)
	if err != nil {
		t.Fatalf("%v\nin %s", err, file)
	}
	return c
}

// effective is a setting in force, and where it is from.
func effective(t *testing.T, c *config.Config, key string) (value, origin string) {
	t.Helper()
	for _, s := range c.Effective() {
		if s.Key == key {
			return s.Value, s.Origin
		}
	}
	t.Errorf("%s has no value", key)
	return "", ""
}

// captures are sinks of the type capture that settings ask for, by their path.
type captures map[string]*weirtest.Capture

func (c captures) options() config.Options {
	return config.Options{LookupEnv: env(), Sinks: map[string]config.SinkBuilder{
		"capture": func(s *config.Section) func() (weir.Sink, error) {
			return func() (weir.Sink, error) {
				c[s.Path()] = &weirtest.Capture{}
				return c[s.Path()], nil
			}
		},
	}}
}

// announced is the address of the live page, which New has printed.
func announced(t *testing.T, out *said) string {
	t.Helper()
	url := regexp.MustCompile(`weir: live page on (http://\S+)\n`).FindStringSubmatch(out.String())
	if url == nil {
		t.Fatalf("no page was announced: %q", out)
	}
	return url[1]
}

func get(t *testing.T, url string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	mustDo(t, err)
	r.Header.Set("Accept", "text/html")
	client := &http.Client{}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	mustDo(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	mustDo(t, err)
	return string(body)
}

// hungPipe is a writer that takes nothing until somebody reads.
func hungPipe() (w *io.PipeWriter, release func() *said) {
	r, w := io.Pipe()
	return w, func() *said {
		out := &said{}
		go func() { _, _ = io.Copy(out, r) }()
		return out
	}
}

func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

// formOptions are for layouts whose times are of no interest.
var formOptions = format.TextOptions{Location: time.UTC}

func readFile(t *testing.T, path string) string {
	t.Helper()
	got, err := os.ReadFile(path)
	mustDo(t, err)
	return string(got)
}
