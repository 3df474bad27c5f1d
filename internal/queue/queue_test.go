package queue

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// rec is a record that carries its goroutine and its number there.
func rec(g, i, size int) []byte {
	b := make([]byte, max(size, HeaderSize+8))
	binary.LittleEndian.PutUint32(b[HeaderSize:], uint32(g))
	binary.LittleEndian.PutUint32(b[HeaderSize+4:], uint32(i))
	return b
}

func parse(s string) (g, i int) {
	return int(binary.LittleEndian.Uint32([]byte(s[HeaderSize:]))), int(binary.LittleEndian.Uint32([]byte(s[HeaderSize+4:])))
}

// push pushes through the shard that is named.
func push(t *testing.T, q *Queue, shard Hint, b []byte) {
	t.Helper()
	if err := q.Push(context.Background(), &shard, b, 2, q.Now()); err != nil {
		t.Fatalf("push: %v", err)
	}
}

func drainAll(d *Drainer) (out []string) {
	for r := d.Next(); r != ""; r = d.Next() {
		out = append(out, r)
		var levels [Levels]uint64
		levels[LevelOf(r)]++
		d.Written(&levels)
	}
	return out
}

// migrated makes the one case that the watermark exists for: within a round, after
// the drainer has seen shard 0 empty, a goroutine puts its record 0 there and its
// record 1 into shard 1, which the drainer has yet to look at again. It returns
// the numbers in the order in which they come out.
func migrated(t *testing.T, q *Queue, d *Drainer) (order []int) {
	t.Helper()
	push(t, q, 1, rec(9, 0, 0))
	d.Round()
	if r := d.Next(); r == "" {
		t.Fatal("the first record did not come out")
	}
	push(t, q, 0, rec(1, 0, 0))
	push(t, q, 1, rec(1, 1, 0))
	out := drainAll(d)
	d.Round()
	for _, r := range append(out, drainAll(d)...) {
		_, i := parse(r)
		order = append(order, i)
	}
	return order
}

// standing is a clock that does not move while a test looks.
func standing() func() int64 { return func() int64 { return 1000 } }

// ticking is a clock that is always later.
func ticking() func() int64 {
	var n atomic.Int64
	return func() int64 { return n.Add(1) }
}

func TestOrderAcrossShards(t *testing.T) {
	for _, c := range []struct {
		name    string
		clock   func() int64
		corrupt func(q *Queue, d *Drainer)
		inOrder bool
	}{
		{"fine clock", ticking(), nil, true},
		{"real clock", nil, nil, true},
		{"coarse clock", standing(), nil, true},
		{"without the watermark", ticking(), func(_ *Queue, d *Drainer) { d.unbounded = true }, false},
		{"coarse clock without the counter", standing(), func(q *Queue, _ *Drainer) { q.clock.coarse = false }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := New(Options{Limit: 1 << 20, Shards: 2, Clock: c.clock})
			d := q.Drainer()
			if c.corrupt != nil {
				c.corrupt(q, d)
			}
			order := migrated(t, q, d)
			if got := fmt.Sprint(order) == "[0 1]"; got != c.inOrder {
				t.Errorf("order %v, want in order: %v", order, c.inOrder)
			}
		})
	}
}

