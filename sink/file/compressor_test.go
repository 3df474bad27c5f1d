package file_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirlog/weir/sink/file"
)

func TestCompress(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	s := opened(t, path, file.Options{MaxSize: 8, MaxFiles: 3, Compress: true})
	for i := range 9 {
		write(t, s, fmt.Sprint(100+i))
	}
	closed(t, s) // waits for the compressions
	mustHave(t, dir, "app.log", "app.log.0001.gz", "app.log.0002.gz", "app.log.0003.gz")
	mustBe(t, path, "108\n")
	mustBe(t, path+".0001.gz", "106\n107\n")
	mustBe(t, path+".0003.gz", "102\n103\n")
	if st := s.Stats(); st.Rotated != 4 || st.Removed != 1 || st.Compressed < 3 || st.BackupErrors != 0 {
		t.Errorf("%+v", st)
	}
}

// TestCompressAfterACrash: whatever moment the program died at, the next start brings
// the backups in order, and no record is lost or double.
func TestCompressAfterACrash(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	s := opened(t, path, file.Options{MaxSize: 8, Compress: true})
	write(t, s, "111", "222", "333", "444", "555")
	closed(t, s)
	mustHave(t, dir, "app.log", "app.log.0001.gz", "app.log.0002.gz")
	when := noon.Add(-time.Hour)
	for name, text := range map[string]string{
		"app.log.0002":   "111\n222\n", // died before it was removed
		"app.log.0003":   "000\n",      // died before it was compressed
		"app.log.gz.tmp": "half a gzip file",
	} {
		mustDo(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640))
		changed(t, filepath.Join(dir, name), when)
	}
	s = opened(t, path, file.Options{MaxSize: 8, Compress: true})
	write(t, s, "666")
	closed(t, s)
	mustHave(t, dir, "app.log", "app.log.0001.gz", "app.log.0002.gz", "app.log.0003.gz")
	mustBe(t, path, "555\n666\n")
	mustBe(t, path+".0001.gz", "333\n444\n")
	mustBe(t, path+".0002.gz", "111\n222\n")
	mustBe(t, path+".0003.gz", "000\n")
	// MaxAge goes by the time of the last record.
	if info, err := os.Stat(path + ".0003.gz"); err != nil || !info.ModTime().Equal(when) {
		t.Errorf("%v, %v", info.ModTime(), err)
	}
}

// TestCompressFails: a compression that fails is told, and the backup stays.
func TestCompressFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	mustDo(t, os.MkdirAll(filepath.Join(path+".gz.tmp", "in the way"), 0o755))
	told := make(chan error, 10)
	s := opened(t, path, file.Options{MaxSize: 8, Compress: true, OnError: func(err error) { told <- err }})
	write(t, s, "111", "222", "333")
	closed(t, s)
	if len(told) != 1 {
		t.Errorf("told %d times", len(told))
	}
	mustHave(t, dir, "app.log", "app.log.0001", "app.log.gz.tmp")
	mustBe(t, path+".0001", "111\n222\n")
	if st := s.Stats(); st.BackupErrors < 2 || st.Records != 3 { // tidying up, and compressing, which a later write may try again
		t.Errorf("%+v", st)
	}
}
