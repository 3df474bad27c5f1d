package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// What is required of the intake as fast as it goes.
const (
	connections     = 4
	mustRate        = 40_000
	stretchRate     = 60_000
	mustMemory      = 1 << 10 // MiB
	bytesInMebibyte = 1 << 20
)

// measureSustained sends as fast as is acknowledged.
func measureSustained(ctx context.Context, b *bench) error {
	for _, bodies := range [][]*body{b.bodies, b.native} {
		if err := b.sustain(ctx, bodies); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) sustain(ctx context.Context, bodies []*body) error {
	from, begin := b.books.acknowledged.Load(), time.Now()
	used, err := b.cpuOf(func() error {
		return b.eachConnection(func(s *sender) error {
			for time.Since(begin) < b.length && ctx.Err() == nil {
				n := b.numbers.next()
				if err := s.post(ctx, bodies[n%uint64(len(bodies))], n); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	took := time.Since(begin)
	records := float64(b.books.acknowledged.Load() - from)
	peak, err := peakMemory(b.server.pid())
	if err != nil {
		return err
	}
	r := b.report
	r.section("POST %s as fast as acknowledged, %d connections", bodies[0].path, connections)
	r.atLeast("records a second", records/took.Seconds(), mustRate, stretchRate)
	r.note("CPU seconds of the server for a million records", used.Seconds()/records*1e6)
	r.below("peak memory of the server, MiB", float64(peak)/bytesInMebibyte, mustMemory)
	return nil
}

// eachConnection calls f at once for each of the connections, and returns an error if any has one.
func (b *bench) eachConnection(f func(s *sender) error) error {
	var all sync.WaitGroup
	failed := make(chan error, connections)
	for range connections {
		all.Go(func() {
			s := b.newSender()
			defer s.close()
			if err := f(s); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	if err := <-failed; err != nil {
		return fmt.Errorf("%d of %d connections failed: %w", len(failed)+1, connections, err)
	}
	return nil
}

// cpuOf returns what the server uses of all processors while f runs.
func (b *bench) cpuOf(f func() error) (time.Duration, error) {
	before, err := cpuTime(b.server.pid())
	if err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	after, err := cpuTime(b.server.pid())
	return after - before, err
}
