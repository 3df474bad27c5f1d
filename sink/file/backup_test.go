package file

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// C26.
func TestBackupNames(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		zipped bool
	}{
		{"app.log.0001", 1, false},
		{"app.log.0012.gz", 12, true},
		{"app.log.9999", 9999, false},
		{"app.log.10000", 10000, false},
		{"app.log", 0, false},
		{"app.log.0000", 0, false},
		{"app.log.001", 0, false},
		{"app.log.00001", 0, false},
		{"app.log.0001.bz2", 0, false},
		{"app.log.0001.gz.tmp", 0, false},
		{"app.log.gz", 0, false},
		{"app.log.-001", 0, false},
		{"app.log.+001", 0, false},
		{"app.log.99999999999999999999", 0, false},
		{"xapp.log.0001", 0, false},
		{"app.log.0001.0001", 0, false},
	} {
		n, zipped, ok := parseBackup("app.log", c.name)
		if ok != (c.n > 0) || ok && (n != c.n || zipped != c.zipped) {
			t.Errorf("%s: %d, %v, %v", c.name, n, zipped, ok)
		}
		if ok && backupPath("app.log", n, zipped) != c.name {
			t.Errorf("%s is written %s", c.name, backupPath("app.log", n, zipped))
		}
	}
}

func FuzzParseBackup(f *testing.F) {
	f.Add("app.log", "app.log.0001")
	f.Add("", ".10000.gz")
	f.Fuzz(func(t *testing.T, base, name string) {
		if n, zipped, ok := parseBackup(base, name); ok && backupPath(base, n, zipped) != name {
			t.Errorf("%q of %q is %d, %v", name, base, n, zipped)
		}
	})
}

func touch(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func listing(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Name()+"="+string(text))
	}
	return all
}

// TestShift: backups move up to the first free number and not further, so that a
// rotation that was stopped goes on where it was.
func TestShift(t *testing.T) {
	for _, c := range []struct {
		name       string
		have, want []string
	}{
		{"none", nil, nil},
		{"all", []string{"a.0001", "a.0002"}, []string{"a.0002=a.0001", "a.0003=a.0002"}},
		{"1 is free", []string{"a.0002", "a.0003"}, []string{"a.0002=a.0002", "a.0003=a.0003"}},
		{"a gap", []string{"a.0001", "a.0002", "a.0004"}, []string{"a.0002=a.0001", "a.0003=a.0002", "a.0004=a.0004"}},
		{"compressed", []string{"a.0001", "a.0002.gz"}, []string{"a.0002=a.0001", "a.0003.gz=a.0002.gz"}},
		{"both forms", []string{"a.0001", "a.0001.gz"}, []string{"a.0002.gz=a.0001.gz"}},
		{"five digits", []string{"a.9999", "a.10000"}, []string{"a.10000=a.10000", "a.9999=a.9999"}},
	} {
		dir := t.TempDir()
		touch(t, dir, c.have...)
		if err := shift(filepath.Join(dir, "a")); err != nil {
			t.Error(err)
		}
		if got := listing(t, dir); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestListBackupsIsInOrder(t *testing.T) {
	dir := t.TempDir()
	touch(t, dir, "a.10000", "a.10000.gz", "a.1000.gz", "a.9999", "a.0002", "b.0001", "a.0001x", "a.1000")
	all, err := listBackups(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	want := []backup{{2, true, false}, {1000, true, true}, {9999, true, false}, {10000, true, true}}
	if !slices.Equal(all, want) {
		t.Errorf("%v", all)
	}
}

// TestZipIsGivenUp: when Close gives up, the source stays and nothing else.
func TestZipIsGivenUp(t *testing.T) {
	dir := t.TempDir()
	touch(t, dir, "a.0001")
	tgt := newTarget(filepath.Join(dir, "a"), &Options{})
	tgt.compressor.cancel()
	if more, err := tgt.compressor.next(tgt.path); more || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", more, err)
	}
	if got := listing(t, dir); !slices.Equal(got, []string{"a.0001=a.0001"}) {
		t.Errorf("%q", got)
	}
}

// TestInstallFollowsItsSource: a backup that got another number while it was
// compressed, or was removed.
func TestInstallFollowsItsSource(t *testing.T) {
	for _, c := range []struct {
		name string
		move func(dir string) error
		want string
	}{
		{"moved", func(dir string) error { return os.Rename(filepath.Join(dir, "a.0001"), filepath.Join(dir, "a.0007")) }, "[a.0007.gz]"},
		{"removed", func(dir string) error { return os.Remove(filepath.Join(dir, "a.0001")) }, "[]"},
	} {
		dir := t.TempDir()
		touch(t, dir, "a.0001")
		path := filepath.Join(dir, "a")
		z := &newTarget(path, &Options{}).compressor
		source, err := z.oldest(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := z.zip(source, path+temporarySuffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.move(dir); err != nil {
			t.Fatal(err)
		}
		if err := z.install(path, path+temporarySuffix, source, info); err != nil {
			t.Fatal(err)
		}
		_ = source.Close()
		entries, _ := os.ReadDir(dir)
		names := []string{}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if got := fmt.Sprint(names); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
