package redis

import (
	"errors"
	"os"
	"testing"
)

// fill asks for messages of a size until a batch is full, and returns how many came and
// how many that was in the largest round.
func fill(p *pace, each int) (n, largest int) {
	p.begin()
	for ask := p.ask(); ask > 0; ask = p.ask() {
		n += ask
		largest = max(largest, ask)
		p.came(ask, ask, ask*each)
	}
	return n, largest
}

func TestPace(t *testing.T) {
	p := newPace(2000, firstRound)
	if n, largest := fill(&p, 1<<20); n > 2*firstRound || largest > firstRound {
		t.Errorf("the first batch of large ones has %d, %d at once", n, largest)
	}
	if n, _ := fill(&p, 1<<20); n != batchBytes>>20 {
		t.Errorf("the next one has %d", n)
	}
	fill(&p, 100)
	if n, largest := fill(&p, 100); n != 2000 || largest != roundMost {
		t.Errorf("a batch of small ones has %d, %d at once", n, largest)
	}
	if n, _ := fill(&p, 1<<20); n > roundMost {
		t.Errorf("after small ones there are %d large ones", n)
	}
	p.begin()
	if p.came(p.ask(), 0, 0) {
		t.Error("there are more where none came")
	}
	if p.round != firstRound {
		t.Errorf("after an empty round %d are asked for", p.round)
	}
}

// TestPaceOfSlowLinks: what does not come in time is asked for in halves, and then in
// slowly more.
func TestPaceOfSlowLinks(t *testing.T) {
	p := newPace(2000, firstRound)
	fill(&p, 100)
	p.late(errors.New("something else"))
	if p.round != roundMost {
		t.Errorf("%d", p.round)
	}
	for want := roundMost / 2; want > 0; want /= 2 {
		p.late(os.ErrDeadlineExceeded)
		if p.begin(); p.ask() != want {
			t.Errorf("%d, want %d", p.ask(), want)
		}
	}
	p.late(os.ErrDeadlineExceeded)
	if p.begin(); p.ask() != 1 {
		t.Errorf("%d", p.ask())
	}
	p.came(1, 1, 100)
	p.came(1, 1, 100)
	if p.ask() != 2 {
		t.Errorf("%d", p.ask())
	}
	p = newPace(5, firstRound)
	if n, largest := fill(&p, 1); n != 5 || largest != 5 {
		t.Errorf("%d, %d", n, largest)
	}
}
