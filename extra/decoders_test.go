package extra_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/config/page"
	"github.com/weirlog/weir/extra"
	"github.com/weirlog/weir/record"
)

func decoders() []config.Decoder { return []config.Decoder{extra.TOML(), extra.YAML()} }

// plain is a node without places, with its keys in order: TOML writes tables after
// the values beside them.
func plain(n config.Node) config.Node {
	out := config.Node{Kind: n.Kind, Text: n.Text}
	for _, item := range n.Items {
		out.Items = append(out.Items, plain(item))
	}
	for _, m := range n.Members {
		out.Members = append(out.Members, config.Member{Key: m.Key, Value: plain(m.Value)})
	}
	slices.SortFunc(out.Members, func(a, b config.Member) int { return strings.Compare(a.Key, b.Key) })
	return out
}

func text(n config.Node, indent string) string {
	var b strings.Builder
	b.WriteString(n.Kind.String() + " " + n.Text + "\n")
	for _, item := range n.Items {
		b.WriteString(indent + "- " + text(item, indent+"  "))
	}
	for _, m := range n.Members {
		b.WriteString(indent + m.Key + ": " + text(m.Value, indent+"  "))
	}
	return b.String()
}

func decode(t *testing.T, file string) config.Node {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range append(decoders(), config.JSON()) {
		if slices.Contains(d.Extensions, filepath.Ext(file)) {
			n, err := d.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			return *n
		}
	}
	t.Fatalf("nobody reads %s", file)
	return config.Node{}
}

// The configurations of the earlier loggers say the same in all three forms. Package
// config checks by its JSON what they do.
func TestFormsAgree(t *testing.T) {
	for _, name := range []string{"kolog", "kolog-quickstart", "elva", "pulselog"} {
		want := decode(t, filepath.Join("..", "config", "testdata", name+".json"))
		for _, ext := range []string{".toml", ".yaml"} {
			got := decode(t, filepath.Join("testdata", name+ext))
			got.Members = slices.DeleteFunc(got.Members, func(m config.Member) bool { return m.Key == "server" })
			if g, w := text(plain(got), ""), text(plain(want), ""); g != w {
				t.Errorf("%s%s is\n%s\nwant\n%s", name, ext, g, w)
			}
		}
	}
}

// kept is a sink that keeps messages.
type kept struct {
	mu       sync.Mutex
	messages []string
}

func (k *kept) WriteBatch(_ context.Context, batch []record.Record) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range batch {
		k.messages = append(k.messages, batch[i].Message)
	}
	return nil
}

func (k *kept) Close() error { return nil }

// Elva's configuration from TOML and from YAML does what it does from JSON.
func TestElvaFromTOMLAndYAML(t *testing.T) {
	for _, ext := range []string{".toml", ".yaml"} {
		t.Run(ext, func(t *testing.T) {
			dir := t.TempDir()
			redis := &kept{}
			log, err := config.New("web", config.Options{
				File: filepath.Join("testdata", "elva"+ext), Decoders: decoders(),
				LookupEnv: func(name string) (string, bool) { return dir, name == "LOG_DIR" },
				Sinks: map[string]config.SinkBuilder{"redis": func(s *config.Section) func() (weir.Sink, error) {
					s.Text("channel", "")
					s.Text("address", "")
					return func() (weir.Sink, error) { return redis, nil }
				}},
			})
			if err != nil {
				t.Fatal(err)
			}
			log.Lookup("my.log").Debug("debugging")
			log.Lookup("my.log").Info("I like pie")
			log.Lookup("exceptions").Error("Trousers!")
			if err := log.Close(); err != nil {
				t.Fatal(err)
			}
			if want := []string{"debugging", "I like pie", "Trousers!"}; !slices.Equal(redis.messages, want) {
				t.Errorf("Redis has %q", redis.messages)
			}
			data, err := os.ReadFile(filepath.Join(dir, "other.log"))
			if err != nil {
				t.Fatal(err)
			}
			if !regexp.MustCompile(`^[^\n]* - my\.log - INFO - I like pie\n$`).Match(data) {
				t.Errorf("the file holds %q", data)
			}
		})
	}
}

