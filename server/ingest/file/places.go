package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

const (
	// headBytes at the start tell files apart: more than a banner and a line with a time.
	headBytes = 1 << 10
	// tailBytes before a place tell whether a file still is what was read: some lines.
	tailBytes = 256
	// forgetAfter is how long a file that is gone is remembered: longer than rotations
	// keep files, and backups are away.
	forgetAfter = 30 * 24 * time.Hour
	// maxGone bounds the files that are gone and remembered, at 300 bytes each.
	maxGone = 10_000
	// maxPositions bounds the file of positions: some files more than a machine has.
	maxPositions = 64 << 20
)

// place is how far a file was read, with what tells it from others.
type place struct {
	Path   string    `json:"path"`
	ID     string    `json:"id"`             // "": of what the file had before it was written anew
	Offset int64     `json:"offset"`         // of a compressed file: in its text
	Head   mark      `json:"head"`           // from the start on
	Tail   mark      `json:"tail"`           // before the offset
	Seen   time.Time `json:"seen"`           // when the file was there last
	Done   bool      `json:"done,omitempty"` // it was read to its end and has been replaced

	head []byte // what Head is the sum of, as long as the file is open
}

// mark is the sum of some bytes. The bytes are not kept: they are log records.
type mark struct {
	Bytes int    `json:"bytes"`
	Sum   string `json:"sum,omitempty"`
}

func markOf(b []byte) mark {
	sum := sha256.Sum256(b)
	return mark{len(b), hex.EncodeToString(sum[:12])}
}

// matches reports whether a file of the size has what the place tells.
func (p *place) matches(r io.ReaderAt, size int64) bool {
	if size < p.Offset || size < int64(p.Head.Bytes) {
		return false
	}
	return sameMark(r, 0, p.Head) && sameMark(r, p.Offset-int64(p.Tail.Bytes), p.Tail)
}

func sameMark(r io.ReaderAt, at int64, m mark) bool {
	if m.Bytes == 0 {
		return true
	}
	b := make([]byte, m.Bytes)
	n, _ := r.ReadAt(b, at)
	return n == len(b) && markOf(b) == m
}

// places are those of all files. They may be used concurrently.
type places struct {
	path  string
	clock func() time.Time
	had   map[string]bool // paths that the file of positions knew
	then  time.Time       // when the run before looked last

	mu     sync.Mutex
	all    map[string]*place // by identity
	next   int               // of the names for former contents
	looked time.Time         // when all files that are there were known

	saving  sync.Mutex
	changed chan struct{} // room for one: there is something to write
}

// key names former contents, which have no identity.
func (ps *places) key(id string) string {
	if id != "" {
		return id
	}
	ps.next++
	return "former " + strconv.Itoa(ps.next)
}

// note sets how far a file was read.
func (ps *places) note(p place) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p.Seen = ps.clock()
	ps.all[p.ID] = &p
	ps.change()
}

// former keeps what a file had before it was written anew: a copy of it may turn up.
func (ps *places) former(id string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.all[id]; p != nil && p.Offset > 0 {
		old := *p
		old.ID, old.head = "", nil
		ps.all[ps.key("")] = &old
	}
	delete(ps.all, id)
	ps.change()
}

// done notes that a file was read to its end and will not grow.
func (ps *places) done(id string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.all[id]; p != nil && !p.Done {
		done := *p
		done.Done = true
		ps.all[id] = &done
		ps.change()
	}
}

// missing returns the files that are gone and were not known to be read to their ends,
// once; found are those that are there. They stay known: what they had may turn up
// compressed.
func (ps *places) missing(found map[string]bool, follows func(path string) bool) []place {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	var gone []place
	for id, p := range ps.all {
		if p.ID != "" && !p.Done && !found[id] && follows(p.Path) {
			gone = append(gone, *p)
			told := *p
			told.Done = true
			ps.all[id] = &told
			ps.change()
		}
	}
	return gone
}

func (ps *places) forget(id string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	delete(ps.all, id)
	ps.change()
}

// saw dates files that are there; all that are have been noted.
func (ps *places) saw(found []candidate) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.looked = ps.clock()
	for _, c := range found {
		if p := ps.all[c.id]; p != nil {
			p.Seen = ps.looked
		}
	}
}

// isLater reports whether something was perhaps written after the run before looked
// last. The clock of a file system lags somewhat.
func (ps *places) isLater(mtime time.Time) bool {
	const lag = time.Minute
	return mtime.After(ps.then.Add(-lag))
}

// of returns the place of a file, if its content is still the one.
func (ps *places) of(id string, r io.ReaderAt, size int64) (place, bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.all[id]
	if p == nil || !p.matches(r, size) {
		return place{}, false
	}
	return *p, true
}

// like returns the place of another file whose content this one has too, and whose
// name it could have got: a copy, as copytruncate makes.
func (ps *places) like(id, path string, r io.ReaderAt, size int64) (found place, ok bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	dir, name := filepath.Split(path)
	for other, p := range ps.all {
		if other == id || p.Offset == 0 || p.Tail.Bytes == 0 {
			continue
		}
		if d, base := filepath.Split(p.Path); d != dir || !isRotationOf(name, base) {
			continue
		}
		// A copy that was made earlier has the beginning only.
		earlier := size < p.Offset && p.Head.Bytes == headBytes && sameMark(r, 0, p.Head)
		if (earlier || p.matches(r, size)) && (!ok || p.Offset > found.Offset) {
			found, ok = *p, true
		}
	}
	return found, ok
}

// has reports whether something is known of a file, which may have other content now.
func (ps *places) has(id string) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.all[id] != nil
}

// packed returns the place of a compressed file, or of the one that it was before it
// was compressed, by the beginning of its text.
func (ps *places) packed(id, path string, head []byte) (found place, ok bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	dir, name := filepath.Split(path)
	for other, p := range ps.all {
		d, base := filepath.Split(p.Path)
		if other != id && (d != dir || !isRotationOf(name, base)) || p.Head.Bytes == 0 || p.Head.Bytes > len(head) {
			continue
		}
		if markOf(head[:p.Head.Bytes]) == p.Head && (!ok || p.Offset > found.Offset) {
			found, ok = *p, true
		}
	}
	return found, ok
}

// copying reports whether a file, which has only the bytes of start, may be a copy
// that is being made of an open file.
func (ps *places) copying(id, path string, start []byte) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	dir, name := filepath.Split(path)
	for other, p := range ps.all {
		d, base := filepath.Split(p.Path)
		if other != id && d == dir && name != base && isRotationOf(name, base) && len(p.head) > 0 && bytes.HasPrefix(p.head, start[:min(len(start), len(p.head))]) {
			return true
		}
	}
	return false
}
