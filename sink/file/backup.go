package file

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const gzipSuffix = ".gz"

// backup is a file that was rotated away. 1 is the newest.
type backup struct {
	n int
	// A compression that was stopped between its last two steps leaves both. Then they
	// have the same content.
	plain, zipped bool
}

// backupPath returns the path of the n-th backup.
func backupPath(path string, n int, zipped bool) string {
	path = fmt.Sprintf("%s.%04d", path, n)
	if zipped {
		path += gzipSuffix
	}
	return path
}

// paths are the files of the backup.
func (b *backup) paths(path string) []string {
	var all []string
	if b.plain {
		all = append(all, backupPath(path, b.n, false))
	}
	if b.zipped {
		all = append(all, backupPath(path, b.n, true))
	}
	return all
}

// parseBackup reads the number out of a file's name; base is the name of the file that
// is rotated.
func parseBackup(base, name string) (n int, zipped, ok bool) {
	digits, ok := strings.CutPrefix(name, base+".")
	if !ok {
		return 0, false, false
	}
	digits, zipped = strings.CutSuffix(digits, gzipSuffix)
	if len(digits) < 4 || len(digits) > 4 && digits[0] == '0' {
		return 0, false, false
	}
	u, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || u == 0 {
		return 0, false, false
	}
	return int(u), zipped, true
}

// listBackups returns the backups of a file, newest first. Whatever else is in the
// directory, directories with such names too, is not looked at.
func listBackups(path string) ([]backup, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	var all []backup
	base := filepath.Base(path)
	for _, e := range entries {
		n, zipped, ok := parseBackup(base, e.Name())
		if !ok || !e.Type().IsRegular() {
			continue
		}
		// Names are in order, so both forms of a number are neighbours.
		if len(all) == 0 || all[len(all)-1].n != n {
			all = append(all, backup{n: n})
		}
		last := &all[len(all)-1]
		last.zipped = last.zipped || zipped
		last.plain = last.plain || !zipped
	}
	slices.SortFunc(all, func(a, b backup) int { return cmp.Compare(a.n, b.n) })
	return all, nil
}

// shift makes the number 1 free: the backups before the first free number go up by
// one. So a rotation that was stopped half way goes on where it was, and one that is
// refused again and again wastes no number.
func shift(path string) error {
	all, err := listBackups(path)
	if err != nil {
		return err
	}
	run := 0
	for run < len(all) && all[run].n == run+1 {
		run++
	}
	for _, b := range slices.Backward(all[:run]) {
		if b.plain && b.zipped {
			if err := os.Remove(backupPath(path, b.n, false)); err != nil {
				return err
			}
			b.plain = false
		}
		if err := os.Rename(backupPath(path, b.n, b.zipped), backupPath(path, b.n+1, b.zipped)); err != nil {
			return err
		}
	}
	return nil
}

// prune removes the backups beyond MaxFiles and MaxAge.
func (t *target) prune(now time.Time) {
	t.pruned = now
	t.compressor.names.Lock()
	defer t.compressor.names.Unlock()
	all, err := listBackups(t.path)
	if err != nil {
		t.tell(now, failure("Failed to remove old backups of the file at path", t.path, err))
		return
	}
	for i := range all {
		if i < t.maxFiles && !t.tooOld(&all[i], now) {
			continue
		}
		removed := true
		for _, p := range all[i].paths(t.path) {
			if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.tell(now, failure("Failed to remove the old backup at path", p, cause(err)))
				removed = false
			}
		}
		if removed {
			t.counters.removed.Add(1)
		}
	}
}

func (t *target) tooOld(b *backup, now time.Time) bool {
	if t.maxAge == 0 {
		return false
	}
	info, err := os.Lstat(b.paths(t.path)[0])
	return err == nil && now.Sub(info.ModTime()) > t.maxAge
}