// TestOrderWhileDraining lets goroutines change shards at random while records are
// drained, with clocks of several grains.
func TestOrderWhileDraining(t *testing.T) {
	const goroutines, each = 4, 5000
	begin := time.Now()
	for name, clock := range map[string]func() int64{
		"real clock":    nil,
		"standing":      standing(),
		"steps of 1 ms": func() int64 { return int64(time.Since(begin) / time.Millisecond * time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			q := New(Options{Limit: 64 << 20, Shards: 4, Clock: clock})
			d := q.Drainer()
			var writers sync.WaitGroup
			for g := range goroutines {
				writers.Go(func() {
					random := rand.New(rand.NewPCG(1, uint64(g)))
					for i := range each {
						push(t, q, Hint(random.Uint32()), rec(g, i, 0))
					}
				})
			}
			done := make(chan struct{})
			go func() { writers.Wait(); q.Close(); close(done) }()

			next := [goroutines]int{}
			check := func(out []string) {
				for _, r := range out {
					g, i := parse(r)
					if i != next[g] {
						t.Fatalf("goroutine %d: record %d came when %d was due", g, i, next[g])
					}
					next[g]++
				}
			}
			for open := true; open; {
				select {
				case <-done:
					open = false
				default:
				}
				d.Round()
				check(drainAll(d))
			}
			d.Last()
			check(drainAll(d))
			for g, n := range next {
				if n != each {
					t.Errorf("goroutine %d: %d of %d records came", g, n, each)
				}
			}
		})
	}
}

func TestOverflow(t *testing.T) {
	const limit, size, n = 64 << 10, 512, 1000
	for _, c := range []struct {
		policy Overflow
		reason Reason
		err    error
		newest bool // the newest survive
	}{
		{DropOldest, OverflowOldest, nil, true},
		{DropNewest, OverflowNewest, ErrFull, false},
		{Fail, Failed, ErrFull, false},
	} {
		t.Run(c.reason.String(), func(t *testing.T) {
			q := New(Options{Limit: limit, Overflow: c.policy})
			var refused uint64
			var h Hint
			for i := range n {
				h++ // all shards take part
				if err := q.Push(context.Background(), &h, rec(0, i, size), uint8(i%Levels), q.Now()); err != nil {
					if !errors.Is(err, c.err) {
						t.Fatalf("error %v, want %v", err, c.err)
					}
					refused++
				}
			}
			before := q.Stats()
			if before.Memory > limit {
				t.Errorf("%d bytes in use with a limit of %d", before.Memory, limit)
			}
			d := q.Drainer()
			d.Round()
			out := drainAll(d)
			s := q.Stats()
			if dropped := total(s.Dropped[c.reason]); dropped+uint64(len(out)) != n {
				t.Errorf("%d dropped + %d written, want %d", dropped, len(out), n)
			}
			if c.err != nil && refused != total(s.Dropped[c.reason]) {
				t.Errorf("%d callers were told, %d counted", refused, total(s.Dropped[c.reason]))
			}
			balance(t, q, n)
			if len(out) < limit/size/2 {
				t.Errorf("only %d records kept in %d bytes", len(out), limit)
			}
			first, last := out[0], out[len(out)-1]
			if _, i := parse(last); c.newest && i != n-1 {
				t.Errorf("the last record is %d, want the newest", i)
			}
			if _, i := parse(first); !c.newest && i != 0 {
				t.Errorf("the first record is %d, want the oldest", i)
			}
		})
	}
}

func total(levels [Levels]uint64) (n uint64) {
	for _, v := range levels {
		n += v
	}
	return n
}

// balance checks the counters of a queue at rest.
func balance(t *testing.T, q *Queue, pushed uint64) {
	t.Helper()
	s := q.Stats()
	sum := total(s.Waiting) + total(s.Written)
	for _, levels := range s.Dropped {
		sum += total(levels)
	}
	if s.Pushed != pushed || sum != pushed {
		t.Errorf("pushed %d, counted %d, waiting + written + dropped = %d (%+v)", pushed, s.Pushed, sum, s)
	}
}

