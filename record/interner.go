package record

import (
	"strings"
	"sync"
	"sync/atomic"
)

// MaxResources is how many resources an Interner remembers: more than a fleet
// has senders, and less than 1 MB when each is described in 200 bytes. Beyond it
// the Interner forgets them all and starts again, which costs memory for copies,
// never correctness.
const MaxResources = 4096

// Interner makes records with equal resources share one *Resource. The zero
// Interner is ready; a nil one makes a new copy each time. It may be used
// concurrently.
type Interner struct {
	last      atomic.Pointer[Resource]
	forgotten atomic.Uint64

	mu    sync.Mutex
	known map[Resource]*Resource
}

// Intern returns the shared copy of res, nil for the zero Resource. The copy keeps
// none of res's strings alive, which may be parts of a larger text.
func (in *Interner) Intern(res Resource) *Resource {
	if res == (Resource{}) {
		return nil
	}
	if in == nil {
		own := res
		return &own
	}
	if last := in.last.Load(); last != nil && *last == res {
		return last
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	shared := in.known[res]
	if shared == nil {
		if len(in.known) >= MaxResources {
			in.forgotten.Add(uint64(len(in.known)))
			clear(in.known)
		}
		if in.known == nil {
			in.known = make(map[Resource]*Resource)
		}
		shared = &Resource{
			Service:        strings.Clone(res.Service),
			Environment:    strings.Clone(res.Environment),
			ServiceVersion: strings.Clone(res.ServiceVersion),
			LogType:        strings.Clone(res.LogType),
			Host:           strings.Clone(res.Host),
		}
		in.known[*shared] = shared
	}
	in.last.Store(shared)
	return shared
}

// Forgotten counts the resources that were forgotten because there were more
// than MaxResources.
func (in *Interner) Forgotten() uint64 { return in.forgotten.Load() }
