package gate

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// grows makes a share one of n in its own goroutine.
func grows(t *testing.T, s *share, n int64) <-chan error {
	done := make(chan error, 1)
	go func() { done <- s.grow(t.Context(), n) }()
	synctest.Wait()
	return done
}

func takes(t *testing.T, p *pool, n int64) *share {
	t.Helper()
	s, err := p.take(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGrowing: a share waits for another one that will be given back, and not when all
// would wait for each other.
func TestGrowing(t *testing.T) {
	const wait = time.Second
	inTime := func(t *testing.T, done <-chan error, want error) {
		t.Helper()
		synctest.Wait()
		select {
		case err := <-done:
			if !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("%v, want %v", err, want)
			}
		default:
			t.Errorf("it waits")
		}
	}
	for name, c := range map[string]func(t *testing.T, p *pool){
		"alone": func(t *testing.T, p *pool) {
			a := takes(t, p, 1)
			inTime(t, grows(t, a, 200), nil) // at most the pool
			a.shrink(0)
		},
		"another leaves": func(t *testing.T, p *pool) {
			a, b := takes(t, p, 40), takes(t, p, 40)
			done := grows(t, a, 80)
			b.shrink(10)
			inTime(t, done, nil)
			a.shrink(0)
			b.shrink(0)
		},
		"both grow": func(t *testing.T, p *pool) {
			a, b := takes(t, p, 40), takes(t, p, 40)
			first, second := grows(t, a, 80), grows(t, b, 80)
			inTime(t, second, errFull)
			b.shrink(0)
			inTime(t, first, nil)
			a.shrink(0)
		},
		"the last that does not wait leaves": func(t *testing.T, p *pool) {
			a, b, c := takes(t, p, 45), takes(t, p, 45), takes(t, p, 10)
			first, second := grows(t, a, 80), grows(t, b, 80)
			c.shrink(0)
			inTime(t, second, errFull)
			b.shrink(0)
			inTime(t, first, nil)
			a.shrink(0)
		},
		"who holds some is served first": func(t *testing.T, p *pool) {
			a, b := takes(t, p, 50), takes(t, p, 50)
			done := grows(t, a, 60)
			came := make(chan error, 1)
			go func() {
				s, err := p.take(context.Background(), 50)
				if err == nil {
					s.shrink(0)
				}
				came <- err
			}()
			synctest.Wait()
			b.shrink(10)
			inTime(t, done, nil)
			b.shrink(0)
			a.shrink(0)
			inTime(t, came, nil)
		},
		"not for ever": func(t *testing.T, p *pool) {
			a, b := takes(t, p, 50), takes(t, p, 50)
			start := time.Now()
			if err := a.grow(t.Context(), 60); !errors.Is(err, errFull) || time.Since(start) != wait {
				t.Errorf("%v after %v", err, time.Since(start))
			}
			if _, err := p.take(t.Context(), 1); !errors.Is(err, errFull) {
				t.Error(err)
			}
			if _, _, refusals := p.load(); refusals != 2 {
				t.Errorf("%d refusals", refusals)
			}
			a.shrink(0)
			b.shrink(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(100, wait)
				c(t, p)
				if held, waiting, _ := p.load(); held != 0 || waiting != 0 || p.shares != 0 {
					t.Errorf("%d held in %d shares, %d wait", held, p.shares, waiting)
				}
			})
		})
	}
}

// TestPoolIsBounded: many shares that grow and leave never hold more than there is.
func TestPoolIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1000, 50*time.Millisecond)
		var refused atomic.Int64
		var all sync.WaitGroup
		for worker := range 20 {
			all.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(worker), 1))
				for range 200 {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(1+rng.IntN(100))*time.Millisecond)
					s, err := p.take(ctx, 1+rng.Int64N(100))
					for err == nil && rng.IntN(4) > 0 {
						err = s.grow(ctx, 2*s.held)
						if now, _, _ := p.load(); now > 1000 || now < s.held {
							t.Errorf("%d held", now)
						}
						time.Sleep(time.Duration(rng.IntN(5)) * time.Millisecond)
					}
					if s != nil {
						s.shrink(0)
					}
					if err != nil {
						refused.Add(1)
					}
					cancel()
				}
			})
		}
		all.Wait()
		if left, waiting, _ := p.load(); left != 0 || waiting != 0 || p.shares != 0 {
			t.Errorf("%d held, %d wait", left, waiting)
		}
		if n := refused.Load(); n == 0 || n == 20*200 {
			t.Errorf("%d refused", n)
		}
	})
}
