// Package gate is what all doors have in common: who may send, how much one sender
// and all of them together may make the server hold, and how records are handed to
// intake in parts.
//
// [Gate.Open] takes a request's body in within bounds, [Request.Parts] stores its
// records; [Gate.Keep] stores what comes over a connection that can wait. The
// package knows no protocol: a [Refusal] says what is wrong, and each protocol
// answers in its own words.
package gate

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/origin"
	"github.com/weirlog/weir/server/intake"
)

// Intake is where records go, and where is told what became of the rest;
// *intake.Intake is one. Its methods may be called concurrently.
type Intake interface {
	Accept(ctx context.Context, source intake.Source, batch []record.Record) (intake.Receipt, error)
	AcceptOnce(ctx context.Context, source intake.Source, key intake.Key, batch []record.Record) (intake.Receipt, error)
	Hold(source intake.Source, batch []record.Record) *intake.Held
	CountDuplicates(source intake.Source, n int)
	Lose(source intake.Source, reason string, n int)
	Trouble(source intake.Source, reason, message string)
	SetState(source intake.Source, state string)
}

var _ Intake = (*intake.Intake)(nil)

// Options bound what comes in; zero fields take the defaults.
type Options struct {
	Body     body.Limits   // of one body
	Bodies   int64         // bytes of all bodies held at once, unpacked: half for those above 1 MiB, counted as their bytes come; default DefaultBodies
	Records  int64         // records of all requests that are parsed and not yet durable; default DefaultRecords
	MaxWait  time.Duration // how long a request waits each time for room in one of these two; default DefaultMaxWait
	MaxStore time.Duration // how long a request waits for the store to say what became of its records; default DefaultMaxStore
	PerBody  int           // the most records of one body; default DefaultPerBody

	Rate    float64  // records a second that one sender may send; 0: as many as it likes
	Origins []string // pages that may send, as origin.New takes them

	Log   *slog.Logger // the server's own; default: none
	Clock func() time.Time
}

// Defaults of a gate.
const (
	// DefaultBodies holds two of the largest bodies, and 180 of the usual ones of 700 KB.
	DefaultBodies = 256 << 20
	// DefaultRecords is what the store takes in a second or two; a record takes about a
	// kilobyte beside its text, so it bounds what a body of very many tiny ones can take.
	DefaultRecords = 100_000
	// DefaultMaxWait is under the five seconds after which the log-collector's Python
	// client gives a request up.
	DefaultMaxWait = 4 * time.Second
	// DefaultMaxStore is far beyond what a working store takes for the records of all
	// requests, and before most clients and proxies give up, at a minute.
	DefaultMaxStore = 30 * time.Second
	// DefaultPerBody is a hundred times what the log-collector's clients send at once,
	// and what the store takes in ten seconds. A body of 64 KB can unpack to twenty
	// million empty records.
	DefaultPerBody = 1_000_000
	// PartRecords is how many records of one body are stored at once.
	PartRecords = intake.DefaultCommitRecords
)

// Gate is what the doors share. Its methods may be called concurrently.
type Gate struct {
	intake   Intake
	limits   body.Limits
	reader   *body.Reader
	bodies   *pool // of usual size
	large    *pool // larger ones
	records  *room
	maxStore time.Duration
	perBody  int
	rates    *rates
	origins  origin.List
	log      *slog.Logger
	clock    func() time.Time

	stop     sync.Once
	stopping chan struct{} // closed by Stopping

	paced atomic.Uint64 // records that were made to wait because of the rate
	plain atomic.Uint64 // records that were stored as plain text
	left  atomic.Uint64 // records whose request did not wait longer for the store
}

// New makes a gate before an intake.
func New(in Intake, opts Options) *Gate {
	if opts.Bodies <= 0 {
		opts.Bodies = DefaultBodies
	}
	if opts.Records <= 0 {
		opts.Records = DefaultRecords
	}
	if opts.PerBody <= 0 {
		opts.PerBody = DefaultPerBody
	}
	if opts.MaxWait <= 0 {
		opts.MaxWait = DefaultMaxWait
	}
	if opts.MaxStore <= 0 {
		opts.MaxStore = DefaultMaxStore
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	limits := opts.Body.WithDefaults()
	return &Gate{
		intake:   in,
		limits:   limits,
		reader:   body.NewReader(limits),
		bodies:   newPool(max(opts.Bodies/2, body.FirstRoom), opts.MaxWait),
		large:    newPool(max(opts.Bodies/2, limits.Unpacked), opts.MaxWait),
		records:  newRoom(opts.Records, opts.MaxWait),
		maxStore: opts.MaxStore,
		perBody:  opts.PerBody,
		rates:    newRates(opts.Rate, opts.Clock),
		origins:  origin.New(opts.Origins),
		log:      opts.Log,
		clock:    opts.Clock,
		stopping: make(chan struct{}),
	}
}

// Stopping tells that the server begins to stop: from now on nobody is made to wait for
// being over the rate, because what has come is to be stored before the end. It may be
// called more than once.
func (g *Gate) Stopping() { g.stop.Do(func() { close(g.stopping) }) }

func (g *Gate) isStopping() bool {
	select {
	case <-g.stopping:
		return true
	default:
		return false
	}
}

// Sender returns who sent a request: its address without the port, because many
// clients open a connection for each batch.
func Sender(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// Wait returns how long a sender must wait before it may send again: zero when it may
// now, or the server is stopping.
func (g *Gate) Wait(source intake.Source) time.Duration {
	if g.isStopping() {
		return 0
	}
	return g.rates.wait(source.Sender)
}

// Trouble notes what came and was no record, or kept records from coming, for
// people to see, and logs it at WARN.
func (g *Gate) Trouble(source intake.Source, reason, message string) {
	g.intake.Trouble(source, reason, message)
	g.log.Warn("trouble with a sender", "protocol", source.Protocol, "sender", source.Sender, "reason", reason, "error", message)
}

// Lose counts records that came when nothing could hold them, and whose sender cannot
// wait.
func (g *Gate) Lose(source intake.Source, n int) { g.intake.Lose(source, intake.ReasonOverflow, n) }

// Reject counts records that came and could not be read, beside those that were stored.
func (g *Gate) Reject(source intake.Source, n int) { g.intake.Lose(source, intake.ReasonBad, n) }

// SetState notes how a connection is that the server makes itself.
func (g *Gate) SetState(source intake.Source, state string) { g.intake.SetState(source, state) }
