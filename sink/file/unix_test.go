//go:build unix

package file_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirlog/weir/sink/file"
)

// TestFileDiskFull: a full disk costs the records that find no room, and nothing else.
func TestFileDiskFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil { // only Linux and some BSDs have it
		t.Log("no /dev/full here; TestFileRunsOutOfRoom has the same")
		return
	}
	s := opened(t, "/dev/full", file.Options{MaxSize: 10, Interval: time.Second, MaxAge: time.Hour})
	for range 3 {
		err := s.WriteBatch(context.Background(), batchOf("one", "two"))
		hint := mustFail(t, err, "Failed to write to the file at path `/dev/full`", 2)
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(hint, "the disk is full") {
			t.Errorf("error %v", err)
		}
	}
	if st := s.Stats(); st.WriteErrors != 3 || st.LostRecords != 6 || st.LostBytes != 24 || st.OpenErrors != 0 {
		t.Errorf("%+v", st)
	}
}

// TestFileRunsOutOfRoom: the file may grow to a few bytes only, in a process of its own.
// What fits is there, whole; as soon as there is room writing goes on.
func TestFileRunsOutOfRoom(t *testing.T) {
	const variable = "WEIR_TEST_FULL_FILE"
	if path := os.Getenv(variable); path != "" {
		runOutOfRoom(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "app.log")
	child := exec.Command(os.Args[0], "-test.run=^TestFileRunsOutOfRoom$")
	child.Env = append(os.Environ(), variable+"="+path)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mustBe(t, path, "one\ntwo\nmore\nfour\nfive\nfrom anothersi\nseven\n")
}

func runOutOfRoom(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	mustDo(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	limit := func(bytes uint64) {
		l := old
		setLimit(&l, bytes)
		mustDo(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l))
	}
	s := opened(t, path, file.Options{Clock: newClock().now})

	limit(10) // "one", "two" and two bytes of the next
	mustFail(t, s.WriteBatch(context.Background(), batchOf("one", "two", "three", "four")), "Failed to write", 2)
	mustBe(t, path, "one\ntwo\n")
	if st := s.Stats(); st.Records != 2 || st.Bytes != 8 || st.LostRecords != 2 || st.LostBytes != 11 || st.Size != 8 {
		t.Errorf("%+v", st)
	}
	limit(1 << 20)
	write(t, s, "more", "four", "five")

	// Somebody else writes behind us: then what we could not write whole stays, and the
	// next record begins a line.
	other, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	mustDo(t, err)
	_, err = other.WriteString("from another")
	mustDo(t, errors.Join(err, other.Close()))
	limit(8 + 15 + 12 + 2)
	mustFail(t, s.WriteBatch(context.Background(), batchOf("six")), "Failed to write", 1)
	limit(1 << 20)
	write(t, s, "seven")
	closed(t, s)
}

// TestFileHangup: SIGHUP opens the file again; after Close it does nothing.
func TestFileHangup(t *testing.T) {
	own := make(chan os.Signal, 2) // keeps the signal from ending the test
	signal.Notify(own, syscall.SIGHUP)
	defer signal.Stop(own)
	path := filepath.Join(t.TempDir(), "app.log")
	asked := make(chan struct{}, 100)
	s := opened(t, path, file.Options{ReopenOnHangup: true, Clock: func() time.Time {
		asked <- struct{}{}
		return noon
	}})
	write(t, s, "one")
	<-asked
	mustDo(t, os.Rename(path, path+".1"))
	mustDo(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
	<-asked // Reopen has begun and holds the file's lock
	<-own
	write(t, s, "two")
	mustBe(t, path+".1", "one\n")
	mustBe(t, path, "two\n")
	closed(t, s)
	before := s.Stats().Reopened
	mustDo(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
	<-own
	if before != 1 || s.Stats().Reopened != 1 {
		t.Errorf("reopened %d times, then %d", before, s.Stats().Reopened)
	}
}

// TestFileNamedPipe: a pipe without a reader is an error and not a wait, and it is never
// rotated.
func TestFileNamedPipe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pipe")
	mustDo(t, syscall.Mkfifo(path, 0o600))
	c := newClock()
	s := opened(t, path, file.Options{MaxSize: 4, Clock: c.now, Sync: file.SyncBatch})
	mustFail(t, s.WriteBatch(context.Background(), batchOf("lost")), "Failed to open", 1)
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	mustDo(t, err)
	c.add(time.Second)
	write(t, s, "one", "two", "three")
	got := make([]byte, 14)
	if n, err := reader.Read(got); err != nil || string(got[:n]) != "one\ntwo\nthree\n" {
		t.Errorf("%q, %v", got[:n], err)
	}
	mustHave(t, dir, "pipe")
	mustDo(t, reader.Close())
	// The reader has gone, and another comes.
	mustFail(t, s.WriteBatch(context.Background(), batchOf("lost")), "Failed to write", 1)
	reader, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	mustDo(t, err)
	defer reader.Close()
	c.add(time.Second)
	write(t, s, "four")
	if n, err := reader.Read(got); err != nil || string(got[:n]) != "four\n" {
		t.Errorf("%q, %v", got[:n], err)
	}
}

// TestRotatingKeepsMode: what an administrator set stays.
func TestRotatingKeepsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	s := opened(t, path, file.Options{MaxSize: 8, Perm: 0o600})
	write(t, s, "one")
	mustDo(t, os.Chmod(path, 0o664))
	write(t, s, "two", "three")
	for _, p := range []string{path, path + ".0001"} {
		if info, err := os.Stat(p); err != nil || info.Mode() != 0o664 {
			t.Errorf("%s: %v, %v", p, info.Mode(), err)
		}
	}
}