// Problems have the line and column of the value, or of the key.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"weir.toml", "[log]\nlevel = \"infoo\"\n", `weir.toml:2:10: log.level: "infoo" is not a level (did you mean info?)`},
		{"weir.toml", "[server]\nlisten = \":1\"\n\n[log.sinks.app]\ntype = \"file\"\npath = \"a.log\"\nmax_sise = 3\n", `weir.toml:7:12: log.sinks.app.max_sise: there is no such key (did you mean max_size?)`},
		{"weir.toml", "[log]\nmax_records = 1.5\n", `weir.toml:2:15: log.max_records: 1.5 is not a whole number`},
		{"weir.toml", "[log]\nmax_records = 2.0\n", `weir.toml:2:15: log.max_records: 2.0 is not a whole number`},
		{"weir.toml", "[log]\nlevel = 2026-11-20\n", `weir.toml:2:9: log.level: "2026-11-20`},
		{"weir.toml", "[log]\nlevel = \"info\"\nlevel = \"warn\"\n", `weir.toml:3:16: Key 'log.level' has already been defined`},
		{"weir.toml", "[log\n", "weir.toml:2:5: "},
		{"weir.yaml", "log:\n  level: infoo\n", `weir.yaml:2:10: log.level: "infoo" is not a level (did you mean info?)`},
		{"weir.yaml", "log:\n  sinks:\n    app:\n      type: file\n      path: a.log\n      max_sise: 3\n", `weir.yaml:6:7: log.sinks.app.max_sise: there is no such key (did you mean max_size?)`},
		{"weir.yaml", "log:\n  level: info\n  level: warn\n", "weir.yaml:3:3: "},
		{"weir.yaml", "log: [\n", "weir.yaml:1:6: "},
		{"weir.yaml", "log: {}\n---\nlog: {}\n", "weir.yaml:3:4: a settings file holds one document"},
		{"weir.yaml", "log: *nothing\n", "weir.yaml:1:6: there is no anchor &nothing before *nothing"},
		{"weir.yaml", "log: !custom {}\n", "weir.yaml:1:6: settings know no tag !custom"},
		{"weir.yml", "level: [info]\n", "weir.yml:1:8: log.level: this is a list, not a text"},
	} {
		_, err := config.Parse([]byte(c.text), c.file, config.Options{Decoders: decoders(), LookupEnv: func(string) (string, bool) { return "", false }})
		if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), "read settings: "), c.want) {
			t.Errorf("%q:\n%v\nwant\n%s", c.text, err, c.want)
		}
		var e *weir.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: the error is a %T", c.text, err)
		}
	}
}

// A wrong layout does not hide a wrong date format, wherever they stand.
func TestAllThatIsWrongWithAFormatIsTold(t *testing.T) {
	const wrong = "type = \"text\"\nlayout = \"%(mesage)s\"\ndate_format = \"%Q\"\n"
	for _, text := range []string{"[log.sinks.a]\n" + wrong, "[log.sinks.console.format]\n" + wrong, "[log.sinks]\na = {type=\"text\", layout=\"%(mesage)s\", date_format=\"%Q\"}\n"} {
		_, err := config.Parse([]byte(text), "weir.toml", config.Options{Decoders: decoders(), LookupEnv: func(string) (string, bool) { return "", false }})
		for _, want := range []string{`there is no name "mesage": did you mean %(message)s?`, `there is no directive "%Q"`} {
			if err == nil || strings.Count(err.Error(), want) != 1 {
				t.Errorf("%s\n%v\nwant %s", text, err, want)
			}
		}
	}
}

func TestTOMLIsBounded(t *testing.T) {
	if _, err := extra.TOML().Decode([]byte("a = " + strings.Repeat("[", 1<<20))); err == nil {
		t.Error("a list a million deep was accepted")
	}
}

func FuzzYAML(f *testing.F) {
	for _, name := range []string{"kolog.yaml", "elva.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]\n<<: {b: c}\n"))
	fuzz(f, extra.YAML())
}

func FuzzTOML(f *testing.F) {
	for _, name := range []string{"kolog.toml", "elva.toml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("[[a]]\nb.c = [1, {d = 2}]\n[a.e]\n"))
	fuzz(f, extra.TOML())
}

// fuzz: no file makes a decoder panic, and every error is one of config.
func fuzz(f *testing.F, d config.Decoder) {
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := d.Decode(data)
		var syntax *config.SyntaxError
		if err != nil && !errors.As(err, &syntax) {
			t.Errorf("a %T: %v", err, err)
		}
		if err == nil && n == nil {
			t.Error("neither settings nor an error")
		}
	})
}

// The example in config's package comment is read without a complaint.
func TestExampleOfPackageConfig(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "config", "doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "# Example\n")
	example, _, ok := strings.Cut(after, "# Keys\n")
	if !ok {
		t.Fatal("the comment has no example")
	}
	var settings strings.Builder
	for line := range strings.SplitSeq(example, "\n") {
		if code, ok := strings.CutPrefix(line, "//\t"); ok {
			settings.WriteString(code + "\n")
		}
	}
	c, err := config.Parse([]byte(settings.String()), "weir.toml", config.Options{
		Decoders: decoders(), Sinks: page.Sinks(),
		LookupEnv: func(name string) (string, bool) { return "/home/shop", name == "HOME" },
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(c.Effective(), func(s config.Setting) bool {
		return s.Key == "log.loggers.root.sinks" && s.Value == "all, server, page"
	}) {
		t.Errorf("the root has other sinks: %v", c.Effective())
	}
}
