package file

import (
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// watcher tells of changes in folders. Where the system does not tell of them, as on
// network file systems, nothing is lost: files are looked at now and then too.
type watcher struct {
	notify  *fsnotify.Watcher // nil: there is none
	dirs    map[string]struct{}
	changed chan changes
	done    chan struct{} // closed when the goroutine has ended
}

// changes are names of files that were written; some is set when files came, went or
// were renamed, or when not all is known.
type changes struct {
	written map[string]struct{}
	some    bool
}

// watch starts a watcher; close ends it.
func watch() *watcher {
	w := &watcher{dirs: map[string]struct{}{}, changed: make(chan changes), done: make(chan struct{})}
	notify, err := fsnotify.NewWatcher()
	if err != nil { // no more of them for this user: looking now and then remains
		close(w.done)
		return w
	}
	w.notify = notify
	go w.collect()
	return w
}

func (w *watcher) close() {
	if w.notify != nil {
		_ = w.notify.Close()
	}
	<-w.done
}

// see sets the folders that are watched. One that cannot be is tried again.
func (w *watcher) see(dirs map[string]struct{}) {
	if w.notify == nil {
		return
	}
	for dir := range w.dirs {
		if _, ok := dirs[dir]; !ok {
			_ = w.notify.Remove(dir)
			delete(w.dirs, dir)
		}
	}
	for dir := range dirs {
		// Adding one again is cheap, and needed when it was removed and made anew.
		if err := w.notify.Add(dir); err == nil {
			w.dirs[dir] = struct{}{}
		}
	}
}

// collect puts the names together that have changed until somebody asks.
func (w *watcher) collect() {
	defer close(w.done)
	c := changes{written: map[string]struct{}{}}
	for {
		var changed chan changes
		if c.some || len(c.written) > 0 {
			changed = w.changed
		}
		select {
		case event, ok := <-w.notify.Events:
			if !ok {
				return
			}
			c.written[filepath.Clean(event.Name)] = struct{}{}
			c.some = c.some || event.Op != fsnotify.Write
		case _, ok := <-w.notify.Errors:
			if !ok {
				return
			}
			c.some = true // some were missed
		case changed <- c:
			c = changes{written: map[string]struct{}{}}
		}
	}
}
