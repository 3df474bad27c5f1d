package file_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/sink/file"
)

// TestFileDirectoryPathFailedToOpen: a directory that takes the file's place, after New.
func TestFileDirectoryPathFailedToOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temporary.log")
	s := opened(t, path, file.Options{})
	mustDo(t, os.Mkdir(path, 0o755))
	hint := mustFail(t, s.WriteBatch(context.Background(), batchOf("one")), "Failed to open the file at path `"+path+"`", 1)
	if !strings.Contains(hint, "name a file in it") {
		t.Errorf("hint %q", hint)
	}
}

// TestFileUnwritablePath: a path that cannot be opened is tried now and then, and works
// as soon as it can be.
func TestFileUnwritablePath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "logs", "app.log")
	mustDo(t, os.WriteFile(filepath.Join(dir, "logs"), nil, 0o600)) // in the directory's place
	c := newClock()
	s := opened(t, path, file.Options{Clock: c.now})
	failing := func() error { return s.WriteBatch(context.Background(), batchOf("lost", "too")) }
	for range 50 {
		mustFail(t, failing(), "Failed to open the file at path `"+path+"`", 2)
	}
	if st := s.Stats(); st.OpenErrors != 1 || st.LostRecords != 100 || st.LostBytes != 50*9 || st.LastError == "" {
		t.Errorf("%+v", st)
	}
	tried := uint64(1)
	for _, wait := range []time.Duration{100, 200, 400, 800, 1600, 3200, 5000, 5000} {
		c.add(wait*time.Millisecond - 1)
		mustFail(t, failing(), "Failed to open", 2)
		c.add(1)
		mustFail(t, failing(), "Failed to open", 2)
		tried++
		if st := s.Stats(); st.OpenErrors != tried {
			t.Fatalf("%d attempts after %d ms, want %d", st.OpenErrors, wait, tried)
		}
	}
	mustDo(t, os.Remove(filepath.Join(dir, "logs")))
	c.add(5 * time.Second)
	write(t, s, "one")
	mustBe(t, path, "one\n")
	if st := s.Stats(); st.Records != 1 || st.OpenErrors != tried {
		t.Errorf("%+v", st)
	}
}

// TestFileReopenTriesAtOnce: Reopen does not wait for the next attempt.
func TestFileReopenTriesAtOnce(t *testing.T) {
	dir := t.TempDir()
	blocker := filepath.Join(dir, "logs")
	mustDo(t, os.WriteFile(blocker, nil, 0o600))
	s := opened(t, filepath.Join(blocker, "app.log"), file.Options{Clock: newClock().now})
	mustFail(t, s.WriteBatch(context.Background(), batchOf("lost")), "Failed to open", 1)
	mustDo(t, os.Remove(blocker))
	mustDo(t, s.Reopen())
	write(t, s, "one")
	mustBe(t, filepath.Join(blocker, "app.log"), "one\n")
}

// TestFileMovedAway: a file that others rename, delete or replace is noticed within a
// second, without a signal; then the path has a file again.
func TestFileMovedAway(t *testing.T) {
	for _, c := range []struct {
		name string
		move func(path string) error
		want string
	}{
		{"renamed", func(p string) error { return os.Rename(p, p+"-old") }, "three\n"},
		{"deleted", os.Remove, "three\n"},
		{"replaced", func(p string) error {
			return errors.Join(os.Rename(p, p+"-old"), os.WriteFile(p, []byte("other\n"), 0o600))
		}, "other\nthree\n"},
		{"directory deleted", func(p string) error { return os.RemoveAll(filepath.Dir(p)) }, "three\n"},
	} {
		path := filepath.Join(t.TempDir(), "logs", "app.log")
		clock := newClock()
		s := opened(t, path, file.Options{Clock: clock.now})
		write(t, s, "one")
		mustDo(t, c.move(path))
		write(t, s, "two") // looked a moment ago
		clock.add(time.Second)
		write(t, s, "three")
		mustBe(t, path, c.want)
		if _, err := os.Stat(path + "-old"); err == nil {
			mustBe(t, path+"-old", "one\ntwo\n")
		}
		if st := s.Stats(); st.Reopened != 1 || st.Size != int64(len(c.want)) {
			t.Errorf("%s: %+v", c.name, st)
		}
	}
}

// TestFileCopyTruncate: logrotate's copytruncate leaves no hole, and the size counts from
// its start.
func TestFileCopyTruncate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	s := opened(t, path, file.Options{MaxSize: 16, Clock: newClock().now})
	write(t, s, "one", "two", "three")
	mustDo(t, os.Truncate(path, 0))
	write(t, s, "four", "five") // would not fit behind the others
	mustBe(t, path, "four\nfive\n")
	mustHave(t, dir, "app.log")
	if st := s.Stats(); st.Rotated != 0 || st.Size != 10 {
		t.Errorf("%+v", st)
	}
}

func TestFileReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	s := opened(t, path, file.Options{Clock: newClock().now})
	write(t, s, "one")
	mustDo(t, os.Rename(path, path+".1"))
	mustDo(t, s.Reopen())
	mustBe(t, path, "")
	write(t, s, "two")
	mustBe(t, path+".1", "one\n")
	mustBe(t, path, "two\n")
}

// TestFileAppendsBesideOthers: another process appends to the file; nothing is
// overwritten, and the limit counts all.
func TestFileAppendsBesideOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	clock := newClock()
	s := opened(t, path, file.Options{MaxSize: 20, Clock: clock.now})
	write(t, s, "one")
	other, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	mustDo(t, err)
	_, err = other.WriteString("from another\n")
	mustDo(t, err)
	mustDo(t, other.Close())
	clock.add(time.Second)
	write(t, s, "two", "three")
	mustBe(t, path+".0001", "one\nfrom another\n")
	mustBe(t, path, "two\nthree\n")
}
