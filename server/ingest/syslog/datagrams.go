package syslog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"time"

	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"golang.org/x/net/ipv4"
)

const (
	// readAtOnce is how many datagrams one call to the system takes: their buffers are
	// 4 MiB.
	readAtOnce = 64
	// maxDatagram is more than a datagram can be, so that none is cut.
	maxDatagram = 64 << 10
)

// datagrams is the UDP socket. One goroutine does nothing but empty it into the queue,
// another one parses and stores.
type datagrams struct {
	server *Server
	gate   *gate.Gate
	conn   *net.UDPConn
	queue  *queue

	senders map[netip.Addr]string // the reader's own
	dropped uint32                // what the kernel said last
	untold  uint32                // of these, the ones that are counted and that nobody was told of
	told    time.Time             // when somebody was
}

// tellEvery keeps a flood from filling the log, too.
const tellEvery = time.Second

// maxSenders bounds how many addresses are remembered as text, at 100 bytes each.
const maxSenders = 10_000

func (s *Server) listenUDP(port int) (*datagrams, error) {
	host, _, err := net.SplitHostPort(s.opts.Address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenPacket("udp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	d := &datagrams{server: s, gate: s.gate, conn: conn.(*net.UDPConn), queue: newQueue(s.opts.UDPQueue), senders: make(map[netip.Addr]string)}
	got, err := enlarge(d.conn, s.opts.UDPBuffer)
	switch {
	case err != nil:
		s.opts.Log.Warn("the buffer of the syslog socket could not be set", "error", err)
	case got < s.opts.UDPBuffer:
		s.opts.Log.Warn("the system gives the syslog socket a smaller buffer than it was asked for: bursts over UDP may be lost; raise net.core.rmem_max",
			"bytes", got, "asked", s.opts.UDPBuffer)
	}
	return d, nil
}

// run takes datagrams in until ctx ends, and stores what came while storing lasts.
func (d *datagrams) run(ctx, storing context.Context) error {
	defer d.conn.Close()                                                                         //nolint:errcheck // it was read to its end
	defer context.AfterFunc(ctx, func() { d.conn.SetReadDeadline(time.Now().Add(drainTime)) })() //nolint:errcheck // the next read tells
	stored := make(chan struct{})
	go func() {
		defer close(stored)
		d.storeAll(storing)
	}()
	err := d.readAll(ctx)
	d.queue.close()
	<-stored
	return err
}

// readAll empties the socket into the queue until ctx ends.
func (d *datagrams) readAll(ctx context.Context) error {
	socket := ipv4.NewPacketConn(d.conn)
	messages := make([]ipv4.Message, readAtOnce)
	for i := range messages {
		messages[i].Buffers = [][]byte{make([]byte, maxDatagram)}
		messages[i].OOB = make([]byte, controlSize())
	}
	for {
		n, err := socket.ReadBatch(messages, 0)
		for i := range messages[:max(n, 0)] {
			m := &messages[i]
			d.put(m.Addr, m.Buffers[0][:m.N])
		}
		if n > 0 {
			d.countDropped(messages[n-1].OOB[:messages[n-1].NN])
		}
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() != nil, errors.Is(err, net.ErrClosed):
			return nil
		default:
			d.server.opts.Log.Error("read from the syslog socket", "error", err)
			wait(ctx, acceptPause)
		}
	}
}

// put queues a datagram, or counts it as lost.
func (d *datagrams) put(from net.Addr, data []byte) {
	if data = trimEnd(data); len(data) == 0 {
		return
	}
	if n, digits, _ := countAt(data); digits > 0 && n == len(data)-digits-1 {
		data = data[digits+1:] // a sender that is set up for TCP
	}
	sender := d.sender(from)
	if !d.queue.put(sender, data) {
		d.gate.Lose(d.source(sender), 1)
	}
}

// sender returns an address as text, the same for an address within IPv6.
func (d *datagrams) sender(from net.Addr) string {
	udp, ok := from.(*net.UDPAddr)
	if !ok {
		return intake.Other
	}
	addr := udp.AddrPort().Addr().Unmap()
	if text, ok := d.senders[addr]; ok {
		return text
	}
	if len(d.senders) >= maxSenders {
		clear(d.senders)
	}
	text := addr.String()
	d.senders[addr] = text
	return text
}

func (d *datagrams) source(sender string) intake.Source {
	return intake.Source{Protocol: protocolUDP, Sender: sender}
}

// countDropped notes what the kernel has dropped because the socket's buffer was
// full. It does not say whose that was.
func (d *datagrams) countDropped(control []byte) {
	total, ok := droppedIn(control)
	if !ok || total == d.dropped {
		return
	}
	n := total - d.dropped // also right when the counter has begun again
	d.dropped = total
	source := d.source(intake.Other)
	d.gate.Lose(source, int(n))
	if d.untold += n; time.Since(d.told) < tellEvery {
		return
	}
	d.gate.Trouble(source, troubleKernel, fmt.Sprintf("the socket's buffer was full: %d datagrams were lost; send over TCP, or raise net.core.rmem_max", d.untold))
	d.untold, d.told = 0, time.Now()
}
