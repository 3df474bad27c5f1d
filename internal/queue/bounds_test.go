package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	info  = 2
	warn  = 3
	fatal = 5
)

// offer pushes a record through a shard and returns what Push says.
func offer(q *Queue, shard Hint, b []byte, level uint8) error {
	return q.Push(context.Background(), &shard, b, level, q.Now())
}

// numbers drains the queue and returns the numbers of the records.
func numbers(q *Queue) (out []int) {
	d := q.Drainer()
	d.Round()
	for _, r := range drainAll(d) {
		_, i := parse(r)
		out = append(out, i)
	}
	return out
}

// TestRecordBoundIsMetToTheRecord: as long as there is one shard, exactly MaxRecords
// records wait, whatever their sizes.
func TestRecordBoundIsMetToTheRecord(t *testing.T) {
	for _, limit := range []int{64 << 10, 16 << 20} {
		for _, bound := range []int{1, 2, 3, 7, 8, 15, 16, 100, 500, 1000} {
			for _, policy := range []Overflow{DropNewest, Fail} {
				for _, size := range []int{24, 300} {
					t.Run(fmt.Sprintf("limit %d bound %d policy %d size %d", limit, bound, policy, size), func(t *testing.T) {
						if bound*size > limit/2 {
							size = 24 // else the bytes are what ends first
						}
						q := New(Options{Limit: limit, MaxRecords: bound, Overflow: policy, NoReserve: true})
						for i := range bound + 5 {
							if err := offer(q, Hint(i), rec(0, i, size), info); (err == nil) != (i < bound) {
								t.Fatalf("push %d: %v", i, err)
							}
						}
						if s := q.Stats(); s.Records != bound || s.MaxRecords != bound {
							t.Errorf("stats: %d of %d records", s.Records, s.MaxRecords)
						}
						if out := numbers(q); len(out) != bound || out[bound-1] != bound-1 {
							t.Errorf("came out: %v", out)
						}
						balance(t, q, uint64(bound+5))
					})
				}
			}
		}
	}
}

// ko-log, queue: drop_oldest size 2 + 3 records → 2 delivered.
func TestDropOldestOfTwoRecords(t *testing.T) {
	q := New(Options{Limit: 64 << 10, MaxRecords: 2})
	for i := range 3 {
		push(t, q, 0, rec(0, i, 0))
	}
	if out := numbers(q); fmt.Sprint(out) != "[1 2]" {
		t.Errorf("came out: %v, want the newest two", out)
	}
	if n := total(q.Stats().Dropped[OverflowOldest]); n != 1 {
		t.Errorf("%d dropped, want 1", n)
	}
	balance(t, q, 3)
}

// ko-log, queue: block (size 2) waits >0.1 s then succeeds.
func TestBlockOfTwoRecordsWaitsForTheDrainer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Options{Limit: 64 << 10, MaxRecords: 2, Overflow: Block, BlockTimeout: time.Second})
		push(t, q, 0, rec(0, 0, 0))
		push(t, q, 0, rec(0, 1, 0))
		start := time.Now()
		var out []int
		done := make(chan struct{})
		go func() {
			<-time.After(150 * time.Millisecond) // a slow consumer
			out = numbers(q)
			close(done)
		}()
		push(t, q, 0, rec(0, 2, 0))
		if waited := time.Since(start); waited != 150*time.Millisecond {
			t.Errorf("waited %v, want until the consumer came", waited)
		}
		<-done
		if out = append(out, numbers(q)...); fmt.Sprint(out) != "[0 1 2]" {
			t.Errorf("came out: %v", out)
		}
		balance(t, q, 3)
	})
}

// TestOneRecordGoesThroughAgainAndAgain: a bound of one leaves nothing behind in
// shards or with the drainer that would keep the next record out, large ones
// included.
func TestOneRecordGoesThroughAgainAndAgain(t *testing.T) {
	for _, policy := range []Overflow{DropOldest, DropNewest, Block, Fail} {
		q := New(Options{Limit: 64 << 10, MaxRecords: 1, Overflow: policy, BlockTimeout: time.Minute})
		d := q.Drainer()
		for i := range 100 {
			size := 24
			if i%3 == 0 {
				size = 40 << 10
			}
			push(t, q, Hint(i), rec(0, i, size))
			d.Round()
			if out := drainAll(d); len(out) != 1 {
				t.Fatalf("policy %d: %d records came at turn %d", policy, len(out), i)
			}
		}
		balance(t, q, 100)
	}
}

