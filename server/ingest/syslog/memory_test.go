package syslog

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
)

// stall opens connections that send the most of a long message and say no more.
func (r *rig) stall(n, size int) (conns []net.Conn) {
	r.t.Helper()
	for range n {
		conn := r.dial("tcp")
		r.write(conn, "999999999 <13>1 - h stalled - - - "+strings.Repeat("a", size))
		conns = append(conns, conn)
	}
	return conns
}

// TestMemoryInUse: while others have the memory, a long message comes in pieces that say
// so, and it is counted.
func TestMemoryInUse(t *testing.T) {
	const all = 256 << 10
	r := newRig(t, Options{MaxMemory: all}, gate.Options{})
	r.stall(4, 300<<10)
	r.until("the use of the memory", func() bool { return r.server.memory.left.Load() < smallBuffer })
	long := strings.Repeat("b", 100_000)
	r.write(r.dial("tcp"), counted("<13>1 - h innocent - - - "+long))
	var whole string
	r.until("the storing of the message", func() bool {
		whole = ""
		for _, got := range r.memory.Records() {
			if got.Logger == "innocent" {
				whole += got.Message
				if note := attr(&got, record.AttrRepaired); !strings.Contains(note, noteCramped) {
					t.Fatalf("a piece has the note %q", note)
				}
			}
		}
		return len(whole) >= len(long)
	})
	if whole != long {
		t.Errorf("%d bytes came back", len(whole))
	}
	if n, message := r.troubles(protocolTCP, "127.0.0.1", troubleMemory); n < 1 || n > 5 || !strings.Contains(message, fmt.Sprint(all)) {
		t.Errorf("%d %q", n, message)
	}
}

// TestStalledMessage: who says nothing for long gives the memory back; what came of its
// message is kept.
func TestStalledMessage(t *testing.T) {
	const all = 512 << 10
	r := newIdleRig(t, Options{MaxMemory: all}, gate.Options{})
	r.server.restWait = 300 * time.Millisecond
	r.run()
	conn := r.stall(1, 200_000)[0]
	got := r.records(1)[0]
	if len(got.Message) != 200_000 || !strings.Contains(attr(&got, record.AttrRepaired), noteShort) {
		t.Errorf("%d bytes, %q", len(got.Message), attr(&got, record.AttrRepaired))
	}
	r.until("the memory's return", func() bool { return r.server.memory.left.Load() == all })
	r.write(conn, "\n"+counted("<13>1 - h app - - - "+strings.Repeat("c", 200_000)))
	if got := r.records(2)[1]; len(got.Message) != 200_000 || attr(&got, record.AttrRepaired) != "" {
		t.Errorf("%d bytes, %q", len(got.Message), attr(&got, record.AttrRepaired))
	}
	r.until("the return of the memory of who is done", func() bool { return r.server.memory.left.Load() == all })
}

// TestTroublesAreThrottled: the log has one line a second for each reason, the ledger
// has all.
func TestTroublesAreThrottled(t *testing.T) {
	var log bytes.Buffer
	clock := now()
	r := newRig(t, Options{}, gate.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	troubles := newTroubles(r.server.gate, func() time.Time { return clock })
	source := intake.Source{Protocol: protocolTLS, Sender: "192.0.2.1"}
	for range 5 {
		troubles.tell(source, troubleHandshake, "no TLS")
		troubles.tell(source, troubleConnection, "reset")
	}
	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
	clock = clock.Add(tellEvery)
	troubles.tell(source, troubleHandshake, "no TLS")
	if n := strings.Count(log.String(), "\n"); n != 3 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
	for reason, want := range map[string]uint64{troubleHandshake: 6, troubleConnection: 5} {
		if n, _ := r.troubles(source.Protocol, source.Sender, reason); n != want {
			t.Errorf("%d of %s are counted", n, reason)
		}
	}
}
