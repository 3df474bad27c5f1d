// Package intake is the one door through which records enter the server.
//
// [New] opens it on a store and a hub; [Intake.Accept] takes a batch in and
// returns when it is durable. The caller's goroutine makes the records fit to be
// stored; one committer goroutine gives positions, commits and then publishes, one
// batch at a time, so the order of positions is the order of commits and a viewer
// that has read up to a position has seen everything below it.
//
// The intake does not parse, does not decide who may send, and does not try a
// batch again that the store refused: the sender decides.
package intake

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/store"
)

// Errors that senders tell apart. ErrBusy and ErrClosed are kinds of
// ErrUnavailable: a sender that waits a little and tries again does right in all
// three cases.
var (
	ErrUnavailable = errors.New("records cannot be stored now")
	ErrBusy        = fmt.Errorf("%w: the intake's queue is full; send again in a few seconds", ErrUnavailable)
	ErrClosed      = fmt.Errorf("%w: the server is stopping", ErrUnavailable)
)

// Publisher shows committed records to viewers; *hub.Hub is one. Publish is called
// by the committer only, in ascending positions, and owns the batch.
type Publisher interface {
	Publish(batch []record.Record)
}

var _ Publisher = (*hub.Hub)(nil)

// Options bound an intake; zero fields take the defaults.
type Options struct {
	QueueBytes    int64         // estimated size of the records that wait or are being committed; default DefaultQueueBytes
	MaxWait       time.Duration // how long Accept waits for room in the queue; default DefaultMaxWait
	CommitRecords int           // the most records in one commit; default DefaultCommitRecords
	CommitBytes   int64         // the most bytes in one commit; default DefaultCommitBytes
	MaxSources    int           // lines in the ledger, the rest is counted under Other; default DefaultMaxSources
	MaxRecord     int64         // the most bytes of one record, longer ones are cut; default DefaultMaxRecord
	Clock         func() time.Time
}

// Defaults of an intake.
const (
	// DefaultQueueBytes absorbs a store that stalls: DuckDB was seen to take 1.6 s
	// for a checkpoint, in which 140,000 records of 400 bytes arrive at full speed.
	DefaultQueueBytes = 64 << 20
	// DefaultMaxWait is under the five seconds after which the log-collector's
	// Python client gives a request up.
	DefaultMaxWait = 4 * time.Second
	// DefaultCommitRecords and DefaultCommitBytes keep one commit within a tenth of
	// a second, and the memory that the store needs for it bounded.
	DefaultCommitRecords = 10_000
	DefaultCommitBytes   = 16 << 20
	// DefaultMaxSources bounds what senders can make the server remember: at most 30 KB
	// each, a tenth of that in practice.
	DefaultMaxSources = 1_000
	// DefaultMaxRecord is more than any log record that is not a mistake, and what one
	// of them can make every viewer hold.
	DefaultMaxRecord = 16 << 20
)

// closeGrace is how long Close waits, once its context has ended, for a store that
// was told to stop.
const closeGrace = 2 * time.Second

// Receipt says what became of a batch. When Accept returns an error, Count records
// from the front of the batch are stored all the same; First and Last are theirs.
type Receipt struct {
	Count       int             // records stored
	Duplicates  int             // of those, the ones that had been stored before; AcceptOnce only
	Repaired    int             // records of the batch that carry a note of what was changed in them
	First, Last record.Position // of the records stored now; zero when there is none
}

// Intake takes batches in. Its methods may be called concurrently.
type Intake struct {
	opts   Options
	writer store.Writer
	hub    Publisher
	ledger *ledger
	queue  *queue
	timing *timing
	turns  turns // of the batches with a key

	resources record.Interner // what Normalize makes of resources, shared by the records

	last record.Position // the last position committed; the committer's own

	failing   atomic.Pointer[failure]
	ambiguous atomic.Uint64 // commits whose outcome had to be asked for

	ctx    context.Context // ends when Close gives up on the store
	cancel context.CancelFunc
	done   chan struct{} // closed by the committer when it has ended
}

// failure is why records could not be stored, and when that was seen.
type failure struct {
	err error
	at  time.Time
}

// failureHolds is how long a refused commit counts against Ready. Who waits for
// readiness before he sends must send again at some time, for only that shows
// whether the store has recovered.
const failureHolds = 10 * time.Second

// New opens an intake that continues after the store's last commit. The caller
// closes it, before the store.
func New(w store.Writer, h Publisher, opts Options) (*Intake, error) {
	opts = opts.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	commit, err := w.LastCommit(ctx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("read the store's last commit: %w", err)
	}
	in := &Intake{
		opts:   opts,
		writer: w,
		hub:    h,
		ledger: newLedger(opts.MaxSources, opts.Clock),
		queue:  newQueue(opts.QueueBytes),
		timing: newTiming(),
		last:   commit.Position,
		ctx:    ctx,
		cancel: cancel,
		done:   make(chan struct{}),
	}
	go in.run()
	return in, nil
}

