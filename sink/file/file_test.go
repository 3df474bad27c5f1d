package file_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/file"
)

// C25: the file and its directories are made at the first record.
func TestFileLazyOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "temporary.log")
	s := opened(t, path, file.Options{})
	if _, err := os.Stat(filepath.Dir(filepath.Dir(path))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("New made a directory: %v", err)
	}
	write(t, s, "one")
	mustBe(t, path, "one\n")
	info, err := os.Stat(path)
	mustDo(t, err)
	if info.Mode().Perm()&^file.DefaultPerm != 0 {
		t.Errorf("mode %v", info.Mode())
	}
}

// C25: a sink without records leaves no file.
func TestFileSinkKeepsFileClosed(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, filepath.Join(dir, "temporary.log"), file.Options{MaxSize: 10, Interval: time.Hour, Compress: true})
	mustDo(t, s.Reopen())
	mustDo(t, s.Rotate())
	if st := s.Stats(); st.Size != 0 || st.Records != 0 {
		t.Errorf("%+v", st)
	}
	closed(t, s)
	mustHave(t, dir)
}

// C25: flush and close without a file are all right.
func TestFileFlushAndCloseWithoutFile(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "temporary.log"), file.Options{Sync: file.SyncBatch})
	mustDo(t, s.WriteBatch(context.Background(), nil))
	closed(t, s)
	closed(t, s)
}

// C25: each record is a line; without a format it is the line of docs/wire.md.
func TestFileNewline(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temporary.log")
	s, err := file.New(path, file.Options{})
	mustDo(t, err)
	batch := batchOf("one", "two\nlines")
	write(t, s, "one", "two\nlines")
	var want []byte
	for i := range batch {
		want = append(record.AppendJSON(want, &batch[i]), '\n')
	}
	mustBe(t, path, string(want))
	if !s.AcceptsLines() {
		t.Error("JSON lines are not accepted")
	}
	mustDo(t, s.WriteLines(context.Background(), want, 2))
	closed(t, s)
	mustBe(t, path, string(want)+string(want))
	if st := s.Stats(); st.Records != 4 || st.Bytes != uint64(2*len(want)) || st.LostRecords != 0 {
		t.Errorf("%+v", st)
	}
}

func TestFileRefusesLinesOfAnotherFormat(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "temporary.log"), file.Options{})
	if s.AcceptsLines() {
		t.Error("lines are accepted")
	}
	if err := s.WriteLines(context.Background(), []byte("{}\n"), 1); err == nil {
		t.Error("lines were written")
	}
	if st := s.Stats(); st.LostRecords != 1 || st.LostBytes != 3 {
		t.Errorf("%+v", st)
	}
}

// C12, C25: override_existing=false.
func TestFileExistingFileAndNoOverride(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "temporary.log")
	mustDo(t, os.WriteFile(path, []byte("old\n"), 0o600))
	first := opened(t, path, file.Options{Mode: file.NewName})
	second := opened(t, path, file.Options{Mode: file.NewName})
	write(t, first, "first")
	write(t, second, "second")
	write(t, first, "first again")
	mustHave(t, dir, "temporary.log", "temporary.log.0001", "temporary.log.0002")
	mustBe(t, path, "old\n")
	mustBe(t, path+".0001", "first\nfirst again\n")
	mustBe(t, path+".0002", "second\n")
	if first.Path() != second.Path()[:len(second.Path())-1]+"1" {
		t.Errorf("%s and %s", first.Path(), second.Path())
	}
	// Opened again, a sink goes on in its file.
	mustDo(t, first.Reopen())
	write(t, first, "more")
	mustBe(t, path+".0001", "first\nfirst again\nmore\n")
}

// C12: modes, for what is there at the first record and later.
func TestFileModes(t *testing.T) {
	for _, c := range []struct {
		mode file.Mode
		want string
	}{{file.Append, "old\none\ntwo\n"}, {file.Truncate, "one\ntwo\n"}} {
		path := filepath.Join(t.TempDir(), "temporary.log")
		mustDo(t, os.WriteFile(path, []byte("old\n"), 0o600))
		s := opened(t, path, file.Options{Mode: c.mode})
		mustBe(t, path, "old\n")
		write(t, s, "one")
		mustDo(t, s.Reopen())
		write(t, s, "two")
		mustBe(t, path, c.want)
	}
}

