package syslog

import (
	"context"
	"sync"

	"github.com/weirlog/weir/record"
)

const (
	// roundRecords bounds the parsed records that are on their way to the store: 10 MB.
	roundRecords = 10_000
	// storesAtOnce is how many senders' batches are offered at the same time: the
	// intake commits them together.
	storesAtOnce = 64
)

// storeAll parses what is queued and stores it, until the queue is closed and empty.
// A round ends before the next begins, so that the records of a sender stay in order.
func (d *datagrams) storeAll(storing context.Context) {
	for {
		s, ok := d.queue.take()
		if !ok {
			return
		}
		for from, at := 0, 0; at < len(s.items); {
			upTo := min(at+roundRecords, len(s.items))
			d.round(storing, s, from, at, upTo)
			from, at = s.items[upTo-1].end, upTo
		}
	}
}

// round stores a part of a slab: the items from at up to upTo, whose bytes begin at
// from.
func (d *datagrams) round(storing context.Context, s *slab, from, at, upTo int) {
	counts := make(map[string]int)
	for _, it := range s.items[at:upTo] {
		counts[it.sender]++
	}
	batches := make(map[string][]record.Record, len(counts))
	for _, it := range s.items[at:upTo] {
		data := s.data[from:it.end]
		from = it.end
		n := counts[it.sender]
		if n < 0 {
			continue // it sends too fast
		}
		if batches[it.sender] == nil {
			if d.gate.Wait(d.source(it.sender)) > 0 {
				d.gate.LoseRate(d.source(it.sender), n)
				counts[it.sender] = -1
				continue
			}
			batches[it.sender] = make([]record.Record, 0, n)
		}
		batches[it.sender] = d.server.appendDatagram(batches[it.sender], data, it.sender)
	}
	var wg sync.WaitGroup
	free := make(chan struct{}, storesAtOnce)
	for sender, batch := range batches {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			// An error is that there is no more time; intake has counted what was refused.
			_, _ = d.gate.Keep(storing, d.source(sender), batch)
		})
	}
	wg.Wait()
}

// appendDatagram appends the record of a datagram, or of its pieces when it is longer than
// a message may be.
func (s *Server) appendDatagram(batch []record.Record, data []byte, sender string) []record.Record {
	if len(data) <= s.opts.MaxMessage {
		return append(batch, s.parser.Parse(data, sender))
	}
	var head record.Record
	for part := 1; len(data) > 0; part++ {
		fr := pieceOf(data, part, s.opts.MaxMessage)
		data = data[len(fr.data):]
		batch = append(batch, s.parser.frame(fr, &head, sender))
	}
	return batch
}