// TestReserve: when lower records are refused, WARN and above still go in, up to the
// whole bound and no further.
func TestReserve(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"bytes", Options{Limit: 1 << 20, Shards: 4}},
		{"the least memory", Options{Limit: 64 << 10}},
		{"records", Options{Limit: 1 << 20, MaxRecords: 800}},
		{"records, many shards", Options{Limit: 16 << 20, MaxRecords: 8000, Shards: 16}},
	} {
		for _, policy := range []Overflow{DropNewest, Fail} {
			t.Run(fmt.Sprintf("%s policy %d", c.name, policy), func(t *testing.T) {
				o := c.o
				o.Overflow = policy
				q := New(o)
				const size = 200
				low, high := 0, 0
				for offer(q, Hint(low), rec(0, low, size), info) == nil {
					low++
				}
				for h := range Hint(q.mask + 1) {
					for offer(q, h, rec(0, low, size), info) == nil { // other shards may have room
						low++
					}
				}
				for offer(q, Hint(high), rec(1, high, size), warn) == nil {
					high++
				}
				s := q.Stats()
				if s.Memory > s.Limit || o.MaxRecords > 0 && s.Records > o.MaxRecords {
					t.Errorf("beyond the bounds: %+v", s)
				}
				if share := float64(high) / float64(low+high); share < 0.08 || share > 0.25 {
					t.Errorf("%d lower and %d higher records fit: the reserve has %.2f", low, high, share)
				}
				if err := offer(q, 0, rec(2, 0, size), info); !errors.Is(err, ErrFull) {
					t.Errorf("a lower record above the reserve: %v", err)
				}
				// What came out makes room for all levels again.
				d := q.Drainer()
				d.Round()
				if n := len(drainAll(d)); n != low+high {
					t.Errorf("%d records came, want %d", n, low+high)
				}
				for i := range low / 2 {
					push(t, q, Hint(i), rec(3, i, size))
				}
			})
		}
	}
	t.Run("switched off", func(t *testing.T) {
		q := New(Options{Limit: 64 << 10, MaxRecords: 16, Overflow: DropNewest, NoReserve: true})
		for i := range 16 {
			push(t, q, 0, rec(0, i, 0))
		}
	})
	t.Run("less than a chunk", func(t *testing.T) {
		q := New(Options{Limit: 4 << 10, MaxRecords: 7, Overflow: DropNewest})
		if l := q.memory.layout; l.open != l.whole {
			t.Errorf("open %+v of %+v", l.open, l.whole)
		}
	})
}

