package config

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// keyOf is a key of the settings as the decoder knows it.
type keyOf struct{ key, def, variable string }

// decoded asks the decoder for its keys: each part is read from an empty section.
func decoded(t *testing.T) map[string][]keyOf {
	t.Helper()
	none := func(string) (string, bool) { return "", false }
	with := newParts(Options{}, &environment{real: none})
	out := make(map[string][]keyOf)
	add := func(title, path string, s *Section, except ...string) {
		for _, key := range s.known {
			if slices.Contains(except, key) {
				continue
			}
			k := keyOf{key: key}
			for _, setting := range s.report.settings {
				if setting.Key == s.path+"."+key {
					k.def = setting.Value
				}
			}
			for _, e := range envKeys() {
				if e.key == path+key || e.key == path+key+".enabled" {
					k.variable = strings.Join(append([]string{e.variable}, e.others...), ", ")
				}
			}
			out[title] = append(out[title], k)
		}
	}
	empty := func() *Section { return newSection(&Node{Kind: KindObject}, "log", &report{}, with) }

	root := empty()
	c := &Config{report: root.report}
	c.read(root)
	add("Top level", "", root)
	s := empty()
	s.path = "log.resource"
	s.report = root.report
	s.known = []string{"service", "environment", "service_version", "log_type", "host"}
	add("resource", "resource.", s)
	s = empty()
	(&Config{}).readLogger(s, "x")
	add("loggers", "loggers.", s)
	s = empty()
	(&Config{report: s.report}).readSink(s, "x", "")
	common := slices.Clone(s.known)
	add("Every sink", "sinks.", s)
	for name, build := range with.sinks {
		s := empty()
		build(s)
		add("Sinks of type "+name, "sinks.", s, common...)
	}
	for name, build := range with.processors {
		s := empty()
		build(s)
		add("Processor "+name, "processors.", s)
		if s.known == nil {
			out["Processor "+name] = nil
		}
	}
	for name, build := range with.formats {
		s := empty()
		build(s)
		add("Format "+name, "formats.", s)
	}
	s = newSection(&Node{Kind: KindObject, Members: []Member{{Key: "theme", Value: Node{Kind: KindObject}}}}, "log", &report{}, with)
	if s.theme("theme") == nil {
		t.Fatal("no theme")
	}
	return out
}

// documented reads the tables of a document: its headings, and the rows below them.
func documented(t *testing.T, file string) map[string][]keyOf {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := make(map[string][]keyOf)
	title := ""
	cell := regexp.MustCompile("^`(.*)`$")
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if heading, ok := strings.CutPrefix(line, "### "); ok {
			title = strings.ReplaceAll(heading, "`", "")
			out[title] = nil
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), " | ")
		if title == "" || !strings.HasPrefix(line, "| `") || len(cells) < 4 {
			continue
		}
		text := func(i int) string {
			c := strings.TrimSpace(cells[i])
			if m := cell.FindStringSubmatch(c); m != nil {
				return strings.ReplaceAll(m[1], "`, `", ", ")
			}
			return c
		}
		out[title] = append(out[title], keyOf{text(0), text(1), text(2)})
	}
	return out
}

// docs/configuration.md has a row for each key that the decoder knows, and no other,
// with the default and the variables that count.
func TestReferenceIsComplete(t *testing.T) {
	want, got := decoded(t), documented(t, filepath.Join("..", "docs", "configuration.md"))
	for title, keys := range want {
		rows, ok := got[title]
		if !ok {
			t.Errorf("there is no heading %q", title)
		}
		for _, k := range keys {
			i := slices.IndexFunc(rows, func(r keyOf) bool { return r.key == k.key })
			switch {
			case i < 0:
				t.Errorf("%s: no row for %s (default %q, variables %q)", title, k.key, k.def, k.variable)
			case k.def != "" && rows[i].def != k.def:
				t.Errorf("%s: the default of %s is %q, not %q", title, k.key, k.def, rows[i].def)
			case rows[i].variable != k.variable:
				t.Errorf("%s: the variables of %s are %q, not %q", title, k.key, k.variable, rows[i].variable)
			}
		}
		for _, r := range rows {
			if !slices.ContainsFunc(keys, func(k keyOf) bool { return k.key == r.key }) {
				t.Errorf("%s: there is no key %s", title, r.key)
			}
		}
	}
	for title, rows := range got {
		if _, ok := want[title]; !ok && len(rows) > 0 {
			t.Errorf("the table %q is about nothing", title)
		}
	}
}

// The table in the package's comment names the same keys.
func TestPackageCommentNamesAllKeys(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for title, keys := range decoded(t) {
		at := regexp.MustCompile(`(?m)^//\t` + regexp.QuoteMeta(title) + `:((?:.*\n)(?://\t    .*\n)*)`).FindSubmatch(text)
		if at == nil {
			t.Errorf("doc.go has no row %q", title)
			continue
		}
		words := regexp.MustCompile(`[a-z_]+`).FindAllString(string(at[1]), -1)
		var known []string
		for _, k := range keys {
			known = append(known, k.key)
		}
		slices.Sort(words)
		slices.Sort(known)
		if !slices.Equal(words, known) {
			t.Errorf("%s: doc.go names %q, the decoder knows %q", title, words, known)
		}
	}
}
