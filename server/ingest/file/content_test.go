package file

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/weirlog/weir/record"
)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	random := make([]byte, 4096)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	must(t, os.WriteFile(filepath.Join(dir, "random"), random, 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "image"), append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "utf16"), []byte("\xff\xfea\x00b\x00\n\x00"), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "text"), []byte("one \x00 and \xff\n\x1b[31mred\x1b[0m\n"), 0o644))
	must(t, os.Mkdir(filepath.Join(dir, "folder"), 0o755))
	must(t, os.Symlink("loop", filepath.Join(dir, "loop")))
	r := start(t, dir, Options{Patterns: []string{"random", "image", "utf16", "text", "folder", "loop", "[a"}, FromStart: true})
	r.want("one \x00 and \xff", "\x1b[31mred\x1b[0m")
	for _, want := range []string{
		"random refused it is not a text file", "image refused it is not a text file but image/png", "utf16 refused it is UTF-16", "folder refused it is a folder: name the files",
		"loop unreadable", "[a unreadable the pattern",
	} {
		r.wantNotice(want)
	}
	must(t, os.Remove(filepath.Join(dir, "loop")))
	r.write("loop", "readable now\n")
	r.until("the file", func() bool { return len(r.got()) == 3 })
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.notices)
	if n := len(r.notices); n != len(slices.Compact(r.notices)) {
		t.Errorf("told twice: %q", r.notices)
	}
}

// TestHole: a program that does not append leaves zero bytes in front after
// copytruncate.
func TestHole(t *testing.T) {
	r := start(t, t.TempDir(), Options{Patterns: []string{"app.log"}})
	f, err := os.Create(filepath.Join(r.dir, "app.log"))
	must(t, err)
	defer f.Close()
	_, err = f.WriteString(join(numbers(0, 5)))
	must(t, err)
	r.want(numbers(0, 5)...)
	must(t, f.Truncate(0))
	_, err = f.WriteString("behind the hole\n")
	must(t, err)
	r.want(append(numbers(0, 5), "behind the hole")...)
}

func TestOnce(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.log"), join(numbers(0, 30))+"no end")
	must(t, os.WriteFile(filepath.Join(dir, "b.log.gz"), append(zipped(t, join(numbers(30, 50))), zipped(t, "second\n")...), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "c.log.gz"), zipped(t, strings.Repeat("cut off\n", 5))[:20], 0o644))
	var got []string
	opts := Options{Patterns: []string{filepath.Join(dir, "*.log*")}, Once: true, FromStart: true, Positions: filepath.Join(t.TempDir(), "positions")}
	accept := func(_ context.Context, _ string, batch []record.Record) error {
		for i := range batch {
			got = append(got, batch[i].Message)
		}
		return nil
	}
	err := Follow(t.Context(), opts, accept)
	if err == nil || !strings.Contains(err.Error(), "c.log.gz: decompress it") {
		t.Error(err)
	}
	want := append(append(numbers(0, 30), "no end"), append(numbers(30, 50), "second")...)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	must(t, os.Remove(filepath.Join(dir, "c.log.gz")))
	write(t, filepath.Join(dir, "a.log"), "\nmore\n")
	got = nil
	if err := Follow(t.Context(), opts, accept); err != nil || fmt.Sprint(got) != "[ more]" {
		t.Errorf("again: %q, %v", got, err)
	}
	opts.Patterns = []string{filepath.Join(dir, "none*")}
	if err := Follow(t.Context(), opts, accept); err == nil || !strings.Contains(err.Error(), "none") {
		t.Error(err)
	}
}

// TestCompressedLater: a rotated file that is compressed is not read again.
func TestCompressedLater(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "app.log.9.gz"), zipped(t, "from before\n"), 0o644))
	r := start(t, dir, Options{Patterns: []string{"app.log*"}})
	r.wantNotice("app.log.9.gz skipped")
	r.write("app.log", join(numbers(0, 10)))
	r.want(numbers(0, 10)...)
	log := filepath.Join(dir, "app.log")
	must(t, os.Rename(log, log+".1"))
	must(t, os.WriteFile(log+".1.gz", zipped(t, join(numbers(0, 10))), 0o644))
	must(t, os.Remove(log+".1"))
	r.write("app.log", "next\n")
	must(t, os.WriteFile(log+"-2.gz", zipped(t, "another\n"), 0o644))
	r.until("both", func() bool { return len(r.got()) >= 12 })
	got := r.got()
	slices.Sort(got[10:])
	if !slices.Equal(got, append(numbers(0, 10), "another", "next")) {
		t.Errorf("%q", got)
	}
}

// TestManyFiles: with more files than may be open each is read, and followed.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	const files = 60
	all := func(text string) {
		for n := range files {
			write(t, filepath.Join(dir, fmt.Sprint(n, ".log")), fmt.Sprint(text, n, "\n"))
		}
	}
	all("first ")
	r := start(t, dir, Options{Patterns: []string{"*.log"}, MaxOpen: 7, FromStart: true})
	r.until("all files", func() bool { return len(r.got()) >= files })
	r.wantNotice("limit more than 7 files")
	all("second ")
	r.until("all files again", func() bool { return len(r.got()) >= 2*files })
	if n := r.counts.Open.Load(); n > 7 || len(r.got()) != 2*files {
		t.Errorf("%d open, %d lines", n, len(r.got()))
	}
}

func TestIsRotationOf(t *testing.T) {
	for name, want := range map[string]bool{
		"app.log.1": true, "app.log.12.gz": true, "app.log-20260102": true, "app.log-20260102.gz": true, "app.log.old": true, "app.1.log": true,
		"app-2026-01-02T03-04-05.log": true, "app.2026-01-02.log": true, "app.log.2026-01-02_03": true,
		"app.log2": false, "app2.log": false, "app.log.txt": false, "app-worker.log": false, "other.log.1": false, "app": false, "app.log.1.tmp": false, "app.log.": false,
	} {
		if isRotationOf(name, "app.log") != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
