package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var variables = map[string]string{"DIR": "/var/log", "n": "1", "EMPTY": ""}

func lookup(name string) (string, bool) { v, ok := variables[name]; return v, ok }

func home() (string, error) { return "/home/me", nil }

// C12.
func TestExpand(t *testing.T) {
	for _, c := range []struct{ path, want, err string }{
		{path: "app.log", want: "app.log"},
		{path: "~", want: "/home/me"},
		{path: "~/app.log", want: "/home/me/app.log"},
		{path: "./~app.log", want: "./~app.log"},
		{path: "~you/app.log", err: "only ~/ is expanded"},
		{path: "$DIR/app.log", want: "/var/log/app.log"},
		{path: "${DIR}s/$n$n", want: "/var/logs/11"},
		{path: "~/$EMPTY/a", want: "/home/me//a"},
		{path: "a$$b", want: "a$b"},
		{path: "$NOT_SET/app.log", err: "the variable NOT_SET is not set"},
		{path: "a$", err: "write $$ for a dollar sign"},
		{path: "a$-b", err: "write $$ for a dollar sign"},
		{path: "${DIR", err: "write $$ for a dollar sign"},
		{path: "${}", err: "write $$ for a dollar sign"},
		{path: "${D-R}", err: "write $$ for a dollar sign"},
		{path: "", err: "name a file"},
	} {
		got, err := expand(c.path, lookup, home)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: error %v, want %q", c.path, err, c.err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%q: %q, %v; want %q", c.path, got, err, c.want)
		}
	}
	noHome := func() (string, error) { return "", errors.New("no home") }
	if _, err := expand("~/a", lookup, noHome); err == nil || !strings.Contains(err.Error(), "no home") {
		t.Errorf("error %v", err)
	}
}

func FuzzExpand(f *testing.F) {
	for _, s := range []string{"~/a", "$DIR/$n", "${DIR}", "$$", "${", "$", "~~", "a$b$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		got, err := expand(path, lookup, home)
		if err == nil && !strings.ContainsAny(path, "$~") && got != path {
			t.Errorf("%q became %q", path, got)
		}
		if err == nil {
			// What is expanded and quoted again expands to itself.
			quoted := "./" + strings.ReplaceAll(got, "$", "$$")
			if again, err := expand(quoted, lookup, home); err != nil || again != "./"+got {
				t.Errorf("%q: %q, then %q, %v", path, got, again, err)
			}
		}
	})
}

// C12.
func TestResolve(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(filepath.Join(dir, "data"), 0o755))
	must(os.Symlink("data", filepath.Join(dir, "logs")))
	must(os.Symlink("logs/new.log", filepath.Join(dir, "link")))                // to nothing yet
	must(os.Symlink(filepath.Join(dir, "link"), filepath.Join(dir, "to-link"))) // absolute
	must(os.Symlink("loop", filepath.Join(dir, "loop")))
	for _, c := range []struct{ path, want string }{
		{"app.log", "app.log"},
		{"logs/app.log", "data/app.log"},
		{"link", "data/new.log"},
		{"to-link", "data/new.log"},
		{"logs/../app.log", "app.log"},
		{"none/app.log", "none/app.log"},
	} {
		got, err := resolve(filepath.Join(dir, c.path))
		if want := filepath.Join(dir, c.want); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", c.path, got, err, want)
		}
	}
	if _, err := resolve(filepath.Join(dir, "loop")); err == nil {
		t.Error("a link to itself was resolved")
	}
	if got, err := resolve(os.DevNull); err != nil || got != os.DevNull {
		t.Errorf("%s, %v", got, err)
	}
}
