package main

import (
	"context"
	"sync"
	"time"
)

// pacedRate is half of what is required as fast as it goes.
const pacedRate = mustRate / 2

// What is required of a batch at that rate, in milliseconds.
const (
	mustAloneP99   = 500
	mustReadersP50 = 50
	mustReadersP99 = 1200
)

// measurePaced times batches at half the rate, with nobody reading.
func measurePaced(ctx context.Context, b *bench) error {
	t, err := b.pace(ctx)
	if err != nil {
		return err
	}
	r := b.report
	r.section("POST /logs at %s/s, ms from when a batch is due to its acknowledgement", thousands(pacedRate))
	r.note("p50", t.at(0.5))
	r.below("p99", t.at(0.99), mustAloneP99)
	r.note("longest", t.at(1))
	return nil
}

// measureReaders does the same while clients search without a pause.
func measureReaders(ctx context.Context, b *bench) error {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	searches, wait := b.read(reading)
	t, err := b.pace(ctx)
	stop()
	if failed := wait(); err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	r := b.report
	r.section("the same while %d clients search without a pause", readers)
	r.below("p50", t.at(0.5), mustReadersP50)
	r.below("p99", t.at(0.99), mustReadersP99)
	r.note("longest", t.at(1))
	r.note("searches", float64(len(searches.all())))
	r.note("a search, p50", searches.all().at(0.5))
	r.note("a search, p99", searches.all().at(0.99))
	return nil
}

// pace sends batches of batchRecords at pacedRate and returns how long each took from when it was
// due, so that a server that stalls cannot hide the batches that wait for a connection.
func (b *bench) pace(ctx context.Context) (times, error) {
	every := time.Duration(batchRecords) * time.Second / pacedRate
	var lock sync.Mutex
	var took times
	err := b.onTime(ctx, every, func(s *sender, due time.Time) error {
		n := b.numbers.next()
		if err := s.post(ctx, b.bodies[n%bodyCount], n); err != nil {
			return err
		}
		lock.Lock()
		defer lock.Unlock()
		took = append(took, time.Since(due))
		return nil
	})
	return took, err
}

// onTime calls f at a steady pace for the length of a measurement, on whichever connection is free.
func (b *bench) onTime(ctx context.Context, every time.Duration, f func(s *sender, due time.Time) error) error {
	begin := time.Now()
	turns := make(chan time.Time, b.length/every+1) // closed below, when all turns have come
	go func() {
		defer close(turns)
		for due := begin; due.Sub(begin) < b.length && ctx.Err() == nil; due = due.Add(every) {
			time.Sleep(time.Until(due))
			turns <- due
		}
	}()
	return b.eachConnection(func(s *sender) error {
		for due := range turns {
			if err := f(s, due); err != nil {
				return err
			}
		}
		return nil
	})
}