// TestEvictionSparesTheReserve: DropOldest drops lower records first, however old
// the higher ones are, and the newest of all is never refused.
func TestEvictionSparesTheReserve(t *testing.T) {
	for _, o := range []Options{
		{Limit: 256 << 10, Shards: 2},
		{Limit: 1 << 20, MaxRecords: 400},
	} {
		q := New(o)
		const size = 100
		n := 0
		for total(q.Stats().Dropped[OverflowOldest]) == 0 {
			push(t, q, 0, rec(0, n, size))
			n++
		}
		warnings := n / 20
		for i := range warnings {
			if err := offer(q, 0, rec(1, i, size), warn); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 5 * n {
			push(t, q, 0, rec(2, i, size))
		}
		kept, last := 0, -1
		d := q.Drainer()
		d.Round()
		for _, r := range drainAll(d) {
			switch g, i := parse(r); g {
			case 1:
				if i < last {
					t.Errorf("warning %d came after %d", i, last)
				}
				kept, last = kept+1, i
			case 2:
				last = max(last, -1)
			}
		}
		if kept != warnings {
			t.Errorf("%d of %d warnings survived %d lower records", kept, warnings, 5*n)
		}
		s := q.Stats()
		if n := total(s.Dropped[OverflowNewest]); n != 0 {
			t.Errorf("%d new records were refused", n)
		}
		// With nothing but warnings in the queue, a warning evicts a warning.
		for i := range 4 * n {
			if err := offer(q, 0, rec(3, i, size), fatal); err != nil {
				t.Fatalf("record %d: %v", i, err)
			}
		}
	}
}

// TestTheReserveIsNotWasted: under a flood of mixed levels it fills with the first
// higher records that were evicted, and with nothing else.
func TestTheReserveIsNotWasted(t *testing.T) {
	const limit, size, n = 1 << 20, 100, 60_000
	q := New(Options{Limit: limit, Shards: 2})
	for i := range n {
		level, goroutine := uint8(info), 0
		if i%20 == 0 {
			level, goroutine = warn, 1
		}
		if err := offer(q, Hint(i/7), rec(goroutine, i, size), level); err != nil {
			t.Fatal(err)
		}
	}
	d := q.Drainer()
	d.Round()
	first := 0 // of the higher records, without a gap
	for _, r := range drainAll(d) {
		if g, i := parse(r); g == 1 && i == first*20 {
			first++
		}
	}
	if room := limit / 8 / size; first < room*3/4 {
		t.Errorf("the reserve kept the first %d records and has room for %d", first, room)
	}
	balance(t, q, n)
}

// TestLargeRecordInTheReserve: one that has a chunk of its own survives as well.
func TestLargeRecordInTheReserve(t *testing.T) {
	q := New(Options{Limit: 1 << 20, Shards: 2})
	if err := offer(q, 0, rec(1, 0, 100<<10), fatal); err != nil {
		t.Fatal(err)
	}
	for i := range 20_000 {
		push(t, q, Hint(i), rec(0, i, 100))
	}
	d := q.Drainer()
	d.Round()
	if out := drainAll(d); len(out[0]) != 100<<10 {
		t.Errorf("the oldest record has %d bytes, want the large one", len(out[0]))
	}
}

// TestARecordThatNeverFits is refused at once: nothing is evicted for it, and nobody
// waits.
func TestARecordThatNeverFits(t *testing.T) {
	for _, policy := range []Overflow{DropOldest, DropNewest, Block, Fail} {
		q := New(Options{Limit: 64 << 10, Overflow: policy, BlockTimeout: time.Hour})
		push(t, q, 0, rec(0, 0, 100))
		if err := offer(q, 0, rec(0, 1, 64<<10+1), fatal); !errors.Is(err, ErrFull) {
			t.Errorf("policy %d: %v, want ErrFull", policy, err)
		}
		if err := offer(q, 0, rec(0, 1, 60<<10), info); !errors.Is(err, ErrFull) {
			t.Errorf("policy %d: %v for what would need the reserve", policy, err)
		}
		if out := numbers(q); len(out) != 1 {
			t.Errorf("policy %d: %d records left", policy, len(out))
		}
		balance(t, q, 3)
	}
}

func TestOverHalf(t *testing.T) {
	for _, o := range []Options{
		{Limit: 1 << 20},
		{Limit: 64 << 10},
		{Limit: 16 << 20, MaxRecords: 4000},
		{Limit: 16 << 20, MaxRecords: 100},
	} {
		t.Run(fmt.Sprintf("%d bytes %d records", o.Limit, o.MaxRecords), func(t *testing.T) {
			o.Overflow = Fail
			q := New(o)
			if q.OverHalf() {
				t.Fatal("over half when new")
			}
			n := 0
			for !q.OverHalf() {
				push(t, q, 0, rec(0, n, 100))
				n++
			}
			s := q.Stats()
			part := float64(s.Memory) / float64(s.Limit)
			if o.MaxRecords > 0 {
				part = float64(s.Records) / float64(o.MaxRecords)
			}
			if part < 0.3 || part > 0.8 {
				t.Errorf("over half at %.2f", part)
			}
			// It stays until less than a quarter is in use.
			d := q.Drainer()
			d.Round()
			left, fell := n, -1
			for d.Next() != "" {
				if left--; fell < 0 && !q.OverHalf() {
					fell = left
				}
			}
			if fell < 0 || q.OverHalf() {
				t.Fatal("still over half when empty")
			}
			if fell > n*6/10 {
				t.Errorf("no longer over half with %d of %d records left", fell, n)
			}
		})
	}
}

// TestBoundsAndCountsHold pushes, drains, flushes and gives up at random, under all
// policies and bounds: every record has one fate, and no bound is ever exceeded.
func TestBoundsAndCountsHold(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 7))
		o := Options{
			Limit:     []int{32 << 10, 64 << 10, 300 << 10, 2 << 20}[random.IntN(4)],
			Overflow:  Overflow(random.IntN(4)),
			Shards:    1 << random.IntN(4),
			NoReserve: random.IntN(4) == 0,
		}
		if random.IntN(4) > 0 {
			o.MaxRecords = []int{1, 2, 3, 9, 40, 200, 3000}[random.IntN(7)]
		}
		q := New(o)
		d := q.Drainer()
		var pushed, refused, out uint64
		next := map[int]int{}
		check := func() {
			s := q.Stats()
			if s.Memory > s.Limit || o.MaxRecords > 0 && s.Records > o.MaxRecords {
				t.Fatalf("seed %d %+v: beyond the bounds: %+v", seed, o, s)
			}
			checkMemory(t, q, d)
		}
		for range 2000 {
			switch random.IntN(60) {
			default:
				g := random.IntN(4)
				size := 24 + random.IntN(400)
				if random.IntN(50) == 0 {
					size = random.IntN(o.Limit / 4)
				}
				err := offer(q, Hint(random.IntN(8)), rec(g, int(pushed), size), uint8(random.IntN(Levels)))
				pushed++
				if err != nil {
					refused++
				}
			case 0, 1:
				d.Round()
				fallthrough
			case 2, 3, 4: // go on with the round
				for _, r := range drainSome(d, random.IntN(40)) {
					g, i := parse(r)
					if i < next[g] {
						t.Fatalf("seed %d: %d of goroutine %d came after %d", seed, i, g, next[g])
					}
					next[g] = i
					out++
				}
			case 5:
				d.Trim()
			}
			check()
		}
		if random.IntN(3) == 0 {
			q.Close()
			q.Abandon()
		} else {
			d.Round()
			out += uint64(len(drainAll(d)))
			if s := q.Stats(); s.Records != 0 || total(s.Written) != out {
				t.Errorf("seed %d: %d records left, %d of %d written", seed, s.Records, total(s.Written), out)
			}
		}
		balance(t, q, pushed)
		var told uint64
		for r, levels := range q.Stats().Dropped {
			if refusal(Reason(r)) {
				told += total(levels)
			}
		}
		if told != refused {
			t.Errorf("seed %d: %d callers were told, %d counted", seed, refused, told)
		}
		if t.Failed() {
			return
		}
	}
}

