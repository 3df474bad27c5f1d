package file

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/weirlog/weir/format"
)

// Mode says what becomes of a file that is there already when the first record is
// written. Whenever the file is opened again later, records are appended.
type Mode uint8

// The modes.
const (
	// Append goes on at the file's end.
	Append Mode = iota
	// Truncate empties the file.
	Truncate
	// NewName leaves the file alone and takes the first of name.0001, name.0002 …
	// that is not there. Sinks with this mode never share a file. These names are
	// also those of backups: do not use both for one name.
	NewName
)

// Sync says when the file is forced to the disk. Without it a crash of the program
// loses nothing, and one of the machine what the system had not written yet: some 30
// seconds.
type Sync uint8

// The times of a Sync.
const (
	SyncNever Sync = iota
	SyncClose      // before a file is closed, at rotations too
	SyncBatch      // after each batch as well: a disk gives 100 to 10,000 of them a second
)

// The defaults and bounds of Options.
const (
	// DefaultMaxFiles keeps an incident of the week before, when a file is a day.
	DefaultMaxFiles = 10
	// MaxMaxFiles is what four digits count to, so that names sort as numbers do.
	MaxMaxFiles = 9999
	// DefaultPerm lets the owner's group read, which shippers of logs are in, and
	// nobody else: logs hold what they should not.
	DefaultPerm fs.FileMode = 0o640
)

// Options configure a Sink. The zero value appends JSON lines to a file that is never
// rotated.
type Options struct {
	// Format makes the text. Nil: JSON lines, as docs/wire.md has them.
	Format format.Formatter
	// Mode is for a file that is there already. Default Append.
	Mode Mode

	// MaxSize is the most bytes in a file; 0: no limit. The file is rotated before the
	// record that does not fit. Only a record that is larger by itself makes a larger
	// file, alone in it.
	MaxSize int64
	// Interval rotates by time; 0: never. Intervals begin at midnight, and at Monday's
	// midnight when they are longer than a day, by the clock of Location: 24 hours is a
	// file for each day, also where clocks are changed. What counts is when a record is
	// written; a file without records is not made. Across restarts the time of the last
	// change tells which interval a file belongs to.
	Interval time.Duration
	// Location is the zone of Interval. Default time.Local.
	Location *time.Location

	// MaxFiles is how many backups are kept, at most MaxMaxFiles. Default
	// DefaultMaxFiles, or MaxMaxFiles when MaxAge is set. Others are removed at
	// a rotation, and at the first record when there is MaxSize or Interval.
	MaxFiles int
	// MaxAge removes backups whose last record is older; 0: none. It is looked at when
	// the file is opened or rotated, and once an hour while there are records.
	MaxAge time.Duration
	// Compress makes backups gzip files, in the background: name.0001.gz. What a crash
	// left half done is done again at the next start.
	Compress bool

	// Perm is the mode of a new file, less the umask. Default DefaultPerm. A rotation
	// keeps mode and owner of the file before. Directories that are missing are made
	// with 0755.
	Perm fs.FileMode
	// Sync is when the file is forced to the disk. Default SyncNever.
	Sync Sync
	// ReopenOnHangup opens the file again at SIGHUP, as logrotate's postrotate scripts
	// ask for. Then the signal does not end the program. Where there is no such signal
	// it changes nothing. A renamed or deleted file is noticed without it, within a
	// second.
	ReopenOnHangup bool

	// OnError hears of what costs no records and WriteBatch therefore does not return: a
	// rotation, removal or compression that failed. It is called at most once a minute,
	// from any goroutine, and must not call the sink. Sinks that share a file have the
	// first one's. Default: weir.Logger.Report of the logger that has the sink, so that its
	// Diagnostics get it; a line on standard error as long as there is none. Stats count
	// all.
	OnError func(error)
	// Clock is for tests. Default time.Now.
	Clock func() time.Time
}

// settings are the options that sinks must agree on to share a file.
type settings struct {
	mode     Mode
	maxSize  int64
	interval time.Duration
	location string
	maxFiles int
	maxAge   time.Duration
	compress bool
	perm     fs.FileMode
	sync     Sync
}

func (s *settings) rotates() bool { return s.maxSize > 0 || s.interval > 0 }

// complete fills in the defaults and refuses what makes no sense.
func (o *Options) complete() error {
	for _, v := range []struct {
		name  string
		value int64
	}{{"MaxSize", o.MaxSize}, {"Interval", int64(o.Interval)}, {"MaxFiles", int64(o.MaxFiles)}, {"MaxAge", int64(o.MaxAge)}} {
		if v.value < 0 {
			return fmt.Errorf("%s is %d; it must be positive, or 0 for the default", v.name, v.value)
		}
	}
	if o.Perm == 0 {
		o.Perm = DefaultPerm
	}
	switch {
	case o.Mode > NewName:
		return fmt.Errorf("mode %d is none of Append, Truncate and NewName", o.Mode)
	case o.Sync > SyncBatch:
		return fmt.Errorf("sync %d is none of SyncNever, SyncClose and SyncBatch", o.Sync)
	case o.MaxFiles > MaxMaxFiles:
		return fmt.Errorf("MaxFiles is %d; names have four digits, so %d is the most", o.MaxFiles, MaxMaxFiles)
	case o.Perm&^fs.ModePerm != 0:
		return fmt.Errorf("perm %#o has more than the nine bits of rights", o.Perm)
	case o.Perm&0o200 == 0:
		return fmt.Errorf("perm %#o does not let the owner write, so the file could not be opened again; add 0200", o.Perm)
	}
	if o.MaxFiles == 0 {
		o.MaxFiles = DefaultMaxFiles
		if o.MaxAge > 0 {
			o.MaxFiles = MaxMaxFiles
		}
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return nil
}

func (o *Options) settings() settings {
	return settings{
		mode: o.Mode, maxSize: o.MaxSize, interval: o.Interval, location: o.Location.String(), maxFiles: o.MaxFiles,
		maxAge: o.MaxAge, compress: o.Compress, perm: o.Perm, sync: o.Sync,
	}
}
