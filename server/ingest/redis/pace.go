package redis

import (
	"errors"
	"net"
	"os"
	"time"
)

const (
	// batchBytes is about what is taken at once: what is large is taken in batches of
	// fewer.
	batchBytes = 8 << 20
	// roundMost is how many messages are asked for in one round trip, of which a batch
	// has as many as it takes. How large they are is known when they are here: this
	// bounds what comes when a list of small ones goes on with large ones, to 256 MB for
	// a megabyte each. 200,000 small elements came in 2.1 s, in rounds of 2,000 in 2.0 s.
	roundMost = 256
	// firstRound is how many are asked for when nothing is known of them, where asking
	// for more than there are costs nothing.
	firstRound = 16
	// transferWait is how long nothing at all may come of a reply that has been asked
	// for. It is longer than for other commands: these replies are large, and what slows
	// a link down may hand them on in lumps.
	transferWait = 30 * time.Second
)

// pace is how many messages are asked for at once: twice as many with each round that
// came in full, as long as a batch stays near batchBytes, and half as many when the link
// did not bring them in time. It has one user at a time.
type pace struct {
	most  int // of a batch
	least int // of a round that follows one which was not full

	round   int // how many to ask for next
	ceiling int // of round: what the link was seen to bring
	each    int // bytes, of one message of the last round

	count, bytes int // of the present batch
}

func newPace(most, least int) pace {
	return pace{most: most, least: min(least, most), round: min(least, most), ceiling: roundMost}
}

// begin begins a batch.
func (p *pace) begin() { p.count, p.bytes = 0, 0 }

// ask returns how many messages to ask for now: 0 when the batch is full.
func (p *pace) ask() int {
	if p.count >= p.most || p.bytes >= batchBytes {
		return 0
	}
	n := min(p.round, p.most-p.count)
	if p.each > 0 {
		n = min(n, (batchBytes-p.bytes)/p.each)
	}
	return max(n, 1)
}

// came notes that of the messages that were asked for got came, and reports whether
// there may be more.
func (p *pace) came(asked, got, bytes int) (more bool) {
	p.count += got
	p.bytes += bytes
	if got > 0 {
		p.each = bytes/got + 1
	}
	switch {
	case got < asked:
		p.round = min(max(got, p.least), p.ceiling)
	case asked < p.round: // fewer were asked for than might have come
	case p.round < p.ceiling:
		p.round = min(2*p.round, p.ceiling)
	default: // the link brings that many: a few more are tried
		p.ceiling = min(p.ceiling+1, roundMost)
	}
	return got >= asked
}

// late notes an error: when it is that messages did not come in time, fewer are asked
// for.
func (p *pace) late(err error) {
	var timeout net.Error
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		p.round = max(p.round/2, 1)
		p.ceiling = p.round
	}
}
