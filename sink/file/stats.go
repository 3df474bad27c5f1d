package file

import (
	"sync/atomic"
	"time"
)

// Stats are the counters of a file since its first sink was made. Sinks that share a
// file share them. Records logged to it = Records + LostRecords.
type Stats struct {
	Path string `json:"path"` // in use; with NewName known once the file is open
	Size int64  `json:"size"` // of the file in bytes; 0 when it is not open

	Records     uint64 `json:"records"` // written whole
	Bytes       uint64 `json:"bytes"`   // of them
	LostRecords uint64 `json:"lost_records"`
	LostBytes   uint64 `json:"lost_bytes"`

	WriteErrors uint64 `json:"write_errors"` // writes and forced writes to the disk that failed
	OpenErrors  uint64 `json:"open_errors"`  // attempts to open it that failed

	Rotated      uint64 `json:"rotated"`       // files that became backups
	Removed      uint64 `json:"removed"`       // backups removed for MaxFiles or MaxAge
	Compressed   uint64 `json:"compressed"`    // backups compressed
	Reopened     uint64 `json:"reopened"`      // files opened after the first, rotations not counted
	BackupErrors uint64 `json:"backup_errors"` // rotations, removals and compressions that failed

	LastError string `json:"last_error,omitempty"` // of any kind
}

// counters are read while a write hangs, so they are not under the file's lock.
type counters struct {
	path        atomic.Pointer[string]
	size        atomic.Int64
	records     atomic.Uint64
	bytes       atomic.Uint64
	lostRecords atomic.Uint64
	lostBytes   atomic.Uint64
	writeErrors atomic.Uint64
	openErrors  atomic.Uint64
	rotated     atomic.Uint64
	removed     atomic.Uint64
	compressed  atomic.Uint64
	reopened    atomic.Uint64
	backups     atomic.Uint64 // errors
	lastError   atomic.Pointer[string]
	told        atomic.Int64 // when OnError was called last, Unix nanoseconds; 0: never
}

func (c *counters) stats() Stats {
	s := Stats{
		Path:         *c.path.Load(),
		Size:         c.size.Load(),
		Records:      c.records.Load(),
		Bytes:        c.bytes.Load(),
		LostRecords:  c.lostRecords.Load(),
		LostBytes:    c.lostBytes.Load(),
		WriteErrors:  c.writeErrors.Load(),
		OpenErrors:   c.openErrors.Load(),
		Rotated:      c.rotated.Load(),
		Removed:      c.removed.Load(),
		Compressed:   c.compressed.Load(),
		Reopened:     c.reopened.Load(),
		BackupErrors: c.backups.Load(),
	}
	if text := c.lastError.Load(); text != nil {
		s.LastError = *text
	}
	return s
}

func (c *counters) lose(records, bytes int) {
	c.lostRecords.Add(uint64(records))
	c.lostBytes.Add(uint64(bytes))
}

func (c *counters) note(err error) {
	text := err.Error()
	c.lastError.Store(&text)
}

// mayTell says that OnError may be called, which it then is at now. It may be called
// concurrently.
func (c *counters) mayTell(now time.Time) bool {
	told := c.told.Load()
	passed := now.UnixNano() - told
	if told != 0 && passed >= 0 && passed < int64(tellInterval) {
		return false
	}
	return c.told.CompareAndSwap(told, now.UnixNano())
}
