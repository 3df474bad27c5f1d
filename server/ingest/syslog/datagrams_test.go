package syslog

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
)

func TestUDP(t *testing.T) {
	r := newRig(t, Options{Clock: now, Zone: time.UTC}, gate.Options{})
	conn := r.dial("udp")
	for i := range 100 {
		r.write(conn, fmt.Sprintf("<13>Nov 20 10:00:00 h app[7]: number %d", i))
	}
	r.write(conn, "<14>Nov 20 10:00:00 app: a line\nanother\n")
	r.write(conn, "")
	r.write(conn, "31 <14>Nov 20 10:00:00 app: length")
	r.write(conn, "<14>"+strings.Repeat("x", 60_000))
	all := r.records(103)
	for i := range 100 {
		if all[i].Message != fmt.Sprintf("number %d", i) {
			t.Fatalf("record %d is %q", i, all[i].Message)
		}
	}
	if got := all[100]; got.Message != "a line\nanother" || got.Resource.Host != "127.0.0.1" {
		t.Errorf("%+v", got)
	}
	if all[101].Message != "length" || len(all[102].Message) != 60_000 {
		t.Errorf("%q, %d bytes", all[101].Message, len(all[102].Message))
	}
	if c := r.settled(protocolUDP, "127.0.0.1"); c.Stored != 103 {
		t.Errorf("%+v", c)
	}
}

// TestUDPOverflow: what the queue cannot hold while the store is away is counted.
func TestUDPOverflow(t *testing.T) {
	r := newRig(t, Options{UDPQueue: 4096}, gate.Options{})
	release := r.store.Hold()
	conn := r.dial("udp")
	sent := 0
	r.until("an overflow", func() bool {
		r.write(conn, lines(sent, 1))
		sent++
		return r.counts(protocolUDP, "127.0.0.1").Refused[intake.ReasonOverflow] > 0
	})
	release()
	r.until("the end", func() bool {
		c := r.counts(protocolUDP, "127.0.0.1")
		return c.Pending == 0 && c.Received == uint64(sent)
	})
}

// TestUDPRate: a sender that is too fast loses what it sends, counted.
func TestUDPRate(t *testing.T) {
	r := newRig(t, Options{}, gate.Options{Rate: 5})
	conn := r.dial("udp")
	sent := 0
	r.until("a refusal", func() bool {
		r.write(conn, lines(sent, 1))
		sent++
		return r.counts(protocolUDP, "127.0.0.1").Refused[intake.ReasonRate] > 0
	})
	r.until("the end", func() bool { return r.counts(protocolUDP, "127.0.0.1").Received == uint64(sent) })
}

// TestTCPRate: a sender over TCP waits, and loses nothing.
func TestTCPRate(t *testing.T) {
	r := newRig(t, Options{}, gate.Options{Rate: 2000})
	conn := r.dial("tcp")
	start := time.Now()
	r.write(conn, lines(0, 5000))
	r.records(5000)
	if took := time.Since(start); took < 500*time.Millisecond {
		t.Errorf("5,000 records at 2,000 a second took %v", took)
	}
	if c := r.settled(protocolTCP, "127.0.0.1"); len(c.Refused) > 0 {
		t.Errorf("%+v", c)
	}
}

// TestKernelDrops: what the system drops is counted, though nobody knows whose it was.
func TestKernelDrops(t *testing.T) {
	r := newIdleRig(t, Options{UDPBuffer: 4096}, gate.Options{})
	conn := r.dial("udp")
	sent := 1000
	for i := range sent { // nobody reads yet
		r.write(conn, lines(i, 1))
	}
	r.run()
	// The kernel tells with the next datagram that gets in.
	r.until("the books' balance", func() bool {
		r.write(conn, lines(sent, 1))
		sent++
		return r.counts(protocolUDP, "127.0.0.1").Stored+r.counts(protocolUDP, intake.Other).Refused[intake.ReasonOverflow] == uint64(sent)
	})
	if n, message := r.troubles(protocolUDP, intake.Other, troubleKernel); n == 0 || !strings.Contains(message, "rmem_max") {
		t.Errorf("%d %q", n, message)
	}
}

func TestQueue(t *testing.T) {
	q := newQueue(200)
	for i := 0; q.put("a", []byte("0123456789")); i++ {
		if i > 10 {
			t.Fatal("it is not bounded")
		}
	}
	s, ok := q.take()
	if !ok || len(s.items) != 5 || string(s.data[:10]) != "0123456789" || s.items[1].end != 20 {
		t.Errorf("%+v", s)
	}
	if !q.put("b", []byte("x")) {
		t.Error("there is room again")
	}
	q.close()
	if q.put("c", nil) {
		t.Error("it is closed")
	}
	if s, ok := q.take(); !ok || len(s.items) != 1 || s.items[0].sender != "b" {
		t.Errorf("%+v", s)
	}
	if _, ok := q.take(); ok {
		t.Error("it is empty")
	}
}
