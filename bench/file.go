package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// file is a real file, alone in a directory, that counts what it was given and can stall
// like a disk that is busy elsewhere. A subject that opens files itself is given its
// path; what it has written is then read.
type file struct {
	path  string
	out   *os.File // nil when the subject opens it
	lines atomic.Uint64
	bytes atomic.Uint64
	stall bool
	since time.Time

	read map[string]int64 // how far each file was read, when the subject writes it
}

// A stall of 50 ms every 250 ms.
const (
	stallEvery = 250 * time.Millisecond
	stallFor   = 50 * time.Millisecond
)

func create(dir string, s *subject, stall bool) (*file, error) {
	own, err := os.MkdirTemp(dir, "log-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for a log file: %w", err)
	}
	f := &file{path: filepath.Join(own, "bench.log"), stall: stall, since: time.Now(), read: map[string]int64{}}
	if s.opens || s.floor {
		return f, nil
	}
	if f.out, err = os.Create(f.path); err != nil {
		return nil, fmt.Errorf("create a log file: %w", err)
	}
	return f, nil
}

func (f *file) Write(p []byte) (int, error) {
	if f.stall {
		if at := time.Since(f.since) % stallEvery; at < stallFor {
			time.Sleep(stallFor - at)
		}
	}
	n, err := f.out.Write(p)
	f.bytes.Add(uint64(n))
	f.lines.Add(uint64(bytes.Count(p[:n], []byte{'\n'})))
	return n, err
}

// written returns how many lines there are.
func (f *file) written() uint64 {
	if f.out == nil {
		f.look()
	}
	return f.lines.Load()
}

// look reads what was added to the files of the directory; who writes there may name
// them as it likes.
func (f *file) look() {
	entries, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil {
		return // there is nothing to count, which is seen
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			f.lookInto(filepath.Join(filepath.Dir(f.path), e.Name()))
		}
	}
}

func (f *file) lookInto(name string) {
	in, err := os.Open(name)
	if err != nil {
		return
	}
	defer in.Close()
	buf := make([]byte, 1<<20)
	for {
		n, err := in.ReadAt(buf, f.read[name])
		f.read[name] += int64(n)
		f.bytes.Add(uint64(n))
		f.lines.Add(uint64(bytes.Count(buf[:n], []byte{'\n'})))
		if err != nil || n == 0 {
			return
		}
	}
}

// content returns the text of the file.
func (f *file) content() ([]byte, error) {
	var all []byte
	err := filepath.WalkDir(filepath.Dir(f.path), func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		all = append(all, text...)
		return err
	})
	return all, err
}

// remove closes and deletes the file: the measurements write gigabytes otherwise.
func (f *file) remove() {
	if f.out != nil {
		_ = f.out.Close()
	}
	_ = os.RemoveAll(filepath.Dir(f.path))
}

// waitFor waits until the file has n lines, for a library that cannot flush.
func (f *file) waitFor(n uint64, limit time.Duration) {
	for end := time.Now().Add(limit); f.written() < n && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

var _ io.Writer = (*file)(nil)
