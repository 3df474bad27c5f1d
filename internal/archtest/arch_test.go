// Package archtest holds the tests of the architecture: which package may import
// which, what the root module requires, and that the documents name files that
// exist.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "github.com/weirlog/weir"

// rule says what a package, and everything below it, must not import. Patterns
// are relative to the root module; "/..." includes what is below.
type rule struct {
	from   string
	not    []string
	except []string
	reason string
}

var rules = []rule{
	{"record", []string{"...", "!record/..."}, nil, "the record is the contract all parts share; it depends on none of them"},
	{"query", []string{"...", "!record/...", "!query/..."}, nil, "a filter is about records only"},
	{"hub", []string{"...", "!record/...", "!hub/..."}, nil, "the hub fans records out; it does not know filters, pages or stores"},
	{"view", []string{"...", "!record/...", "!query/...", "!hub/...", "!view/..."}, nil, "a backend does not know the page that is served from it"},
	{".", []string{"dashboard/...", "ui/...", "view/...", "hub/...", "query/..."}, nil, "a program that logs pays for the page only when it imports dashboard"},
	{"sink/...", []string{"dashboard/...", "ui/...", "view/...", "hub/...", "query/..."}, nil, "a sink knows the logger, the record and the forms of text"},
	{"format", []string{"...", "!record/...", "!internal/...", "!format/..."}, nil, "a form of text is about records; the console, which weir itself imports, uses it"},
	{"processor", []string{"...", "!.", "!record/...", "!query/...", "!processor/..."}, nil, "a processor changes records and knows nobody who sends or shows them"},
	{"adapter", []string{"dashboard/...", "ui/...", "view/...", "hub/...", "sink/..."}, nil, "a way in ends at the logger"},
	{"weirhttp", []string{"dashboard/...", "ui/...", "view/...", "hub/...", "query/...", "sink/..."}, nil, "requests and their streams need the logger and the forms of text"},
	{"weirtest", []string{"dashboard/...", "ui/...", "view/...", "hub/...", "query/...", "sink/..."}, nil, "what tests of programs need is not what programs show"},
	{"config", []string{"dashboard/...", "ui/...", "view/...", "hub/..."}, nil, "a program that reads settings pays for the page only when it names it"},
	{"ui", []string{"...", "!ui/..."}, nil, "the page is files"},
	{"server/store/...", []string{"dashboard/...", "ui/...", "server/ingest/...", "server/intake/...", "server/app/...", "server/cmd/..."}, nil, "a store keeps records and knows nobody who sends or shows them"},
	{"server/intake", []string{"dashboard/...", "ui/...", "server/ingest/...", "server/app/...", "server/cmd/..."}, nil, "intake is the door; it does not know who knocks"},
	{"server/ingest/...", []string{"dashboard/...", "ui/...", "server/store/...", "server/app/...", "server/cmd/..."}, nil, "a protocol ends at intake"},
	{"server/demo", []string{"dashboard/...", "ui/...", "server/store/...", "server/app/...", "server/cmd/..."}, nil, "the demo is a sender like any other"},
	{"server/config", []string{"dashboard/...", "ui/...", "server/..."}, []string{"server/config"}, "settings are read in one place and know no part"},
	{"server/cmd/...", []string{"server/store/...", "server/ingest/...", "server/intake/...", "ui/..."}, nil, "commands go through app, the one composition root"},
}

// siblings are folders whose members must not import each other, but for the
// parts that they share.
var siblings = map[string][]string{"server/ingest": {"body", "gate", "origin", "repeat", "sender", "text"}, "sink": nil}

