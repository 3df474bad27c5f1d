package ui

import (
	"bytes"
	"io/fs"
	"regexp"
	"testing"
	"testing/fstest"
)

func TestDistHasStableNames(t *testing.T) {
	for _, name := range []string{"index.html", "app.js", "app.css", "favicon.svg"} {
		if _, err := fs.Stat(Dist(), name); err != nil {
			t.Errorf("dist: %v; rebuild it: cd ui && npm ci && npm run build", err)
		}
	}
}

func TestPageKnowsItsBuild(t *testing.T) {
	page, err := fs.ReadFile(Dist(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(buildMeta + `([0-9a-f]+)"`).FindSubmatch(page)
	if m == nil {
		t.Fatalf("index.html has no %s", buildMeta)
	}
	if got, want := string(m[1]), BuildID(); got != want {
		t.Errorf("index.html says build %s, its files hash to %s: dist was changed by hand; rebuild it", got, want)
	}
}

func TestPageHasNothingInline(t *testing.T) {
	page, err := fs.ReadFile(Dist(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<style", " style=", "onload=", "http://", "https://", `src="/`, `href="/`} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("index.html contains %q, which the page's policy or a prefix would break", bad)
		}
	}
	if m := regexp.MustCompile(`<script[^>]*>[^<]`).Find(page); m != nil {
		t.Errorf("index.html has an inline script: %s", m)
	}
}

func TestHashTellsTreesApart(t *testing.T) {
	tree := func(files map[string]string) string {
		fsys := fstest.MapFS{}
		for name, content := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(content)}
		}
		return hashFiles(fsys)
	}
	page := func(id string) string { return `<meta ` + buildMeta + id + `" />` }
	base := tree(map[string]string{"app.js": "ab", "index.html": page("000000000000")})

	if got := tree(map[string]string{"app.js": "ab", "index.html": page("0123456789ab")}); got != base {
		t.Error("the id in the page counts, so that no page could hold its own")
	}
	for name, files := range map[string]map[string]string{
		"content": {"app.js": "ac", "index.html": page("000000000000")},
		"name":    {"app.jt": "ab", "index.html": page("000000000000")},
		"more":    {"app.js": "ab", "b": "", "index.html": page("000000000000")},
		"no meta": {"app.js": "ab", "index.html": "short"},
	} {
		if tree(files) == base {
			t.Errorf("another %s hashes alike", name)
		}
	}
}
