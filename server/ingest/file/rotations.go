package file

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rotated returns the files that rotations have made of those that are followed and
// that no pattern names: one may have come and gone between two looks. A file of
// another program may have such a name too. So one is fresh only when it has come while
// the followed name got another file; all others are read if they were before, or turn
// out to be copies.
func (f *follower) rotated(found []candidate, present, now map[string]string) []candidate {
	bases := f.bases(found)
	last := f.last
	f.last = map[string]string{}
	var more []candidate
	for _, dir := range slices.Sorted(maps.Keys(bases)) {
		for _, path := range bases[dir] {
			f.last[path] = now[path]
		}
		entries, err := os.ReadDir(cmp.Or(dir, "."))
		if err != nil {
			continue // looking for the files themselves tells of it
		}
		beside := map[string]bool{}
		for _, entry := range entries {
			c, ok := besides(dir, entry.Name(), bases[dir])
			if !ok || present[c.id] != "" {
				continue
			}
			beside[c.id] = true
			if f.belongs(&c, last) {
				more = append(more, c)
			}
		}
		f.places.pruneBeside(dir, beside)
	}
	return more
}

// bases returns the names whose rotations are looked for: folder → name → path.
func (f *follower) bases(found []candidate) map[string]map[string]string {
	bases := map[string]map[string]string{}
	add := func(path string) {
		dir, base := filepath.Split(path)
		if bases[dir] == nil {
			bases[dir] = map[string]string{}
		}
		bases[dir][base] = path
	}
	for _, c := range found {
		add(c.path)
	}
	for _, t := range f.active {
		add(t.path)
	}
	for _, pattern := range f.opts.Patterns {
		if !strings.ContainsAny(pattern, `*?[{\`) {
			add(filepath.Clean(pattern))
		}
	}
	if f.first {
		for path := range f.places.had {
			if f.follows(path) {
				add(path)
			}
		}
	}
	return bases
}

// besides returns a file whose name one of the bases could have got.
func besides(dir, name string, bases map[string]string) (c candidate, ok bool) {
	if bases[name] != "" || filepath.Ext(name) == ".gz" {
		return c, false
	}
	for _, base := range slices.Sorted(maps.Keys(bases)) {
		if !isRotationOf(name, base) {
			continue
		}
		at := filepath.Join(dir, name)
		info, err := os.Lstat(at)
		if err != nil || !info.Mode().IsRegular() {
			return c, false
		}
		id, err := identity(at, info)
		return candidate{open: at, path: bases[base], id: id, info: info}, err == nil
	}
	return c, false
}

// belongs reports whether a file is to be looked into; last are the identities that
// the followed names had.
func (f *follower) belongs(c *candidate, last map[string]string) bool {
	switch f.places.standing(c.id, c.path) {
	case standsRead:
		return true
	case standsFresh:
		c.fresh = true
		return true
	case standsBeside:
		// A copy may have come, or have been written over it.
		return f.beside[c.id] != stamp{c.info.Size(), c.info.ModTime()}
	}
	if f.appeared(c, last) {
		c.fresh = true
		f.places.note(place{Path: c.path, ID: c.id})
		return true
	}
	f.places.note(place{Path: c.path, ID: c.id, Done: true, Beside: true})
	if !f.first {
		return true
	}
	f.beside[c.id] = stamp{c.info.Size(), c.info.ModTime()}
	return f.places.had[c.path]
}

// appeared reports whether a file that is not known has perhaps had the followed name
// since the last look. The name is looked at again: now that the file is known to be
// there, the name had another one before if it ever had this.
func (f *follower) appeared(c *candidate, last map[string]string) bool {
	const tick = 10 * time.Millisecond // of the clock of a file system
	now := ""
	if info, err := os.Stat(c.path); err == nil {
		now, _ = identity(c.path, info)
	}
	// Nothing else is called app.log.1; app-1.log may be.
	sure := strings.HasPrefix(filepath.Base(c.open), filepath.Base(c.path))
	was, known := last[c.path]
	switch {
	case f.first && !f.places.had[c.path]:
		if !c.info.ModTime().After(f.began.Add(-tick)) {
			return false
		}
		known, was = true, f.last[c.path] // what this look found, a moment ago
	case f.first:
		if !f.places.isLater(c.info.ModTime()) {
			return false
		}
		known, was = true, "what the run before read"
		if f.places.standing(now, c.path) == standsRead {
			was = now
		}
	}
	switch {
	case !known:
		return sure && c.info.ModTime().After(f.began.Add(-tick))
	case sure:
		return now == "" || now != was
	}
	return was != "" && now != was
}

// Standings of a file with the name of a rotation.
const (
	standsUnknown = iota
	standsFresh   // it is to be read, and nothing is read yet
	standsRead    // it was read, or opened, under the name
	standsBeside  // it is not read
)

// standing returns what is known of a file under a followed name.
func (ps *places) standing(id, path string) int {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	p := ps.all[id]
	switch {
	case p == nil || p.Path != path:
		return standsUnknown
	case p.Beside:
		return standsBeside
	case p.empty():
		return standsFresh
	}
	return standsRead
}

// pruneBeside forgets files of a folder that were never read and are gone: their
// numbers are used again. The others are dated.
func (ps *places) pruneBeside(dir string, there map[string]bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	now := ps.clock()
	for id, p := range ps.all {
		if !p.Beside {
			continue
		}
		if d, _ := filepath.Split(p.Path); d != dir {
			continue
		}
		if there[id] {
			p.Seen = now
			continue
		}
		delete(ps.all, id)
		ps.change()
	}
}
