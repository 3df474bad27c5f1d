package weir

import (
	"context"

	"github.com/weirlog/weir/record"
)

// Sink is where records go: the console, a file, the page, a server.
//
// WriteBatch is called from one goroutine at a time, of the sink's own unless it is
// Immediate, with at least one record, in the order in which they were logged. The
// records and their Attrs belong to the logger: a sink must not change them, and must not keep the slice or any Attrs
// after it returns (record.Record.Clone makes a copy to keep; strings may be
// kept). An error counts as one sink error in Stats and the batch is not offered
// again: a sink that can try again does so itself. ctx ends when the logger stops
// waiting in Close. A panic is caught and counted as an error.
//
// Close is called once, after the last WriteBatch.
type Sink interface {
	WriteBatch(ctx context.Context, batch []record.Record) error
	Close() error
}

// Starter is a Sink that needs to know its logger before the first batch. New
// (or AddSink) calls Start once; when it returns an error the sink is not used
// and the error is told. Start may log, but must not wait for the logger (Flush, Close,
// Sync): in New its worker does not run yet.
type Starter interface {
	Start(l *Logger) error
}

// Late is a Sink whose WriteBatch answers before the records are at their end, such as
// one that sends them on in the background.
//
// It cannot have a Fallback: when a record is lost, nobody has it any more.
type Late interface {
	Sink
	// Lost is how many records that WriteBatch or WriteLines took were lost so far. It
	// may be called concurrently with everything.
	Lost() uint64
}

// SelfNamed is a Sink that has a better name than its type for Stats and messages: a
// few words without secrets, as "file /var/log/app.log".
type SelfNamed interface {
	Sink
	SinkName() string
}
