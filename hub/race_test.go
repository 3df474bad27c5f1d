package hub_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/weirlog/weir/hub"
)

// TestEveryRecordIsDeliveredOrCounted is the watermark rule: subscribers come and
// go at any time beside the publisher; each gets every record above its start
// once, in order, or has it counted.
func TestEveryRecordIsDeliveredOrCounted(t *testing.T) {
	const total, viewers = 20_000, 8
	for _, ringSize := range []int{1, 7, 500, 50_000} {
		h := hub.New(hub.Options{MaxRecords: ringSize}, 0)
		var wg sync.WaitGroup
		for range viewers {
			wg.Go(func() {
				at := hub.Cursor{}
				for closed := false; !closed; {
					s := h.Subscribe()
					if rand.IntN(2) == 0 {
						s.Close()
						s = h.SubscribeAt(at)
					}
					start := s.Start()
					passed, last := start.Ordinal, start.Position
					for range rand.IntN(50) + 1 {
						d, err := s.Next(t.Context(), rand.IntN(40)+1)
						if errors.Is(err, hub.ErrClosed) {
							closed = true
							if passed != total {
								t.Errorf("ring of %d: passed %d of %d records", ringSize, passed, total)
							}
							break
						}
						if err != nil {
							t.Error(err)
							return
						}
						passed += d.Missed + uint64(len(d.Records))
						for i := range d.Records {
							if r := &d.Records[i]; r.ID <= last || r.Seq != d.Resumed.Ordinal+uint64(i)+1 {
								t.Errorf("record %d (the %dth) came after %d", r.ID, r.Seq, last)
								return
							} else {
								last = r.ID
							}
						}
						if d.To.Ordinal != passed {
							t.Errorf("passed %d records, stands at %d", passed, d.To.Ordinal)
							return
						}
						at = d.To
					}
					s.Close()
				}
			})
		}
		for n := 0; n < total; {
			b := batch(h.Cursor().Position+1, min(rand.IntN(20)+1, total-n))
			for i := range b {
				n++
				b[i].Seq = uint64(n)
			}
			h.Publish(b)
		}
		h.Close()
		wg.Wait()
		if s := h.Stats(); s.Subscribers != 0 || s.Published != total {
			t.Errorf("stats are %+v", s)
		}
	}
}
