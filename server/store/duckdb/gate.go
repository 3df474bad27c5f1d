package duckdb

import "context"

// gate lets statements that read in, a bounded number at once, or one checkpoint
// alone. A checkpoint that waits keeps new statements out, so it waits no longer
// than the statements that are in.
type gate struct {
	door  chan struct{} // holds a token while a checkpoint waits or runs
	rooms chan struct{} // holds a token for each statement that is in
}

func newGate(statements int) gate {
	return gate{door: make(chan struct{}, 1), rooms: make(chan struct{}, statements)}
}

// enter waits for a place. Whoever got one leaves.
func (g gate) enter(ctx context.Context) error {
	select {
	case g.door <- struct{}{}:
		<-g.door
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case g.rooms <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g gate) leave() { <-g.rooms }

// clear waits until nobody is in, and keeps everybody out until reopen. After an
// error the gate is open.
func (g gate) clear(ctx context.Context) error {
	select {
	case g.door <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	for n := range cap(g.rooms) {
		select {
		case g.rooms <- struct{}{}:
		case <-ctx.Done():
			for range n {
				<-g.rooms
			}
			<-g.door
			return ctx.Err()
		}
	}
	return nil
}

func (g gate) reopen() {
	for range cap(g.rooms) {
		<-g.rooms
	}
	<-g.door
}
