package ship

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// adoptInterval is how often a sink looks for what programs that have ended left
// behind.
const adoptInterval = time.Minute

// adopt takes over the directories that nobody holds, the one with the oldest files
// first, and puts them before the own one. It returns how many records they hold.
func (s *spool) adopt() (records int) {
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return 0 // nothing to be found is nothing to be sent; put says what is wrong
	}
	type found struct {
		dir   *spoolDir
		since time.Time
	}
	var all []found
	for _, e := range entries {
		if !e.IsDir() || !isSource(e.Name()) || e.Name() == s.source || s.has(e.Name()) {
			continue
		}
		d := &spoolDir{path: filepath.Join(s.root, e.Name())}
		if since, ok := d.list(); ok && d.acquire() {
			all = append(all, found{d, since})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return a.since.Compare(b.since) })
	for _, one := range all {
		if len(one.dir.files) == 0 {
			s.release(one.dir)
			continue
		}
		at := len(s.dirs)
		if s.own != nil {
			at = slices.Index(s.dirs, s.own)
		}
		s.dirs = slices.Insert(s.dirs, at, one.dir)
		for _, f := range one.dir.files {
			records += f.records()
			s.counted(f, 1)
		}
	}
	s.counters.change(func(c *Stats) { c.Adopted += uint64(records) })
	for s.size() > s.limit && s.dropOldest() {
		continue
	}
	return records
}

func (s *spool) has(source string) bool {
	return slices.ContainsFunc(s.dirs, func(d *spoolDir) bool { return filepath.Base(d.path) == source })
}

// emptyAge is how old a directory without batches must be before it is taken for
// forgotten: a sink locks its own right after it has made it.
const emptyAge = time.Minute

// list reads which batches there are, and since when. ok is false when the directory
// is not to be touched.
func (d *spoolDir) list() (since time.Time, ok bool) {
	d.files = nil
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return time.Time{}, false
	}
	for _, e := range entries {
		first, last, ok := parseSpoolName(e.Name())
		info, err := e.Info()
		if !ok || err != nil {
			continue
		}
		d.files = append(d.files, &file{dir: d, first: first, last: last, size: info.Size()})
		if since.IsZero() || info.ModTime().Before(since) {
			since = info.ModTime()
		}
	}
	slices.SortFunc(d.files, func(a, b *file) int { return cmp.Compare(a.first, b.first) })
	if len(d.files) > 0 {
		return since, true
	}
	info, err := os.Stat(d.path)
	return time.Time{}, err == nil && time.Since(info.ModTime()) > emptyAge
}

// acquire locks the directory and reads it again, because its owner may have ended, or
// somebody else may have sent its files, only just now. What was being written when its owner ended is removed.
func (d *spoolDir) acquire() bool {
	lock, err := lockFile(filepath.Join(d.path, lockName))
	if err != nil {
		return false // its owner lives, or somebody was faster
	}
	d.lock = lock
	d.list()
	entries, _ := os.ReadDir(d.path) // list has read it just now
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), spoolSuffix+".tmp") {
			_ = os.Remove(filepath.Join(d.path, e.Name())) // it is never read, and goes with the next start
		}
	}
	return true
}