func drainSome(d *Drainer, n int) (out []string) {
	for range n {
		r := d.Next()
		if r == "" {
			break
		}
		out = append(out, r)
		var levels [Levels]uint64
		levels[LevelOf(r)]++
		d.Written(&levels)
	}
	return out
}

// checkMemory compares what memory has counted with the chunks that there are.
func checkMemory(t *testing.T, q *Queue, d *Drainer) {
	t.Helper()
	var used, reserved budget
	count := func(c *chunk) {
		if c == nil {
			return
		}
		b := budget{cap(c.data), int(c.granted)}
		used.add(b)
		if c.floor > 0 {
			reserved.add(b)
		}
		var records uint32
		for l, n := range c.levels {
			records += n
			if n > 0 && uint8(l) < c.floor {
				t.Fatalf("a record of level %d is in a reserved chunk", l)
			}
		}
		if records+c.room != c.granted {
			t.Fatalf("%d records and room for %d in a chunk of %d", records, c.room, c.granted)
		}
	}
	for i := range q.shards {
		for _, c := range q.shards[i].sealed {
			if len(c.data) == 0 {
				t.Fatal("an empty chunk is sealed")
			}
			count(c)
		}
		count(q.shards[i].current)
	}
	count(d.spare)
	m := &q.memory
	if used != m.used || reserved != m.reserved {
		t.Fatalf("counted %+v and %+v reserved, there is %+v and %+v", m.used, m.reserved, used, reserved)
	}
	if m.allocated != used.bytes+len(m.free)*m.chunkSize {
		t.Fatalf("%d bytes allocated, %d in use and %d chunks free", m.allocated, used.bytes, len(m.free))
	}
}

// TestBoundsHoldUnderContention is the same with producers and a drainer at once.
func TestBoundsHoldUnderContention(t *testing.T) {
	for _, policy := range []Overflow{DropOldest, DropNewest, Block, Fail} {
		for _, bound := range []int{1, 2, 64, 2000} {
			t.Run(fmt.Sprintf("policy %d bound %d", policy, bound), func(t *testing.T) {
				const goroutines, each = 6, 1500
				q := New(Options{Limit: 128 << 10, MaxRecords: bound, Overflow: policy, BlockTimeout: time.Second, Shards: 4})
				var writers sync.WaitGroup
				for g := range goroutines {
					writers.Go(func() {
						h := q.Hint()
						for i := range each {
							// The error is counted, which is what the test looks at.
							_ = q.Push(context.Background(), &h, rec(g, i, 30+i%300), uint8((g+i)%Levels), q.Now())
						}
					})
				}
				stop := make(chan struct{})
				go func() { writers.Wait(); close(stop) }()
				d := q.Drainer()
				next := [goroutines]int{}
				for open := true; open; {
					select {
					case <-stop:
						open = false
					default:
					}
					if s := q.Stats(); s.Memory > s.Limit {
						t.Fatalf("%d bytes of %d", s.Memory, s.Limit)
					}
					d.Round()
					for _, r := range drainAll(d) {
						g, i := parse(r)
						if i < next[g] {
							t.Fatalf("goroutine %d: %d came after %d", g, i, next[g])
						}
						next[g] = i
					}
					q.memory.mu.Lock()
					if !q.memory.used.fits(q.memory.whole) {
						t.Errorf("%+v of %+v", q.memory.used, q.memory.whole)
					}
					q.memory.mu.Unlock()
				}
				checkMemory(t, q, d)
				balance(t, q, goroutines*each)
			})
		}
	}
}
