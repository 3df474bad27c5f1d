package syslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// Bounds of one batch. There is no waiting for it to fill: what comes while one is
// being stored is the next.
const (
	batchRecords = 1_000
	batchBytes   = 1 << 20 // of text, before the message that goes beyond it
)

// endWait is how long the end of a message is awaited, before what is there is taken
// for one: some clients send no end mark at all.
const endWait = 5 * time.Second

// restWait is how long the rest of a message with a length in front is awaited, and how
// long a connection on which nothing comes keeps memory that others could use. A sender
// that stalls for as long has most likely died in the middle of the message.
const restWait = time.Minute

// stream is one connection. Its goroutine reads, parses and stores; while it stores,
// it does not read, and the sender waits.
type stream struct {
	server *Server
	conn   net.Conn
	source intake.Source
	framer *framer

	batch   []record.Record
	bytes   int
	holding bool          // a share of server.batches
	head    record.Record // of the message that comes in pieces
	told    bool          // of wrong framing

	drainEnd time.Time // when a server that stops no longer reads; zero while it runs
}

// drainMost bounds drainTime's beginning again with each read; it leaves half of
// storeTime.
const drainMost = 1500 * time.Millisecond

// run takes in what comes until the connection ends, or ctx, and stores all of it
// while storing lasts.
func (st *stream) run(ctx, storing context.Context) {
	defer st.conn.Close() //nolint:errcheck // all that came has been read
	defer st.framer.close()
	defer st.release()
	stopped := context.AfterFunc(ctx, func() { st.conn.SetReadDeadline(time.Now().Add(drainTime)) }) //nolint:errcheck // the next read tells
	defer stopped()
	quietSince := time.Now()
	for {
		if !st.store(ctx, storing) {
			st.lose()
			return
		}
		n, err := st.read(ctx, quietSince)
		if n > 0 {
			st.framer.took(n)
			quietSince = time.Now()
			continue
		}
		if err == nil {
			continue
		}
		timedOut := errors.Is(err, os.ErrDeadlineExceeded)
		idle := st.server.opts.IdleTimeout
		if timedOut && ctx.Err() == nil && (idle == 0 || time.Since(quietSince) < idle) {
			if !st.quiet(ctx, storing, time.Since(quietSince)) {
				return
			}
			continue
		}
		if !timedOut && !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
			st.server.troubles.tell(st.source, troubleConnection, err.Error())
		}
		st.cutOff(ctx, storing)
		return
	}
}

// read reads once, for no longer than the end of a message is awaited or the
// connection may be idle.
func (st *stream) read(ctx context.Context, quietSince time.Time) (int, error) {
	var until time.Time
	if idle := st.server.opts.IdleTimeout; idle > 0 {
		until = quietSince.Add(idle)
	}
	earlier := func(end time.Time) {
		if until.IsZero() || end.Before(until) {
			until = end
		}
	}
	if st.framer.waitsForEnd() {
		earlier(quietSince.Add(st.server.endWait))
	}
	if st.framer.waitsForRest() {
		earlier(quietSince.Add(st.server.restWait))
	}
	if ctx.Err() == nil {
		if err := st.conn.SetReadDeadline(until); err != nil {
			return 0, err
		}
	}
	if ctx.Err() != nil { // looked at again: it may have ended before the deadline was set
		if err := st.conn.SetReadDeadline(st.drainUntil()); err != nil {
			return 0, err
		}
	}
	return st.conn.Read(st.framer.space())
}

// quiet takes what came of a message for all of it when nothing has come for long
// enough, and gives its memory to others. It reports false when no more can be stored.
func (st *stream) quiet(ctx, storing context.Context, since time.Duration) bool {
	if since < st.server.restWait && !(st.framer.waitsForEnd() && since >= st.server.endWait) {
		return true
	}
	if !st.cutOff(ctx, storing) {
		return false
	}
	st.framer.shrink()
	return true
}

func (st *stream) drainUntil() time.Time {
	now := time.Now()
	if st.drainEnd.IsZero() {
		st.drainEnd = now.Add(drainMost)
	}
	if until := now.Add(drainTime); until.Before(st.drainEnd) {
		return until
	}
	return st.drainEnd
}

// store parses and stores all messages that are complete.
func (st *stream) store(ctx, storing context.Context) bool {
	for {
		fr, ok := st.framer.next()
		if !ok {
			return st.flush(storing)
		}
		if !st.hold(ctx, storing) {
			return false
		}
		st.add(fr)
		if len(st.batch) >= batchRecords || st.bytes >= batchBytes {
			if !st.flush(storing) {
				return false
			}
		}
	}
}

// hold waits until the sender may send, and takes a share of what may be parsed at
// once. It does not keep that share while the sender must wait.
func (st *stream) hold(ctx, storing context.Context) bool {
	for !st.holding {
		if err := st.server.batches.Acquire(storing, 1); err != nil {
			return false
		}
		pause := st.server.gate.Wait(st.source)
		if pause == 0 || ctx.Err() != nil {
			st.holding = true
			return true
		}
		st.server.batches.Release(1)
		wait(ctx, pause)
	}
	return true
}

func (st *stream) release() {
	if st.holding {
		st.server.batches.Release(1)
		st.holding = false
	}
}

// add makes a record of a frame.
func (st *stream) add(fr frame) {
	if fr.note == noteCramped && fr.part == 1 {
		st.server.troubles.tell(st.source, troubleMemory, fmt.Sprintf("a message was split: %d bytes for long messages are in use by other connections", st.server.opts.MaxMemory))
	}
	if fr.stray && !st.told {
		st.told = true
		st.server.troubles.tell(st.source, troubleFraming, "the lengths in front of its messages are wrong: they must count bytes, not characters")
	}
	st.batch = append(st.batch, st.server.parser.frame(fr, &st.head, st.source.Sender))
	st.bytes += len(fr.data)
}

// flush stores the batch. It reports false when no more can be stored.
func (st *stream) flush(storing context.Context) bool {
	if len(st.batch) == 0 {
		return true
	}
	batch := st.batch
	st.batch, st.bytes = make([]record.Record, 0, min(cap(batch), batchRecords)), 0
	_, err := st.server.gate.Keep(storing, st.source, batch)
	st.release()
	return err == nil // else intake has counted what was refused
}

// cutOff stores what came of a message whose end did not.
func (st *stream) cutOff(ctx, storing context.Context) bool {
	fr, ok := st.framer.cutOff()
	if !ok {
		return true
	}
	if !st.hold(ctx, storing) {
		st.server.gate.Lose(st.source, 1)
		return false
	}
	st.add(fr)
	return st.flush(storing)
}

// lose counts the messages that were read and can no longer be stored.
func (st *stream) lose() {
	n := 0
	for {
		fr, ok := st.framer.next()
		if !ok {
			if fr, ok = st.framer.cutOff(); !ok {
				break
			}
		}
		if fr.part <= 1 {
			n++
		}
	}
	if n > 0 {
		st.server.gate.Lose(st.source, n)
	}
}
