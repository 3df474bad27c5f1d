package main

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// The live measurement: so many records a second, in batches as a few busy services send them.
const (
	liveRate    = 10_000
	liveRecords = 100
	markEvery   = 50 // of so many records one has a number that the viewer looks for
)

// What is required of a record on its way to a browser, in milliseconds.
const (
	mustAckP99   = 100
	mustStartP50 = 80
	mustStartP99 = 1000
)

// mark is the text in front of the number.
const mark = "mark#"

// measureLive times records from their POST to the event at a viewer who reads everything.
func measureLive(ctx context.Context, b *bench) error {
	v, err := b.view(ctx)
	if err != nil {
		return err
	}
	var lock sync.Mutex
	posts := map[uint64]posted{}
	templates := liveBatches()
	sent := 0
	err = b.onTime(ctx, time.Duration(liveRecords)*time.Second/liveRate, func(s *sender, due time.Time) error {
		n := b.numbers.next()
		text := templates[n%uint64(len(templates))].number(n)
		if err := s.send(ctx, "/api/v1/records", "application/x-ndjson", "", text, liveRecords); err != nil {
			return err
		}
		acknowledged := time.Now()
		lock.Lock()
		defer lock.Unlock()
		sent += liveRecords
		posts[n] = posted{due, acknowledged}
		return nil
	})
	if err != nil {
		_ = v.leave() // why sending failed matters more
		return err
	}
	if err := v.finish(sent); err != nil {
		return err
	}
	fromStart, fromAck, err := v.compare(posts)
	if err != nil {
		return err
	}
	r := b.report
	r.section("Live at %s/s in batches of %d, ms to the viewer's event", thousands(liveRate), liveRecords)
	r.below("from the acknowledgement, p99", fromAck.at(0.99), mustAckP99)
	r.note("from the acknowledgement, p50", fromAck.at(0.5))
	r.below("from when the POST is due, p50", fromStart.at(0.5), mustStartP50)
	r.below("from when the POST is due, p99", fromStart.at(0.99), mustStartP99)
	r.note("longest", fromStart.at(1))
	r.equal("records that the viewer got, or was told that it missed", float64(v.records+v.skipped), float64(sent))
	r.equal("of those, missed", float64(v.skipped), 0)
	return nil
}

type posted struct{ due, acknowledged time.Time }

// template is a batch with places for a number.
type template struct {
	text   []byte
	places []int
}

// digits is the width of the number.
const digits = 12

func liveBatches() []template {
	c := newContent(2)
	all := make([]template, bodyCount)
	for i := range all {
		t := &all[i]
		for j := range liveRecords {
			e := c.next()
			if j%markEvery == markEvery-1 {
				e.message = mark + fmt.Sprintf("%0*d ", digits, 0) + e.message
			}
			from := len(t.text)
			t.text = append(asNative(t.text, &e, i*liveRecords+j+1), '\n')
			if at := indexFrom(t.text, from, mark); at >= 0 {
				t.places = append(t.places, at+len(mark))
			}
		}
	}
	return all
}

// number returns a copy of the batch with n in its places.
func (t *template) number(n uint64) []byte {
	text := append([]byte(nil), t.text...)
	number := fmt.Appendf(nil, "%0*d", digits, n)
	for _, at := range t.places {
		copy(text[at:], number)
	}
	return text
}

// numberAt reads the number at the start of text.
func numberAt(text []byte) (uint64, error) {
	if len(text) < digits {
		return 0, fmt.Errorf("a number is cut: %q", text)
	}
	return strconv.ParseUint(string(text[:digits]), 10, 64)
}
