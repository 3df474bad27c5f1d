package ship

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const (
	lockName = "lock"
	asideDir = "damaged"
	// maxAside is how many damaged files are kept to be looked at; further ones are
	// removed.
	maxAside = 100
)

// errHeld is what lockFile returns when another process, or sink, has the lock.
var errHeld = errors.New("another process has it")

// spool is batches on disk. Each sink writes into a directory of its own, named after
// its source and locked while it lives, below one for the server; so programs that
// share a spool do not meet, and nothing is sent to another server than it was meant
// for. A directory that nobody holds belongs to a program that has ended: whoever
// finds it adopts it.
//
// The sink's lock guards a spool.
type spool struct {
	root     string // of the server
	source   string
	limit    int64
	counters *counters

	dirs []*spoolDir // in the order in which they are sent; the own one, if there, is the last
	own  *spoolDir   // nil until something was written

	gzip *gzipper
	lost func(reason string, records int) // tells people
}

// spoolDir is the directory of one source. Its files ascend.
type spoolDir struct {
	path  string
	lock  *os.File
	files []*file
}

// openSpool prepares a spool; it makes the directories for the server, which only
// this user can read.
func (s *Sink) openSpool() (*spool, error) {
	path := s.opts.Spool
	if path == SpoolUserCache {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("find a place for the spool: %w (give a directory in Options.Spool)", err)
		}
		path = filepath.Join(cache, "weir", "spool")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the spool: %w", err)
	}
	sum := sha256.Sum256([]byte(s.notices.where))
	sp := &spool{
		root: filepath.Join(path, hex.EncodeToString(sum[:8])), source: s.queue.source, limit: s.opts.SpoolBytes,
		counters: &s.counters, gzip: &s.gzip, lost: s.notices.dropped,
	}
	if err := os.MkdirAll(sp.root, 0o700); err != nil {
		return nil, fmt.Errorf("make the spool: %w (give a directory that can be written in Options.Spool)", err)
	}
	// For people who look for the spool of a server.
	if err := os.WriteFile(filepath.Join(sp.root, "server"), []byte(s.notices.where+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("make the spool: %w (give a directory that can be written in Options.Spool)", err)
	}
	probe, err := lockFile(filepath.Join(sp.root, lockName))
	if err != nil && !errors.Is(err, errHeld) {
		return nil, fmt.Errorf("lock the spool: %w (network file systems may not have locks: give a local directory)", err)
	}
	if probe != nil {
		return sp, probe.Close()
	}
	return sp, nil
}

// put writes a batch of this sink behind all others and makes room for it. kept is
// false when it is larger than the whole spool.
func (s *spool) put(b *batch) (kept bool, err error) {
	data, err := encodeSpool(b, s.gzip)
	if err != nil {
		return false, err
	}
	size := int64(len(data))
	if size > s.limit {
		return false, nil
	}
	dir, err := s.dirFor(b.source)
	if err != nil {
		return false, err
	}
	for s.size()+size > s.limit {
		if !s.dropOldest() {
			break
		}
	}
	f := &file{dir: dir, first: b.first, last: b.last, size: size}
	if err := writeFile(f.path(), data); err != nil {
		return false, err
	}
	at := len(dir.files)
	for at > 0 && dir.files[at-1].first > f.first {
		at--
	}
	dir.files = append(dir.files, nil)
	copy(dir.files[at+1:], dir.files[at:])
	dir.files[at] = f
	s.counted(f, 1)
	return true, nil
}

// dirFor finds the directory of a source, and makes the sink's own one when it is
// needed first.
func (s *spool) dirFor(source string) (*spoolDir, error) {
	for _, d := range s.dirs {
		if filepath.Base(d.path) == source {
			return d, nil
		}
	}
	path := filepath.Join(s.root, source)
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(path, lockName))
	if err != nil {
		return nil, err
	}
	d := &spoolDir{path: path, lock: lock}
	if source == s.source {
		s.own = d
	}
	s.dirs = append(s.dirs, d)
	return d, syncDir(s.root)
}

func (s *spool) size() int64 {
	total := int64(0)
	for _, d := range s.dirs {
		for _, f := range d.files {
			total += f.size
		}
	}
	return total
}

// head is the file that is to be sent first, nil when there is none that the sender
// does not have in hand.
func (s *spool) head() *file {
	for _, d := range s.dirs {
		for _, f := range d.files {
			if !f.taken {
				return f
			}
		}
	}
	return nil
}

