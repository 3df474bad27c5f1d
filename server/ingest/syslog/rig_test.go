package syslog

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

// patience is how long a test waits for what must happen; only a failing one does.
const patience = 30 * time.Second

type nobody struct{}

func (nobody) Publish([]record.Record) {}

// rig is a server before a real intake over a store in memory.
type rig struct {
	t      testing.TB
	server *Server
	intake *intake.Intake
	store  *faulty.Store
	memory *storetest.Memory
	stop   func() // ends the server and waits for it; may be called more than once
}

func newRig(t testing.TB, opts Options, limits gate.Options) *rig {
	t.Helper()
	r := newIdleRig(t, opts, limits)
	r.run()
	return r
}

// newIdleRig makes a rig whose server listens and does not run yet.
func newIdleRig(t testing.TB, opts Options, limits gate.Options) *rig {
	t.Helper()
	memory := storetest.NewMemory()
	st := faulty.New(memory)
	in, err := intake.New(st, nobody{}, intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if opts.Address == "" {
		opts.Address = "127.0.0.1:0"
	}
	s, err := Listen(gate.New(in, limits), opts)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, server: s, intake: in, store: st, memory: memory}
	t.Cleanup(func() {
		r.stop()
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
		r.checkLedger()
	})
	return r
}

func (r *rig) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.server.Run(ctx); err != nil {
			r.t.Error(err)
		}
	}()
	r.stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			r.t.Fatal("the server does not end")
		}
	}
}

// checkLedger fails when records are missing in the books.
func (r *rig) checkLedger() {
	r.t.Helper()
	var stored uint64
	for _, c := range r.intake.Ledger() {
		sum := c.Stored + c.Deduplicated + c.Pending
		for _, n := range c.Refused {
			sum += n
		}
		if sum != c.Received {
			r.t.Errorf("the ledger does not add up: %+v", c)
		}
		stored += c.Stored
	}
	if n := len(r.memory.Records()); uint64(n) != stored {
		r.t.Errorf("%d records are stored, the ledger says %d", n, stored)
	}
}

func (r *rig) dial(network string) net.Conn {
	r.t.Helper()
	conn, err := net.Dial(network, r.server.Addr().String())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() }) //nolint:errcheck // it may be closed already
	return conn
}

func (r *rig) write(conn net.Conn, text string) {
	r.t.Helper()
	if _, err := conn.Write([]byte(text)); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for a condition.
func (r *rig) until(what string, condition func() bool) {
	r.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !condition(); <-tick.C {
		if time.Now().After(deadline) {
			r.t.Fatalf("%s does not happen; the ledger: %+v", what, r.intake.Ledger())
		}
	}
}

// records waits for n records and returns all that are there.
func (r *rig) records(n int) []record.Record {
	r.t.Helper()
	r.until(fmt.Sprintf("the storing of %d records", n), func() bool { return len(r.memory.Records()) >= n })
	all := r.memory.Records()
	if len(all) != n {
		r.t.Fatalf("%d records, want %d", len(all), n)
	}
	return all
}

// counts returns a source's line of the ledger.
func (r *rig) counts(protocol, sender string) intake.Counts {
	for _, c := range r.intake.Ledger() {
		if c.Protocol == protocol && c.Sender == sender {
			return c
		}
	}
	return intake.Counts{}
}

// settled waits until nothing of a source is on its way, and returns its line.
func (r *rig) settled(protocol, sender string) intake.Counts {
	r.t.Helper()
	r.until("the end of what is on its way", func() bool { return r.counts(protocol, sender).Pending == 0 })
	return r.counts(protocol, sender)
}

// troubles returns how often there was one, and its last message.
func (r *rig) troubles(protocol, sender, reason string) (uint64, string) {
	for _, n := range r.counts(protocol, sender).Troubles {
		if n.What == reason {
			return n.Count, n.Message
		}
	}
	return 0, ""
}

func lines(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<13>1 2026-11-20T10:00:00Z h app 1 - - number %d\n", from+i)
	}
	return b.String()
}

func counted(text string) string { return fmt.Sprintf("%d %s", len(text), text) }

func attr(r *record.Record, key string) string {
	for _, a := range r.Attrs {
		if a.Key == key {
			return string(record.AppendValue(nil, a.Value))
		}
	}
	return ""
}
