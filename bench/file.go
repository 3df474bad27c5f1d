package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// file is a real file that counts the lines it was given and can stall like a disk
// that is busy elsewhere.
type file struct {
	*os.File
	lines atomic.Uint64
	stall bool
	since time.Time
}

// A stall of 50 ms every 250 ms.
const (
	stallEvery = 250 * time.Millisecond
	stallFor   = 50 * time.Millisecond
)

func create(dir, name string, stall bool) (*file, error) {
	f, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, fmt.Errorf("create a log file: %w", err)
	}
	return &file{File: f, stall: stall, since: time.Now()}, nil
}

func (f *file) Write(p []byte) (int, error) {
	if f.stall {
		if at := time.Since(f.since) % stallEvery; at < stallFor {
			time.Sleep(stallFor - at)
		}
	}
	n, err := f.File.Write(p)
	f.lines.Add(uint64(bytes.Count(p[:n], []byte{'\n'})))
	return n, err
}

// remove closes and deletes the file: the measurements write gigabytes otherwise.
func (f *file) remove() {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// waitFor waits until the file has n lines, for a library that cannot flush.
func (f *file) waitFor(n uint64, limit time.Duration) {
	for end := time.Now().Add(limit); f.lines.Load() < n && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}
