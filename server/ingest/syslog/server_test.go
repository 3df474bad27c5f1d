package syslog

import (
	"context"
	"fmt"
	"log/slog"
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

func TestTCP(t *testing.T) {
	r := newRig(t, Options{Clock: now, Zone: time.UTC}, gate.Options{})
	conn := r.dial("tcp")
	r.write(conn, lines(0, 2500))
	r.write(conn, counted("<13>Nov 20 10:00:00 h app[7]: two\nlines: ä")+"<14>Nov 20 10:00:00 app: no host\n")
	all := r.records(2502)
	for i := range 2500 {
		if all[i].Message != fmt.Sprintf("number %d", i) {
			t.Fatalf("record %d is %q", i, all[i].Message)
		}
	}
	if got := all[2500]; got.Message != "two\nlines: ä" || got.Logger != "app" || got.Resource.Host != "h" || attr(&got, "pid") != "7" {
		t.Errorf("%+v", got)
	}
	if got := all[2501]; got.Resource.Host != "127.0.0.1" || got.Resource.Service != "app" {
		t.Errorf("%+v %+v", got, got.Resource)
	}
	r.write(conn, "<13>Nov 20 10:00:00 h app: without an end")
	conn.Close() //nolint:errcheck // what matters is what arrived
	last := r.records(2503)[2502]
	if last.Message != "without an end" || !strings.Contains(attr(&last, record.AttrRepaired), "end mark") {
		t.Errorf("%+v", last)
	}
	if c := r.settled(protocolTCP, "127.0.0.1"); c.Stored != 2503 || c.Repaired != 1 || len(c.Services) != 1 {
		t.Errorf("%+v", c)
	}
}

// TestStop: what has arrived when the server is told to stop is stored before Run
// returns.
func TestStop(t *testing.T) {
	for _, network := range []string{"tcp", "udp"} {
		r := newRig(t, Options{}, gate.Options{})
		conn := r.dial(network)
		r.write(conn, "<13>1 - h app - - - first")
		if network == "tcp" {
			r.write(conn, "\n")
		}
		r.records(1)
		for range 20 {
			r.write(conn, lines(0, 10))
		}
		r.stop()
		want := 201
		if network == "udp" {
			want = 21
		}
		r.records(want)
		if _, err := net.DialTimeout("tcp", r.server.Addr().String(), patience); err == nil {
			t.Error("it still listens")
		}
	}
}

func TestCloseWithoutRun(t *testing.T) {
	in, err := intake.New(storetest.NewMemory(), nobody{}, intake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background()) //nolint:errcheck // nothing was stored
	g := gate.New(in, gate.Options{})
	s, err := Listen(g, Options{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	address := s.Addr().String()
	if _, err := Listen(g, Options{Address: address}); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("the address is taken: %v", err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.Run(context.Background()); err != nil {
		t.Error(err)
	}
	again, err := Listen(g, Options{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	again.Close() //nolint:errcheck // it was never run
	if _, err := Listen(g, Options{}); err == nil {
		t.Error("an address must be given")
	}
}

// TestStoreAway: senders over TCP wait while nothing can be stored, and nothing is
// lost.
func TestStoreAway(t *testing.T) {
	r := newRig(t, Options{Log: slog.New(slog.DiscardHandler)}, gate.Options{})
	r.store.Always(faulty.FailBefore)
	conn := r.dial("tcp")
	r.write(conn, lines(0, 3000))
	r.until("somebody being told", func() bool {
		n, _ := r.troubles(protocolTCP, "127.0.0.1", gate.CodeUnavailable)
		return n > 0
	})
	r.store.Always(faulty.None)
	for i, got := range r.records(3000) {
		if got.Message != fmt.Sprintf("number %d", i) {
			t.Fatalf("record %d is %q", i, got.Message)
		}
	}
}

func TestConnectionLimit(t *testing.T) {
	r := newRig(t, Options{MaxConnections: 2}, gate.Options{})
	first, second := r.dial("tcp"), r.dial("tcp")
	r.write(first, lines(0, 1))
	r.write(second, lines(0, 1))
	r.records(2)
	third := r.dial("tcp")
	third.SetReadDeadline(time.Now().Add(patience)) //nolint:errcheck // the read tells
	if n, err := third.Read(make([]byte, 1)); n != 0 || err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("%d, %v", n, err)
	}
	if n, message := r.troubles(protocolTCP, "127.0.0.1", troubleConnections); n != 1 || !strings.Contains(message, "2 connections") {
		t.Errorf("%d %q", n, message)
	}
	first.Close() //nolint:errcheck // to make room
	r.until("a new connection", func() bool {
		conn := r.dial("tcp")
		if _, err := conn.Write([]byte(lines(0, 1))); err != nil {
			return false
		}
		return len(r.memory.Records()) > 2
	})
}

func TestIdle(t *testing.T) {
	r := newRig(t, Options{IdleTimeout: 50 * time.Millisecond}, gate.Options{})
	conn := r.dial("tcp")
	r.write(conn, "<13>1 - h app - - - half")
	conn.SetReadDeadline(time.Now().Add(patience)) //nolint:errcheck // the read tells
	if _, err := conn.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("the connection is still there: %v", err)
	}
	if got := r.records(1)[0]; got.Message != "half" {
		t.Errorf("%+v", got)
	}
}

// TestWrongLengths: a sender that counts characters is told about once.
func TestWrongLengths(t *testing.T) {
	r := newRig(t, Options{}, gate.Options{})
	conn := r.dial("tcp")
	for range 3 {
		r.write(conn, "22 <13>1 - h app - - - ää")
	}
	conn.Close() //nolint:errcheck // all was said
	r.until("the end of the connection", func() bool { return len(r.memory.Records()) >= 6 })
	if n, _ := r.troubles(protocolTCP, "127.0.0.1", troubleFraming); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func TestLongMessage(t *testing.T) {
	r := newRig(t, Options{MaxMessage: leastMaxMessage}, gate.Options{})
	text := "<11>1 2026-11-20T10:00:00Z h app 9 - - " + strings.Repeat("ä", 3000)
	tcp, udp := r.dial("tcp"), r.dial("udp")
	r.write(tcp, text+"\n")
	r.records(3)
	r.write(udp, text)
	all := r.records(6)
	for from := 0; from < 6; from += 3 {
		whole := ""
		for i := range 3 {
			got := all[from+i]
			whole += got.Message
			if got.Severity != record.SeverityError || got.Logger != "app" || got.Resource.Host != "h" || attr(&got, "_part") != fmt.Sprint(i+1) || attr(&got, "pid") != "9" || got.Time.IsZero() {
				t.Errorf("%+v", got)
			}
		}
		if whole != strings.Repeat("ä", 3000) {
			t.Errorf("%d bytes came back", len(whole))
		}
	}
}

// TestNoEndMarks: a client that sends none is shown all the same, and goes on.
func TestNoEndMarks(t *testing.T) {
	r := newIdleRig(t, Options{}, gate.Options{})
	r.server.endWait = 20 * time.Millisecond
	r.run()
	conn := r.dial("tcp")
	for i, text := range []string{"one", "two"} {
		r.write(conn, "<13>1 - h app - - - "+text)
		if got := r.records(i + 1)[i]; got.Message != text || !strings.Contains(attr(&got, record.AttrRepaired), "end mark") {
			t.Errorf("%+v", got)
		}
	}
	r.write(conn, "27 <13>1 - h app - - - ")
	r.write(conn, "counted")
	conn.Close() //nolint:errcheck // all was said
	if got := r.records(3)[2]; !strings.Contains(got.Message, "counted") {
		t.Errorf("%+v", got)
	}
}

// TestStopWhileStoreIsAway: a server that stops gives up in the end, and the books say
// what was not stored.
func TestStopWhileStoreIsAway(t *testing.T) {
	r := newIdleRig(t, Options{}, gate.Options{})
	r.server.storeTime = 50 * time.Millisecond
	r.run()
	r.store.Always(faulty.FailBefore)
	tcp, udp := r.dial("tcp"), r.dial("udp")
	r.write(tcp, lines(0, 2000))
	r.write(udp, lines(0, 1))
	r.until("the attempts", func() bool {
		appends, _ := r.store.Calls()
		return appends > 2 && r.counts(protocolUDP, "127.0.0.1").Received > 0 && r.counts(protocolTCP, "127.0.0.1").Received > 0
	})
	r.stop()
	r.store.Always(faulty.None)
	for _, protocol := range []string{protocolTCP, protocolUDP} {
		c := r.counts(protocol, "127.0.0.1")
		var refused uint64
		for _, n := range c.Refused {
			refused += n
		}
		if refused == 0 || c.Stored+refused != c.Received {
			t.Errorf("%+v", c)
		}
	}
}

// TestStopOverRate: a sender that is over its rate does not hold up the stop, and what
// has arrived is stored.
func TestStopOverRate(t *testing.T) {
	r := newRig(t, Options{}, gate.Options{Rate: 1})
	conn := r.dial("tcp")
	r.write(conn, lines(0, 100))
	r.until("the debt", func() bool { return len(r.memory.Records()) > 0 })
	r.write(conn, lines(100, 10)+"<13>1 - h app - - - without an end")
	began := time.Now()
	r.server.gate.Stopping()
	r.stop()
	if took := time.Since(began); took >= storeTime {
		t.Errorf("it took %v", took)
	}
	r.records(111)
}