func (o Options) withDefaults() Options {
	if o.QueueBytes <= 0 {
		o.QueueBytes = DefaultQueueBytes
	}
	if o.MaxWait <= 0 {
		o.MaxWait = DefaultMaxWait
	}
	if o.CommitRecords <= 0 {
		o.CommitRecords = DefaultCommitRecords
	}
	if o.CommitBytes <= 0 {
		o.CommitBytes = DefaultCommitBytes
	}
	if o.MaxSources <= 0 {
		o.MaxSources = DefaultMaxSources
	}
	if o.MaxRecord <= 0 {
		o.MaxRecord = DefaultMaxRecord
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// Accept makes a batch fit to be stored, waits for room in the queue, and returns
// when every record of it is durable and published. It owns the batch from the
// call on and changes its records. A batch larger than one commit may hold is
// stored in several and acknowledged when all are durable.
//
// After an error wrapping [ErrUnavailable] the records behind the first
// Receipt.Count are not stored, and the caller may offer those again. After the
// context's error the batch may still be stored and shown, unless the error also
// wraps ErrUnavailable; the caller must not touch it any more.
func (in *Intake) Accept(ctx context.Context, source Source, batch []record.Record) (Receipt, error) {
	if len(batch) == 0 {
		return Receipt{}, nil
	}
	bytes := sizeOf(batch)
	return in.await(ctx, &entry{line: in.ledger.receive(source, batch, bytes), records: batch, bytes: bytes})
}

// await makes an entry's records fit to be stored, waits for room, and returns what
// became of them.
func (in *Intake) await(ctx context.Context, e *entry) (Receipt, error) {
	n := uint64(len(e.records))
	repaired := in.normalize(e)
	e.done = make(chan struct{})
	if err := in.queue.put(ctx, e, in.opts.MaxWait); err != nil {
		in.ledger.refuse(e.line, reasonOf(err), n)
		return Receipt{Repaired: repaired}, fmt.Errorf("accept %d records: %w", n, err)
	}
	select {
	case <-e.done:
	case <-ctx.Done():
		select {
		case <-e.done:
		default:
			return Receipt{Repaired: repaired}, fmt.Errorf("accept %d records: left while they were being stored, which goes on: %w", n, ctx.Err())
		}
	}
	return Receipt{Count: e.stored, Repaired: repaired, First: e.first, Last: e.last}, e.err
}

// Lose tells the ledger of records that came and could not be offered to Accept, for
// one of the reasons above: their sender cannot wait.
func (in *Intake) Lose(source Source, reason string, n int) {
	in.ledger.lose(source, reason, uint64(n))
}

// Trouble tells the ledger of something that came and was no record, or kept records
// from coming: a request that was refused, a connection that broke. reason is one of
// few words, message what a person should know.
func (in *Intake) Trouble(source Source, reason, message string) {
	in.ledger.trouble(source, reason, message)
}

// SetState tells the ledger how a connection is that the server makes itself.
func (in *Intake) SetState(source Source, state string) {
	in.ledger.state(source, state)
}

// CountDuplicates tells the ledger of records that came, were recognized as stored
// before, and were not offered to Accept again.
func (in *Intake) CountDuplicates(source Source, n int) {
	in.ledger.duplicate(source, uint64(n))
}

// Ready returns nil while records can be taken in, else why not: it wraps
// [ErrUnavailable]. It stays so while a commit's outcome is unknown, and for
// failureHolds after a refused one.
func (in *Intake) Ready() error {
	if in.queue.isClosed() {
		return ErrClosed
	}
	if f := in.failing.Load(); f != nil && (errors.Is(f.err, store.ErrAmbiguous) || in.opts.Clock().Sub(f.at) < failureHolds) {
		return f.err
	}
	return nil
}

func (in *Intake) fail(err error) { in.failing.Store(&failure{err, in.opts.Clock()}) }

// Close refuses what comes from now on, commits what waits, and ends the
// committer. When ctx ends first, what still waits is refused and the error says
// how much that was. Close may be called more than once.
func (in *Intake) Close(ctx context.Context) error {
	in.queue.close()
	defer in.cancel()
	select {
	case <-in.done:
		return nil
	case <-ctx.Done():
	}
	left := in.queue.records()
	in.cancel()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-in.done:
	case <-grace.C:
	}
	return fmt.Errorf("close intake with %d records waiting: %w", left, ctx.Err())
}

// sizeOf estimates the memory that a batch holds, for the queue's bound.
func sizeOf(batch []record.Record) int64 {
	n := int64(0)
	for i := range batch {
		n += hub.SizeOf(&batch[i])
	}
	return n
}

func reasonOf(err error) string {
	switch {
	case errors.Is(err, ErrBusy):
		return ReasonBusy
	case errors.Is(err, ErrClosed):
		return ReasonClosed
	}
	return ReasonCancelled
}