// oldest is the first number of the sink's own records in the spool, otherwise when
// there is none.
func (s *spool) oldest(otherwise uint64) uint64 {
	if s.own == nil || len(s.own.files) == 0 {
		return otherwise
	}
	return s.own.files[0].first
}

// take reads the batch that is to be sent first; its file stays until remove. What
// cannot be read is moved aside. It returns nil when the spool is empty.
func (s *spool) take() *batch {
	for f := s.head(); f != nil; f = s.head() {
		data, err := os.ReadFile(f.path())
		var b *batch
		if err == nil {
			b, err = decodeSpool(data)
		}
		if err == nil && (b.source != filepath.Base(f.dir.path) || b.first != f.first || b.last != f.last) {
			err = fmt.Errorf("%w: its name is another batch's", errDamaged)
		}
		if err == nil {
			b.whole = &whole{file: f, parts: 1}
			f.taken = true
			return b
		}
		s.moveAside(f)
	}
	return nil
}

// moveAside takes a damaged file out of the spool and keeps it to be looked at.
func (s *spool) moveAside(f *file) {
	aside := filepath.Join(s.root, asideDir)
	err := os.MkdirAll(aside, 0o700)
	if err == nil {
		var have []os.DirEntry
		if have, err = os.ReadDir(aside); err == nil && len(have) >= maxAside {
			err = errors.New("there are enough of them")
		}
	}
	if err == nil {
		err = os.Rename(f.path(), filepath.Join(aside, filepath.Base(f.dir.path)+"-"+f.name()))
	}
	if err != nil {
		_ = os.Remove(f.path()) // when that fails too, the next start finds it again
	}
	s.forget(f)
	s.counters.change(func(c *Stats) {
		c.SpoolDamaged++
		c.drop(DroppedSpoolDamaged, f.records())
	})
	s.lost(DroppedSpoolDamaged, f.records())
}

// remove deletes the file of a batch that is settled.
func (s *spool) remove(f *file) error {
	err := ignoreMissing(os.Remove(f.path()))
	s.forget(f)
	return err
}

// settle tells that records of a file are settled while others are not.
func (s *spool) settle(f *file, records int) {
	f.settled += records
	s.counters.change(func(c *Stats) { c.Spooled -= records })
}

// dropOldest makes room. It reports whether there was anything to drop.
func (s *spool) dropOldest() bool {
	f := s.head()
	if f == nil {
		return false
	}
	_ = s.remove(f) // when it stays it is sent again, which is no loss
	s.counters.change(func(c *Stats) { c.drop(DroppedSpoolFull, f.records()) })
	s.lost(DroppedSpoolFull, f.records())
	return true
}

// forget takes a file off the list. An adopted directory without files is removed.
func (s *spool) forget(f *file) {
	for i, other := range f.dir.files {
		if other == f {
			f.dir.files = append(f.dir.files[:i], f.dir.files[i+1:]...)
			s.counted(f, -1)
			break
		}
	}
	if len(f.dir.files) == 0 && f.dir != s.own {
		s.release(f.dir)
	}
}

// counted tells Stats of a file that came or went.
func (s *spool) counted(f *file, sign int) {
	s.counters.change(func(c *Stats) {
		c.Spooled += sign * (f.records() - f.settled)
		c.SpoolBytes += int64(sign) * f.size
	})
}

// release gives a directory up, and removes it when nothing is in it but the lock.
func (s *spool) release(d *spoolDir) {
	for i, other := range s.dirs {
		if other == d {
			s.dirs = append(s.dirs[:i], s.dirs[i+1:]...)
			break
		}
	}
	if len(d.files) == 0 {
		removeDir(d)
	}
	_ = d.lock.Close() // nothing was written to it
}

// close gives all directories up. What is in them waits for the next start.
func (s *spool) close() {
	for len(s.dirs) > 0 {
		s.release(s.dirs[0])
	}
}

// removeDir removes an empty directory while its lock is held. Somebody who has
// opened the lock's file already will lock a file that is not there any more, and finds
// nothing.
func removeDir(d *spoolDir) {
	_ = os.Remove(filepath.Join(d.path, lockName)) // Windows: once it is closed, by whoever comes next
	_ = os.Remove(d.path)                          // fails when something else was put into it
}
