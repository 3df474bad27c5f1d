package file_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/sink/file"
)

// C12, C26: ko-log's bounds (100 bytes, 10 backups), with a limit that is exact.
func TestRotatingNamesAndBounds(t *testing.T) {
	for _, c := range []struct {
		name             string
		messages, length int
		old              []string
		last             string
		files            int
	}{
		{"two hundred bytes", 10, 20, nil, "temporary.log.0002", 3},
		{"many small ones", 50, 10, nil, "temporary.log.0005", 6},
		{"more than are kept", 100, 15, nil, "temporary.log.0010", 11},
		{"old backups", 10, 10, []string{"temporary.log.0001", "temporary.log.0002", "temporary.log.0003"}, "temporary.log.0004", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range c.old {
				mustDo(t, os.WriteFile(filepath.Join(dir, name), []byte(name+"\n"), 0o600))
			}
			path := filepath.Join(dir, "temporary.log")
			s := opened(t, path, file.Options{MaxSize: 100, MaxFiles: 10})
			for i := range c.messages {
				write(t, s, fmt.Sprintf("%0*d", c.length, i)) // the line is one longer
			}
			all := names(t, dir)
			if len(all) != c.files || all[len(all)-1] != c.last {
				t.Errorf("%d files, the last %s; want %d and %s", len(all), all[len(all)-1], c.files, c.last)
			}
			for _, name := range all {
				if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() > 100 {
					t.Errorf("%s: %v, %v", name, info.Size(), err)
				}
			}
			lines := strings.Fields(content(t, path))
			if want := fmt.Sprintf("%0*d", c.length, c.messages-1); lines[len(lines)-1] != want {
				t.Errorf("the last line is %s, want %s", lines[len(lines)-1], want)
			}
			if c.old != nil {
				mustBe(t, path+".0002", "temporary.log.0001\n")
				mustBe(t, path+".0004", "temporary.log.0003\n")
			}
		})
	}
}

// C26: nine lines of 11 bytes, 30 bytes a file, two backups: two lines a file, the
// oldest lines gone, in one batch or in nine.
func TestRotatingAcrossOneBatch(t *testing.T) {
	var all []string
	for i := range 9 {
		all = append(all, fmt.Sprintf("message %02d", i))
	}
	for _, size := range []int{1, 2, 9} {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.log")
		s := opened(t, path, file.Options{MaxSize: 30, MaxFiles: 2})
		for part := range slices.Chunk(all, size) {
			write(t, s, part...)
		}
		mustHave(t, dir, "app.log", "app.log.0001", "app.log.0002")
		mustBe(t, path, "message 08\n")
		mustBe(t, path+".0001", "message 06\nmessage 07\n")
		mustBe(t, path+".0002", "message 04\nmessage 05\n")
		if st := s.Stats(); st.Rotated != 4 || st.Removed != 2 || st.Records != 9 || st.Size != 11 {
			t.Errorf("%+v", st)
		}
	}
}

// TestRotatingLargeRecord: only a record that is too large by itself makes a larger file,
// and it is alone in it.
func TestRotatingLargeRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	s := opened(t, path, file.Options{MaxSize: 10})
	large := strings.Repeat("x", 25)
	write(t, s, "one", large, "two", "three", large)
	mustBe(t, path+".0003", "one\n")
	mustBe(t, path+".0002", large+"\n")
	mustBe(t, path+".0001", "two\nthree\n")
	mustBe(t, path, large+"\n")
}

// C26: a second's interval, writes at 0, 0.6 and 1.2 s.
func TestRotatingInterval(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	c := newClock()
	s := opened(t, path, file.Options{Interval: time.Second, Clock: c.now})
	for i := range 3 {
		write(t, s, fmt.Sprintf("t%d", i))
		c.add(600 * time.Millisecond)
	}
	mustHave(t, dir, "app.log", "app.log.0001")
	mustBe(t, path+".0001", "t0\nt1\n")
	mustBe(t, path, "t2\n")
	c.add(time.Hour) // without records there are no files
	write(t, s, "t3")
	mustHave(t, dir, "app.log", "app.log.0001", "app.log.0002")
}

// C26: a restart within the interval goes on in the file; one after it rotates before
// the first record. (ko-log rotated at every start.)
func TestRotatingIntervalAcrossRestarts(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	c := newClock()
	start := func(text string) {
		s := opened(t, path, file.Options{Interval: 24 * time.Hour, Clock: c.now})
		write(t, s, text)
		closed(t, s)
		changed(t, path, c.now())
	}
	start("noon")
	c.add(6 * time.Hour)
	start("evening")
	c.add(6*time.Hour - time.Nanosecond)
	start("last moment")
	c.add(time.Nanosecond)
	start("midnight")
	start("midnight again")
	mustHave(t, dir, "app.log", "app.log.0001")
	mustBe(t, path+".0001", "noon\nevening\nlast moment\n")
	mustBe(t, path, "midnight\nmidnight again\n")
}

