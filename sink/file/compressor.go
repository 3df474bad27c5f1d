package file

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// temporarySuffix is of the file that a compression writes; it is no backup's name.
const temporarySuffix = gzipSuffix + ".tmp"

const (
	// closeGrace is how long Close waits for compressions: what gzip takes for 100 MB,
	// and less than half of weir.DefaultCloseTimeout. The next start does the rest.
	closeGrace = 2 * time.Second
	// copySize is what is compressed between two looks at whether to stop: some 5 ms.
	copySize = 256 << 10
)

// compressor makes backups gzip files, one at a time. Its goroutine lives only while
// there are any to do.
type compressor struct {
	target *target
	// names is held while backups are listed, renamed or removed. It is taken after
	// target.mu.
	names sync.Mutex

	ctx    context.Context // of the compressions; ends when Close gives up
	cancel context.CancelFunc

	mu      sync.Mutex
	running chan struct{} // closed when the goroutine ends; nil: there is none
	again   bool          // more came while it ran
	stopped bool
}

func (c *compressor) init(t *target) {
	c.target = t
	c.ctx, c.cancel = context.WithCancel(context.Background())
}

// wake has the backups compressed.
func (c *compressor) wake() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.stopped:
	case c.running != nil:
		c.again = true
	default:
		c.running = make(chan struct{})
		path := c.target.path
		go c.run(path, c.running)
	}
}

// stop is called once, without target.mu. Nothing runs when it returns.
func (c *compressor) stop() {
	c.mu.Lock()
	c.stopped = true
	running := c.running
	c.mu.Unlock()
	if running != nil {
		grace := time.AfterFunc(closeGrace, c.cancel)
		<-running
		grace.Stop()
	}
	c.cancel()
}

func (c *compressor) run(path string, ended chan struct{}) {
	defer close(ended)
	for {
		more, err := c.next(path)
		if err != nil && !errors.Is(err, context.Canceled) {
			c.target.tell(c.target.clock(), failure("Failed to compress backups of the file at path", path, err))
		}
		if more && err == nil {
			continue
		}
		c.mu.Lock()
		if !c.again || err != nil { // what failed is tried again after the next rotation
			c.running, c.again = nil, false
			c.mu.Unlock()
			return
		}
		c.again = false
		c.mu.Unlock()
	}
}

// next compresses the oldest backup that is not, and returns false when there is none.
func (c *compressor) next(path string) (more bool, err error) {
	source, err := c.oldest(path)
	if source == nil {
		return false, err
	}
	defer source.Close()
	if closeToRename { // a file that is being read could not be renamed
		c.names.Lock()
		defer c.names.Unlock()
	}
	temporary := path + temporarySuffix
	info, err := c.zip(source, temporary)
	if err == nil {
		if !closeToRename {
			c.names.Lock()
			defer c.names.Unlock()
		}
		err = c.install(path, temporary, source, info)
	}
	if err != nil {
		// What cannot be removed now is at the next start.
		_ = os.Remove(temporary)
		return false, err
	}
	return true, nil
}

// oldest opens the oldest backup that is not compressed; nil when there is none.
func (c *compressor) oldest(path string) (*os.File, error) {
	c.names.Lock()
	defer c.names.Unlock()
	all, err := listBackups(path)
	if err != nil {
		return nil, err
	}
	for _, b := range slices.Backward(all) {
		switch {
		case b.plain && b.zipped:
			if err := os.Remove(backupPath(path, b.n, false)); err != nil {
				return nil, err
			}
		case b.plain:
			return os.Open(backupPath(path, b.n, false))
		}
	}
	return nil, nil
}

// zip writes the source into a new file, which is on the disk when it returns.
func (c *compressor) zip(source *os.File, temporary string) (info os.FileInfo, err error) {
	info, err = source.Stat()
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, info.Mode().Perm())
	if err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err == nil {
			// MaxAge goes by it.
			err = os.Chtimes(temporary, time.Time{}, info.ModTime())
		}
	}()
	inherit(f, info)
	z := gzip.NewWriter(f)
	z.Name, z.ModTime = filepath.Base(c.target.given), info.ModTime()
	copied := int64(0)
	for {
		if err := c.ctx.Err(); err != nil {
			return nil, err
		}
		n, err := io.CopyN(z, source, copySize)
		copied += n
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if copied != info.Size() {
		return nil, fmt.Errorf("%s changed while it was read: %d bytes, then %d", source.Name(), info.Size(), copied)
	}
	return info, errors.Join(z.Close(), f.Sync())
}

// install puts the compressed file in the place of its source, which may have got
// another number or be removed meanwhile.
func (c *compressor) install(path, temporary string, source *os.File, info os.FileInfo) error {
	all, err := listBackups(path)
	if err != nil {
		return err
	}
	for _, b := range all {
		plain := backupPath(path, b.n, false)
		if found, err := os.Lstat(plain); err != nil || !os.SameFile(found, info) {
			continue
		}
		if err := os.Rename(temporary, backupPath(path, b.n, true)); err != nil {
			return err
		}
		c.target.counters.compressed.Add(1)
		if closeToRename {
			// It cannot be removed either while it is open.
			_ = source.Close()
		}
		return os.Remove(plain)
	}
	return os.Remove(temporary)
}
