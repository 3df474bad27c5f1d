package file

import (
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/server/ingest/text"
)

// Options say what is followed and how; zero fields take the defaults.
type Options struct {
	// Patterns are paths, with *, ?, [a-z], {a,b} and ** for any folders. One that
	// names an existing file is that file, whatever characters it has.
	Patterns []string

	FromStart bool // read files that are seen for the first time from their start; the same as Lines: AllLines
	Lines     int  // of a file that is there at the start and was never read, the last so many lines; default DefaultLines, AllLines, NoLines
	Once      bool // read up to the ends and return

	// Positions is the file in which the places are kept up to which files were read;
	// "": a new run begins like the first. One process may use it at a time.
	Positions string

	Text  func(path string) text.Options // how a file's lines are read; default text's defaults
	Clock func() time.Time               // dates the positions; default time.Now

	Poll        time.Duration // how often files are looked at when the system does not tell of changes; default DefaultPoll
	PartialWait time.Duration // how long the beginning of a line waits for its end; default DefaultPartialWait
	Linger      time.Duration // how long a file that was renamed or removed is still read after its last growth; default DefaultLinger
	MaxOpen     int           // files open at once; default DefaultMaxOpen

	Counts *Counts // counts what happens; default none

	// Notice is told of what people should know: the path, one of the Event names, and
	// why. It is called by one goroutine at a time and must not wait. The same thing is
	// told once until it changes.
	Notice func(path, event string, err error)
}

// Values of Options.Lines.
const (
	DefaultLines = 10 // as tail does
	AllLines     = -1
	NoLines      = -2
)

// Defaults.
const (
	// DefaultPoll is what a person waits without wondering; looking at a file costs
	// some microseconds. Where the system tells of changes nobody waits for it.
	DefaultPoll = time.Second
	// DefaultPartialWait is longer than a program pauses within a line, and shows a last
	// line without an ending before somebody thinks that it is lost.
	DefaultPartialWait = 5 * time.Second
	// DefaultLinger is more than a program takes to open its new file after it was told
	// of the rotation.
	DefaultLinger = time.Minute
	// DefaultMaxOpen leaves room below the 1,024 files that many systems allow a process.
	DefaultMaxOpen = 900
)

// Events that Options.Notice is told of.
const (
	EventMissing    = "missing"    // no file has this name yet, or matches the pattern
	EventUnreadable = "unreadable" // it cannot be opened or read; it is tried again
	EventRefused    = "refused"    // a folder, a device, or no text
	EventSkipped    = "skipped"    // a compressed file from before, of which the last lines were asked for; or one that is taken for another, which was read
	EventDoubled    = "doubled"    // it may be a copy of what was read, or not, and is read: its lines may come twice
	EventTruncated  = "truncated"  // it was emptied or written anew, and is read from its start
	EventLost       = "lost"       // the rest of a file is gone that had been read in part
	EventLimit      = "limit"      // there are more files than may be open; some wait
	EventPositions  = "positions"  // the positions cannot be written; it is tried again
)

// Counts tell what followers do. They may be read at any time.
type Counts struct {
	Open      atomic.Int64  // files open now
	Waiting   atomic.Int64  // files that wait for others to be closed
	Opened    atomic.Uint64 // files opened so far
	Truncated atomic.Uint64 // files that were emptied or written anew
	Lost      atomic.Uint64 // files whose rest could not be read
	Bytes     atomic.Uint64 // read so far
}

func (o Options) withDefaults() Options {
	if o.Lines == 0 {
		o.Lines = DefaultLines
	}
	if o.FromStart {
		o.Lines = AllLines
	}
	if o.Text == nil {
		o.Text = func(string) text.Options { return text.Options{} }
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Poll <= 0 {
		o.Poll = DefaultPoll
	}
	if o.PartialWait <= 0 {
		o.PartialWait = DefaultPartialWait
	}
	if o.Linger <= 0 {
		o.Linger = DefaultLinger
	}
	if o.MaxOpen <= 0 {
		o.MaxOpen = DefaultMaxOpen
	}
	if o.Counts == nil {
		o.Counts = &Counts{}
	}
	if o.Notice == nil {
		o.Notice = func(string, string, error) {}
	}
	return o
}