// TestFileTwoSinks: a second sink on a file shares it, whatever its mode. (ko-log's sync
// and async handlers of one file overwrote each other.)
func TestFileTwoSinks(t *testing.T) {
	dir := t.TempDir()
	mustDo(t, os.Symlink(dir, filepath.Join(dir, "link")))
	path := filepath.Join(dir, "both.log")
	for _, mode := range []file.Mode{file.Truncate, file.Append} {
		o := file.Options{Mode: mode, MaxSize: 1 << 20}
		one := opened(t, path, o)
		write(t, one, "one")
		two := opened(t, filepath.Join(dir, "link", "both.log"), o)
		write(t, two, "two")
		write(t, one, "three")
		o.MaxSize++
		if _, err := file.New(path, o); err == nil || !strings.Contains(err.Error(), "other options") {
			t.Errorf("error %v", err)
		}
		closed(t, one)
		write(t, two, "four")
		mustFail(t, one.WriteBatch(context.Background(), batchOf("five")), "Failed to write", 1)
		closed(t, two)
		want := "one\ntwo\nthree\nfour\n"
		if mode == file.Append { // after the round with Truncate
			want += want
		}
		mustBe(t, path, want)
		if st := two.Stats(); st.Records != 4 || st.LostRecords != 1 {
			t.Errorf("%+v", st)
		}
	}
}

// TestFileConcurrent10Threads: ten goroutines, ten writes.
func TestFileConcurrent10Threads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temporary.log")
	s := opened(t, path, file.Options{})
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() { write(t, s, fmt.Sprintf("message %d", i)) })
		group.Go(func() { _, _ = s.Stats(), s.Path() })
	}
	group.Wait()
	lines := strings.Split(strings.TrimSuffix(content(t, path), "\n"), "\n")
	slices.Sort(lines)
	if len(lines) != 10 || lines[0] != "message 0" || lines[9] != "message 9" {
		t.Errorf("%q", lines)
	}
}

// C12: ~ and variables.
func TestFileExpandsItsPath(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("USERPROFILE", dir)
	t.Setenv("WHERE", "logs")
	s := opened(t, "~/${WHERE}/app.log", file.Options{})
	write(t, s, "one")
	mustBe(t, filepath.Join(dir, "logs", "app.log"), "one\n")
}

func TestFileRefusesBadOptions(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		path string
		o    file.Options
		want string
	}{
		{"", file.Options{}, "name a file"},
		{"$NO_SUCH_VARIABLE/x", file.Options{}, "NO_SUCH_VARIABLE is not set"},
		{dir + "/", file.Options{}, "ends like a directory"},
		{dir, file.Options{}, "Failed to open the file at path `" + dir},
		{"a", file.Options{MaxSize: -1}, "MaxSize is -1"},
		{"a", file.Options{Interval: -1}, "Interval is -1"},
		{"a", file.Options{MaxFiles: -1}, "MaxFiles is -1"},
		{"a", file.Options{MaxFiles: 10000}, "9999 is the most"},
		{"a", file.Options{MaxAge: -1}, "MaxAge is -1"},
		{"a", file.Options{Mode: 3}, "none of Append"},
		{"a", file.Options{Sync: 3}, "none of SyncNever"},
		{"a", file.Options{Perm: fs.ModeSticky | 0o600}, "more than the nine bits"},
		{"a", file.Options{Perm: 0o400}, "add 0200"},
	} {
		_, err := file.New(c.path, c.o)
		var e *weir.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, %+v: error %v, want %q", c.path, c.o, err, c.want)
			continue
		}
		if e.Code() != "SINK::FileSink::VALIDATION::ERROR" {
			t.Errorf("code %s", e.Code())
		}
	}
}

// TestFileHalfLine: what a killed program left does not swallow the next record.
func TestFileHalfLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temporary.log")
	mustDo(t, os.WriteFile(path, []byte("whole\nhal"), 0o600))
	s := opened(t, path, file.Options{MaxSize: 14})
	write(t, s, "one")
	mustBe(t, path, "whole\nhal\none\n")
	if st := s.Stats(); st.Size != 14 || st.Records != 1 || st.Bytes != 4 {
		t.Errorf("%+v", st)
	}
}

func TestFileWriteAfterClose(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "temporary.log"), file.Options{})
	write(t, s, "one")
	closed(t, s)
	err := s.WriteBatch(context.Background(), batchOf("two", "three"))
	mustFail(t, err, "Failed to write to the file at path `", 2)
	if !errors.Is(err, fs.ErrClosed) {
		t.Errorf("error %v", err)
	}
	for _, err := range []error{s.Reopen(), s.Rotate()} {
		if !errors.Is(err, fs.ErrClosed) {
			t.Errorf("error %v", err)
		}
	}
	if st := s.Stats(); st.Records != 1 || st.LostRecords != 2 || st.LostBytes != 10 {
		t.Errorf("%+v", st)
	}
}

func TestFileSync(t *testing.T) {
	for _, sync := range []file.Sync{file.SyncNever, file.SyncClose, file.SyncBatch} {
		path := filepath.Join(t.TempDir(), "temporary.log")
		s := opened(t, path, file.Options{Sync: sync, MaxSize: 8})
		write(t, s, "one", "two", "three")
		closed(t, s)
		mustBe(t, path+".0001", "one\ntwo\n")
		mustBe(t, path, "three\n")
	}
}
