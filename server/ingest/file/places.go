package file

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
	"sync"
	"time"
)

const (
	// headBytes at the start tell files apart: more than a banner and a line with a time.
	headBytes = 1 << 10
	// tailBytes before a place tell whether a file still is what was read: some lines.
	tailBytes = 256
	// recentBytes are kept of a file that was emptied, to know a copy of it that was made
	// before its last lines came: more than most programs write in the moment between.
	recentBytes = 16 << 10
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
	ID     string    `json:"id"`               // "": of what the file had before it was written anew
	Offset int64     `json:"offset"`           // of a compressed file: in its text
	Head   mark      `json:"head"`             // from the start on
	Tail   mark      `json:"tail"`             // before the offset
	Seen   time.Time `json:"seen"`             // when the file was there last
	Done   bool      `json:"done,omitempty"`   // it was read to its end and has been replaced
	Beside bool      `json:"beside,omitempty"` // it only has a name that a rotation of Path could have, and is not read

	head   []byte // what Head is the sum of, as long as the file is open
	recent []byte // of what a file had before it was emptied: the bytes before the offset, at most recentBytes
	cut    bool   // the bytes between before and the offset are the beginning of a line, which waits for a copy
	before *place // with cut: up to where records were accepted; nil: nowhere
	taken  bool   // with cut: a copy has been found, and has the line
}

// empty reports whether nothing is known of what the file has.
func (p *place) empty() bool { return p.Offset == 0 && p.Head.Bytes == 0 }

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

// former keeps what a file had that was written anew or removed: a copy of it may turn
// up, or what it was compressed to.
func (ps *places) former(id string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p := ps.all[id]; p != nil && p.Offset > 0 {
		ps.keepFormer(*p)
	}
	delete(ps.all, id)
	ps.change()
}

// emptied does the same for a file that was read up to the offset of p. With cut the
// last bytes are the beginning of a line; settle and claim decide whose it is.
func (ps *places) emptied(p place, cut bool) (key string) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if settled := ps.all[p.ID]; cut && settled != nil && settled.Offset > 0 {
		before := *settled
		before.ID, before.head = "", nil
		p.before = &before
	}
	for _, other := range ps.all {
		if other.Path == p.Path {
			other.recent = nil // only what was emptied last is likely to have a copy in the making
		}
	}
	delete(ps.all, p.ID)
	p.cut, p.Seen = cut, ps.clock()
	ps.change()
	if p.Offset == 0 {
		return ""
	}
	return ps.keepFormer(p)
}

func (ps *places) keepFormer(p place) (key string) {
	p.ID, p.head = "", nil
	key = ps.key("")
	ps.all[key] = &p
	return key
}

// settle reports whether the beginning of a line that was cut off is to be taken for a
// line: no copy has been found that has all of it.
func (ps *places) settle(key string) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.all[key]
	if p == nil {
		return true
	}
	p.cut, p.before = false, nil
	ps.change()
	return !p.taken
}

// isTaken reports whether a copy has been found that has all of a line that was cut off.
func (ps *places) isTaken(key string) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.all[key]
	return p != nil && p.taken
}

// claim returns where a copy of an original begins that has not been read. It is not
// ok when the place has changed since.
func (ps *places) claim(o original) (offset int64, ok bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.all[o.key]
	if p == nil || p != o.at {
		return 0, false
	}
	if !p.cut {
		return p.Offset, true
	}
	p.taken = true
	if p.before == nil {
		return 0, true
	}
	return p.before.Offset, true
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
	if p == nil || p.empty() || !p.matches(r, size) {
		return place{}, false
	}
	return *p, true
}

// has reports whether something is known of a file, which may have other content now.
func (ps *places) has(id string) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.all[id]
	return p != nil && !p.empty()
}
