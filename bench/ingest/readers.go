package main

import (
	"context"
	"net/url"
	"sync"
	"time"
)

// readers is how many clients search at once.
const readers = 2

// searches are what the readers ask for, in turns: a word, levels, a service with a word, an attribute,
// and the newest.
func searches() []string {
	var paths []string
	for _, q := range []string{"timeout", "level>=error", "service:payments slow", "status:503", ""} {
		paths = append(paths, "/api/v1/records?q="+url.QueryEscape(q))
	}
	return paths
}

// histogram is asked for, too, by servers that have it.
const histogram = "/api/v1/histogram"

// searched are the times of searches.
type searched struct {
	mu   sync.Mutex
	took times
}

func (s *searched) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took = append(s.took, d)
}

func (s *searched) all() times {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.took
}

// read searches until ctx ends; wait returns when the readers have ended.
func (b *bench) read(ctx context.Context) (got *searched, wait func() error) {
	got = &searched{}
	paths := searches()
	if _, err := b.server.get(ctx, histogram); err == nil {
		paths = append(paths, histogram)
	}
	var all sync.WaitGroup
	failed := make(chan error, readers)
	for first := range readers {
		all.Go(func() {
			for i := first; ctx.Err() == nil; i++ {
				from := time.Now()
				_, err := b.server.get(ctx, paths[i%len(paths)])
				if err != nil {
					if ctx.Err() == nil {
						failed <- err
					}
					return
				}
				got.add(time.Since(from))
			}
		})
	}
	return got, func() error {
		all.Wait()
		close(failed)
		return <-failed
	}
}