func TestBlock(t *testing.T) {
	fill := func(t *testing.T) (*Queue, Hint) {
		q := New(Options{Limit: 16 << 10, Overflow: Block, BlockTimeout: time.Second, Shards: 2, NoReserve: true})
		var h Hint
		for q.Stats().Memory+q.memory.chunkSize <= 16<<10 || q.shards[0].fits(100, 2) {
			push(t, q, h, rec(0, 0, 100))
		}
		return q, h
	}
	t.Run("timeout", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			q, h := fill(t)
			start := time.Now()
			if err := q.Push(context.Background(), &h, rec(0, 0, 100), 0, q.Now()); !errors.Is(err, ErrTimeout) {
				t.Errorf("error %v, want ErrTimeout", err)
			}
			if d := time.Since(start); d != time.Second {
				t.Errorf("waited %v, want 1s", d)
			}
			if n := q.Stats().Dropped[BlockTimeout][0]; n != 1 {
				t.Errorf("%d timeouts counted, want 1", n)
			}
		})
	})
	t.Run("context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			q, h := fill(t)
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			defer cancel()
			start := time.Now()
			if err := q.Push(ctx, &h, rec(0, 0, 100), 0, q.Now()); !errors.Is(err, ErrTimeout) {
				t.Errorf("error %v, want ErrTimeout", err)
			}
			if d := time.Since(start); d != time.Millisecond {
				t.Errorf("waited %v, want 1ms", d)
			}
		})
	})
	t.Run("drained", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			q, h := fill(t)
			result := make(chan error)
			go func() { result <- q.Push(context.Background(), &h, rec(0, 0, 100), 0, q.Now()) }()
			synctest.Wait()
			d := q.Drainer()
			d.Round()
			drainAll(d)
			if err := <-result; err != nil {
				t.Errorf("push after room was made: %v", err)
			}
		})
	})
	t.Run("closed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			q, h := fill(t)
			result := make(chan error)
			go func() { result <- q.Push(context.Background(), &h, rec(0, 0, 100), 0, q.Now()) }()
			synctest.Wait()
			q.Close()
			if err := <-result; !errors.Is(err, ErrClosed) {
				t.Errorf("error %v, want ErrClosed", err)
			}
		})
	})
}

// TestLargeRecords: a record larger than a chunk has one of its own, counted like
// the others, and its place in the order.
func TestLargeRecords(t *testing.T) {
	const limit = 256 << 10
	q := New(Options{Limit: limit, Shards: 2})
	push(t, q, 0, rec(0, 0, 50))
	push(t, q, 0, rec(0, 1, 100<<10))
	push(t, q, 0, rec(0, 2, 50))
	push(t, q, 0, rec(0, 3, 60<<10))
	if m := q.Stats().Memory; m < 160<<10 || m > limit {
		t.Errorf("%d bytes in use", m)
	}
	d := q.Drainer()
	d.Round()
	for want, r := range drainAll(d) {
		if _, i := parse(r); i != want {
			t.Errorf("record %d came at place %d", i, want)
		}
	}
	balance(t, q, 4)

	// A large record makes room by evicting many small ones.
	for i := range 3000 {
		push(t, q, 0, rec(0, i, 100))
	}
	push(t, q, 0, rec(0, 9999, 64<<10))
	d.Round()
	out := drainAll(d)
	if _, i := parse(out[len(out)-1]); i != 9999 {
		t.Errorf("the large record did not come last but %d", i)
	}
	balance(t, q, 3005)
	if m := q.Stats().Memory; m > limit {
		t.Errorf("%d bytes in use with a limit of %d", m, limit)
	}

	// One that can never fit is refused, not waited for.
	var h Hint
	if err := q.Push(context.Background(), &h, rec(0, 0, limit+1), 0, q.Now()); !errors.Is(err, ErrFull) {
		t.Errorf("a record above the limit: %v, want ErrFull", err)
	}
}

func TestTrimGivesMemoryBack(t *testing.T) {
	q := New(Options{Limit: 1 << 20, Shards: 2})
	for i := range 5000 {
		push(t, q, 0, rec(0, i, 100))
	}
	high := q.Stats().Memory
	d := q.Drainer()
	d.Round()
	drainAll(d)
	d.Trim()
	// One chunk in the shard, one with the drainer, keepFree in store.
	if low := q.Stats().Memory; low > 4*q.memory.chunkSize || low >= high {
		t.Errorf("%d bytes after, %d before", low, high)
	}
}

