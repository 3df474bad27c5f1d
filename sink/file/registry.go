package file

import (
	"errors"
	"sync"
)

// registry knows which files this process writes, so that two sinks on one path
// share the file instead of rotating and emptying it under each other.
type registry struct {
	mu     sync.Mutex
	byPath map[string]*target
}

// files is the only state of the package, because paths belong to the whole process,
// and so does who writes to them.
var files = registry{byPath: map[string]*target{}}

// acquire returns the target of a path, and makes it unless it is there. Each acquire
// is owed a release.
func (r *registry) acquire(path string, o *Options) (*target, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if o.Mode == NewName { // the path is not known yet
		return newTarget(path, o), nil
	}
	if t := r.byPath[path]; t != nil {
		if t.settings != o.settings() {
			return nil, errors.New("another sink of this program writes to the file with other options; use one sink for both, or the same options, or two files")
		}
		t.users++
		return t, nil
	}
	t := newTarget(path, o)
	r.byPath[path] = t
	t.claimed = path
	return t, nil
}

// claim takes a path for a target with NewName, unless it is another's.
func (r *registry) claim(path string, t *target) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byPath[path] != nil {
		return false
	}
	r.byPath[path] = t
	t.claimed = path
	return true
}

// unclaim gives back what claim took.
func (r *registry) unclaim(t *target) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(t)
}

// release returns true when the caller was the last to use the target and must close
// it.
func (r *registry) release(t *target) (last bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.users--
	if t.users > 0 {
		return false
	}
	r.forget(t)
	return true
}

func (r *registry) forget(t *target) {
	if t.claimed != "" {
		delete(r.byPath, t.claimed)
		t.claimed = ""
	}
}
