package hub

import "github.com/weirlog/weir/record"

// Cursor is a place between two records in the order of commits: everything at
// or below Position has been read. Clients get it as an opaque text and hand it
// back; they never compare or parse it.
type Cursor struct {
	Position record.Position
	// Epoch and Ordinal name the hub that made the cursor and the count of records
	// it had published up to it. They make gaps exact where no store remembers
	// what was evicted. Zero when the cursor was made from a position alone.
	Epoch   uint64
	Ordinal uint64
}

// String returns the opaque form.
func (c Cursor) String() string { panic("BUG: not written") }

// ParseCursor reads the opaque form. It starts with a letter, so that a record's
// id is never taken for a cursor.
func ParseCursor(text string) (Cursor, error) { panic("BUG: not written") }