func TestImportsPointOneWay(t *testing.T) {
	packages := append(list(t, "../..", "./..."), list(t, "../../server", "./...")...)
	if len(packages) < 10 {
		t.Fatalf("only %d packages found: the test looks in the wrong place", len(packages))
	}
	for _, r := range rules {
		seen := false
		for _, p := range packages {
			if !matches(r.from, p.rel()) {
				continue
			}
			seen = true
			for _, dep := range p.deps() {
				if forbidden(r, dep) {
					t.Errorf("%s imports %s: %s", p.rel(), dep, r.reason)
				}
			}
		}
		if !seen {
			t.Errorf("the rule for %s guards no package", r.from)
		}
	}
	for dir, shared := range siblings {
		for _, p := range packages {
			own, ok := member(dir, p.rel())
			if !ok {
				continue
			}
			for _, dep := range p.deps() {
				if other, ok := member(dir, dep); ok && other != own && !slices.Contains(shared, other) {
					t.Errorf("%s imports %s: adapters do not know each other", p.rel(), dep)
				}
			}
		}
	}
}

func TestRootRequiresNothing(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^\s*(require|replace)\b`).Match(text) {
		t.Error("the root module requires something: a program pays only for what it imports (put it into extra or server)")
	}
	for _, p := range list(t, "../..", "./...") {
		for _, dep := range p.Deps {
			if strings.Contains(strings.Split(dep, "/")[0], ".") && !strings.HasPrefix(dep, root) {
				t.Errorf("%s depends on %s, which is not in the standard library", p.ImportPath, dep)
			}
		}
	}
}

func TestNoModuleHasReplace(t *testing.T) {
	for _, file := range []string{"../../go.mod", "../../server/go.mod", "../../bench/go.mod", "../../extra/go.mod", "../../examples/go.mod", "../../clients/go.mod", "../../go.work"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`(?m)^\s*replace\b`).Match(text) {
			t.Errorf("%s has a replace: released modules must build without the others' folders", file)
		}
	}
}

// TestDocumentsNameWhatExists keeps the documents true: each path in backquotes
// that looks like one of ours must exist.
func TestDocumentsNameWhatExists(t *testing.T) {
	path := regexp.MustCompile("`((?:\\.ci|adapter|bench|changes|clients|config|dashboard|docs|examples|extra|format|hub|internal|processor|query|record|scripts|server|sink|tools|ui|view|weirhttp|weirtest)/[A-Za-z0-9_./-]*|[a-z_]+\\.go|Makefile)`")
	checked := 0
	documents, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range append(documents, "../../README.md") {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range path.FindAllSubmatch(text, -1) {
			name := strings.TrimSuffix(string(m[1]), "/")
			if _, err := os.Stat(filepath.Join("../..", name)); errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s names %s, which does not exist", filepath.Base(doc), name)
			}
			checked++
		}
	}
	if checked == 0 {
		t.Error("no path was found in the documents: the pattern is wrong")
	}
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func (p pkg) rel() string { return relative(p.ImportPath) }

// deps are the packages of ours that p imports directly. Looking at direct
// imports names the guilty package; what is indirect is somebody's direct one.
func (p pkg) deps() []string {
	var own []string
	for _, dep := range p.Imports {
		if dep == root || strings.HasPrefix(dep, root+"/") {
			own = append(own, relative(dep))
		}
	}
	return own
}

func relative(importPath string) string {
	if importPath == root {
		return "."
	}
	return strings.TrimPrefix(importPath, root+"/")
}

func list(t *testing.T, dir, pattern string) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps=false", "-json=ImportPath,Imports,Deps", pattern)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v\n%s", dir, err, stderr.String())
	}
	var packages []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func forbidden(r rule, dep string) bool {
	for _, e := range r.except {
		if matches(e, dep) {
			return false
		}
	}
	hit := false
	for _, pattern := range r.not {
		if allowed, ok := strings.CutPrefix(pattern, "!"); ok {
			if matches(allowed, dep) {
				return false
			}
		} else if matches(pattern, dep) {
			hit = true
		}
	}
	return hit
}

func matches(pattern, name string) bool {
	if pattern == "..." {
		return true
	}
	if prefix, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == prefix || strings.HasPrefix(name, prefix+"/")
	}
	return name == pattern
}

// member returns the folder directly below dir that name lies in.
func member(dir, name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, dir+"/")
	if !ok {
		return "", false
	}
	first, _, _ := strings.Cut(rest, "/")
	return first, true
}