func TestParkSeesRecords(t *testing.T) {
	q := New(Options{Limit: 1 << 20})
	push(t, q, 0, rec(0, 0, 0))
	if q.Park() {
		t.Fatal("parked with a record waiting")
	}
	d := q.Drainer()
	d.Round()
	drainAll(d)
	if !q.Park() {
		t.Fatal("did not park with nothing waiting")
	}
	select {
	case <-q.Wake():
		t.Fatal("woken by nothing")
	default:
	}
	push(t, q, 0, rec(0, 0, 0))
	push(t, q, 0, rec(0, 1, 0))
	<-q.Wake()
	select {
	case <-q.Wake():
		t.Fatal("woken twice")
	default:
	}
}

// TestExactCounts pushes from many goroutines through a queue that is too small,
// closes it in the middle and abandons what is left: every record has one fate.
func TestExactCounts(t *testing.T) {
	for _, policy := range []Overflow{DropOldest, DropNewest, Block, Fail} {
		for _, abandon := range []bool{false, true} {
			t.Run(fmt.Sprintf("policy %d abandon %v", policy, abandon), func(t *testing.T) {
				const goroutines, each = 8, 2000
				q := New(Options{Limit: 64 << 10, Overflow: policy, BlockTimeout: time.Millisecond})
				var writers sync.WaitGroup
				var accepted, pushed atomic.Uint64
				for g := range goroutines {
					writers.Go(func() {
						h := q.Hint()
						for i := range each {
							size := 40 + i%200
							if i%500 == 499 {
								size = 20 << 10
							}
							if q.Push(context.Background(), &h, rec(g, i, size), uint8(i%Levels), q.Now()) == nil {
								accepted.Add(1)
							}
							if pushed.Add(1) == goroutines*each*3/4 {
								q.Close()
							}
						}
					})
				}
				stop := make(chan struct{})
				go func() { writers.Wait(); close(stop) }()
				d := q.Drainer()
				var written uint64
				for open := true; open; {
					select {
					case <-stop:
						open = false
					default:
					}
					d.Round()
					written += uint64(len(drainAll(d)))
				}
				if abandon {
					q.Abandon()
				}
				d.Last()
				if rest := drainAll(d); !abandon {
					written += uint64(len(rest))
				}
				var h Hint
				if err := q.Push(context.Background(), &h, rec(0, 0, 0), 0, q.Now()); !errors.Is(err, ErrClosed) {
					t.Errorf("a push after Close: %v", err)
				}
				s := q.Stats()
				if n := total(s.Written); n != written {
					t.Errorf("%d records written, %d counted", written, n)
				}
				evicted := total(s.Dropped[OverflowOldest]) + total(s.Dropped[Abandoned])
				if accepted.Load() != written+evicted {
					t.Errorf("accepted %d, written %d + evicted or abandoned %d", accepted.Load(), written, evicted)
				}
				balance(t, q, goroutines*each+1)
			})
		}
	}
}

// TestStampFromTheFuture: a record whose time lies ahead is drained like any other,
// and so are those behind it.
func TestStampFromTheFuture(t *testing.T) {
	q := New(Options{Limit: 1 << 20, Shards: 2})
	d := q.Drainer()
	h := q.Hint()
	for i, at := range []int64{q.Now(), q.NowBy(time.Now().Add(time.Hour)), q.Now(), q.NowBy(time.Now()), q.NowBy(time.Now().Add(-time.Hour)), q.NowBy(time.Now().Round(0))} {
		if err := q.Push(context.Background(), &h, append(make([]byte, HeaderSize), byte(i)), 2, at); err != nil {
			t.Fatal(err)
		}
	}
	d.Round()
	var got []byte
	for rec := d.Next(); rec != ""; rec = d.Next() {
		got = append(got, rec[HeaderSize])
	}
	if !bytes.Equal(got, []byte{0, 1, 2, 3, 4, 5}) {
		t.Errorf("drained %v", got)
	}
}