// TestRotatingIsBounded: without MaxFiles the number of files is bounded. (ko-log's grew
// for ever.)
func TestRotatingIsBounded(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	s := opened(t, path, file.Options{MaxSize: 4})
	for i := range 25 {
		write(t, s, fmt.Sprint(100+i))
	}
	if n := len(names(t, dir)); n != 1+file.DefaultMaxFiles {
		t.Errorf("%d files", n)
	}
	mustBe(t, fmt.Sprintf("%s.%04d", path, file.DefaultMaxFiles), "114\n")
	closed(t, s)
	// A smaller number holds from the next start on.
	s = opened(t, path, file.Options{MaxSize: 4, MaxFiles: 3})
	write(t, s, "125")
	mustHave(t, dir, "app.log", "app.log.0001", "app.log.0002", "app.log.0003")
	mustBe(t, path+".0003", "122\n")
}

func TestRotatingMaxAge(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	for i := 1; i <= 14; i++ { // more than DefaultMaxFiles, a day each
		backup := fmt.Sprintf("%s.%04d", path, i)
		mustDo(t, os.WriteFile(backup, []byte("x\n"), 0o600))
		changed(t, backup, noon.Add(-time.Duration(i)*24*time.Hour))
	}
	c := newClock()
	s := opened(t, path, file.Options{Interval: 24 * time.Hour, MaxAge: 12*24*time.Hour + time.Minute, Clock: c.now})
	write(t, s, "one")
	if n := len(names(t, dir)); n != 13 { // the file and 12 backups
		t.Errorf("%d files", n)
	}
	c.add(time.Hour) // no rotation
	write(t, s, "two")
	if n := len(names(t, dir)); n != 12 {
		t.Errorf("%d files an hour later", n)
	}
	if st := s.Stats(); st.Removed != 3 || st.Rotated != 0 || st.BackupErrors != 0 {
		t.Errorf("%+v", st)
	}
}

// TestRotatingRefused: a rotation that is refused costs no record; it is told once, tried
// now and then, and wastes no number.
func TestRotatingRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	mustDo(t, os.MkdirAll(filepath.Join(path+".0001", "in the way"), 0o755))
	mustDo(t, os.WriteFile(path+".0002", []byte("old\n"), 0o600))
	c := newClock()
	var told []error
	s := opened(t, path, file.Options{MaxSize: 8, MaxFiles: 1, Clock: c.now, OnError: func(err error) { told = append(told, err) }})
	for i := range 20 {
		write(t, s, fmt.Sprint(100+i), fmt.Sprint(200+i))
	}
	st := s.Stats()
	if st.Records != 40 || st.LostRecords != 0 || st.Rotated != 0 || st.BackupErrors != 1 || st.Size != 160 {
		t.Errorf("%+v", st)
	}
	if len(told) != 1 || !strings.Contains(told[0].Error(), "Failed to rotate the file at path `"+path) {
		t.Errorf("told %v", told)
	}
	mustBe(t, path+".0002", "old\n")
	for range 10 {
		c.add(10 * time.Second)
		write(t, s, "300")
	}
	if st := s.Stats(); st.BackupErrors != 7 { // after 0, 10, 20, 30, 40, 60 and 100 s
		t.Errorf("%d attempts in 100 seconds", st.BackupErrors)
	}
	if len(told) != 2 {
		t.Errorf("told %d times in 100 seconds", len(told))
	}
	mustDo(t, os.RemoveAll(path+".0001"))
	c.add(time.Minute)
	write(t, s, "last")
	mustBe(t, path, "last\n")
	if n := strings.Count(content(t, path+".0001"), "\n"); n != 50 {
		t.Errorf("%d records in the backup", n)
	}
	mustHave(t, dir, "app.log", "app.log.0001") // MaxFiles is 1
}

// TestRotatingLeavesAnothersFile: what was put in the file's place is not rotated away as
// if it were ours.
func TestRotatingLeavesAnothersFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	s := opened(t, path, file.Options{MaxSize: 8, Clock: newClock().now})
	write(t, s, "one")
	mustDo(t, os.Rename(path, path+"-moved"))
	mustDo(t, os.WriteFile(path, []byte("o\n"), 0o600))
	write(t, s, "three") // would not fit into the file that is open
	mustHave(t, dir, "app.log", "app.log-moved")
	mustBe(t, path, "o\nthree\n")
}

// C12: a link stands for its file, and stays.
func TestRotatingBehindALink(t *testing.T) {
	dir := t.TempDir()
	mustDo(t, os.Mkdir(filepath.Join(dir, "data"), 0o755))
	link := filepath.Join(dir, "app.log")
	mustDo(t, os.Symlink(filepath.Join("data", "real.log"), link))
	s := opened(t, link, file.Options{MaxSize: 8})
	write(t, s, "one", "two", "three")
	mustBe(t, link, "three\n")
	mustHave(t, dir, "app.log", "data")
	mustHave(t, filepath.Join(dir, "data"), "real.log", "real.log.0001")
}

func TestRotate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	mustDo(t, os.WriteFile(path, []byte("earlier\n"), 0o600))
	s := opened(t, path, file.Options{})
	mustDo(t, s.Rotate()) // what an earlier run left
	mustDo(t, s.Rotate()) // empty now
	mustHave(t, dir, "app.log", "app.log.0001")
	write(t, s, "one")
	mustDo(t, s.Rotate())
	mustBe(t, path, "")
	mustBe(t, path+".0001", "one\n")
	mustBe(t, path+".0002", "earlier\n")
}
