package file

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// candidate is a file that was found.
type candidate struct {
	open  string // the path to open
	path  string // the path under which it is followed
	id    string
	info  os.FileInfo
	named bool // path is this file; otherwise it was renamed from there, or is a copy, or is not of it at all
	fresh bool // not named: it came since, or is not known but to have come since, and was renamed from path
}

// look is what stands where the patterns say.
type look struct {
	found []candidate
	paths map[string]bool     // all paths, whatever is there
	dirs  map[string]struct{} // the folders in which changes matter
}

// scan looks at the files and opens those that are new. It returns the folders in
// which changes matter.
func (f *follower) scan(ctx context.Context) (dirs map[string]struct{}) {
	l := f.find()
	found := l.found
	present, now := map[string]string{}, map[string]string{}
	for _, c := range found {
		present[c.id], now[c.path] = c.path, c.id
	}
	for id, t := range f.active {
		_, kept := present[id]
		t.kept.Store(kept)
		if replaced := now[t.path] != id; replaced != t.replaced.Load() {
			t.replaced.Store(replaced)
			t.poke()
		}
	}
	found = append(found, f.rotated(found, present, now)...)
	f.saw(found)
	if f.first {
		f.tellLost(found)
	}
	sortByAge(found)
	waiting := int64(0)
	var opened []*tailer
	for _, c := range found {
		if f.active[c.id] != nil || f.looked[c.id] == (stamp{c.info.Size(), c.info.ModTime()}) {
			continue
		}
		if len(f.active) >= f.opts.MaxOpen {
			waiting++
			continue
		}
		if t := f.open(c, f.before(c)); t != nil {
			f.active[t.id] = t
			t.replaced.Store(!c.named)
			t.kept.Store(c.named)
			opened = append(opened, t)
		}
	}
	if waiting == 0 {
		f.places.saw(found)
	}
	f.run(ctx, opened)
	f.opts.Counts.Waiting.Store(waiting)
	if waiting > 0 {
		f.makeRoom(int(waiting))
	}
	f.prune(l)
	return l.dirs
}

// sortByAge puts older ones first: a file that has taken a name's place is read after it.
func sortByAge(found []candidate) {
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(rotationNumber(b.open), rotationNumber(a.open)), cmp.Compare(rank(a), rank(b)))
	})
}

// rank puts a file that has a followed name behind those that had it.
func rank(c candidate) int {
	if c.named {
		return 1
	}
	return 0
}

// saw remembers what is there.
func (f *follower) saw(found []candidate) {
	clear(f.there)
	for _, c := range found {
		f.there[c.id] = c.open
	}
}

// prune forgets what concerns files that are gone.
func (f *follower) prune(l look) {
	maps.DeleteFunc(f.looked, func(id string, _ stamp) bool { return f.there[id] == "" })
	keep := l.paths
	for _, path := range f.there {
		keep[path] = true
	}
	for _, t := range f.active {
		keep[t.path] = true
	}
	for _, pattern := range f.opts.Patterns {
		keep[pattern] = true
	}
	keep[""], keep[f.opts.Positions] = true, true
	f.noticing.Lock()
	defer f.noticing.Unlock()
	maps.DeleteFunc(f.told, func(path, _ string) bool { return !keep[path] })
}

// run starts tailers, once the places where they begin outlast a kill: what is accepted
// of a file that is not known, and renamed then, would end there.
func (f *follower) run(ctx context.Context, opened []*tailer) {
	if len(opened) == 0 {
		return
	}
	f.tellSaved(f.places.save())
	for _, t := range opened {
		go func() {
			t.run(ctx)
			f.ended <- t
		}()
	}
}

// find returns the files that the patterns name, each once.
func (f *follower) find() look {
	l := look{paths: map[string]bool{}, dirs: map[string]struct{}{}}
	seen := map[string]bool{}
	for _, pattern := range f.opts.Patterns {
		paths, in, err := expand(pattern)
		if err != nil {
			f.notice(pattern, EventUnreadable, err)
			continue
		}
		for _, dir := range in {
			l.dirs[dir] = struct{}{}
		}
		usable := 0
		for _, path := range paths {
			l.paths[path] = true
			info, id, err := f.look(path, len(paths) == 1 && path == filepath.Clean(pattern))
			if err != nil || info == nil {
				continue
			}
			usable++
			if real, err := filepath.EvalSymlinks(path); err == nil {
				l.dirs[filepath.Dir(real)] = struct{}{}
			}
			if !seen[id] {
				seen[id] = true
				l.found = append(l.found, candidate{open: path, path: path, id: id, info: info, named: true})
			}
		}
		if usable == 0 && len(paths) == 0 {
			f.notice(pattern, EventMissing, nil)
		}
	}
	return l
}

// look tells what stands at a path; info is nil when it is nothing to read. Folders
// that a pattern matches are passed over without a word.
func (f *follower) look(path string, named bool) (info os.FileInfo, id string, err error) {
	info, err = os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.notice(path, EventMissing, nil)
		return nil, "", err
	case err != nil:
		f.notice(path, EventUnreadable, err)
		return nil, "", err
	case info.IsDir():
		if named {
			f.notice(path, EventRefused, errors.New("it is a folder: name the files in it, as "+filepath.Join(path, "*.log")))
		}
		return nil, "", nil
	case !info.Mode().IsRegular():
		f.notice(path, EventRefused, errors.New("it is not a regular file: a pipe is read from the standard input"))
		return nil, "", nil
	}
	if id, err = identity(path, info); err != nil {
		f.notice(path, EventUnreadable, err)
		return nil, "", err
	}
	return info, id, nil
}

// tellLost tells of files that were not read to their ends by an earlier run and are
// gone now.
func (f *follower) tellLost(found []candidate) {
	there := map[string]bool{}
	for _, c := range found {
		there[c.id] = true
	}
	for _, p := range f.places.missing(there, f.follows) {
		f.opts.Counts.Lost.Add(1)
		f.notice(p.Path, EventLost, fmt.Errorf("the file that was read up to byte %d is gone: what came after is not read", p.Offset))
	}
}

// follows reports whether a path is one of those that the patterns may name.
func (f *follower) follows(path string) bool {
	for _, pattern := range f.opts.Patterns {
		if names(pattern, path) {
			return true
		}
	}
	return false
}

// before returns what must be read before a file: what had its path until now.
func (f *follower) before(c candidate) <-chan struct{} {
	var last *tailer
	for _, t := range f.active {
		if t.path == c.path && t.replaced.Load() && (last == nil || t.number > last.number) {
			last = t
		}
	}
	if last == nil {
		return nil
	}
	return last.drained
}

// makeRoom ends tailers that have had nothing to do for the longest time, so that
// files that wait can be read.
func (f *follower) makeRoom(n int) {
	f.notice("", EventLimit, errLimit(f.opts.MaxOpen, n))
	idle := slices.SortedFunc(maps.Values(f.active), func(a, b *tailer) int { return cmp.Compare(a.idle.Load(), b.idle.Load()) })
	for _, t := range idle[:min(n, len(idle))] {
		t.park.Store(true)
		t.poke()
	}
}
