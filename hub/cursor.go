package hub

import (
	"errors"
	"strconv"
	"strings"

	"github.com/weirlog/weir/record"
)

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

const (
	cursorLetter = "c"
	cursorSep    = "-"
	cursorBase   = 36
)

// errCursor does not repeat the text: it may be of any size and from anywhere.
var errCursor = errors.New("not a cursor: hand back one that was given out, as it came")

// String returns the opaque form.
func (c Cursor) String() string {
	dst := make([]byte, 0, 48)
	dst = append(dst, cursorLetter...)
	dst = strconv.AppendInt(dst, int64(c.Position), cursorBase)
	if c.Epoch != 0 {
		dst = append(dst, cursorSep...)
		dst = strconv.AppendUint(dst, c.Epoch, cursorBase)
		dst = append(dst, cursorSep...)
		dst = strconv.AppendUint(dst, c.Ordinal, cursorBase)
	}
	return string(dst)
}

// ParseCursor reads the opaque form. It starts with a letter, so that a record's
// id is never taken for a cursor. Only what String wrote is accepted.
func ParseCursor(text string) (Cursor, error) {
	rest, ok := strings.CutPrefix(text, cursorLetter)
	if !ok {
		return Cursor{}, errCursor
	}
	var c Cursor
	position, counts, counted := strings.Cut(rest, cursorSep)
	n, err := strconv.ParseInt(position, cursorBase, 64)
	if err != nil || n < 0 {
		return Cursor{}, errCursor
	}
	c.Position = record.Position(n)
	if counted {
		epoch, ordinal, _ := strings.Cut(counts, cursorSep)
		if c.Epoch, err = strconv.ParseUint(epoch, cursorBase, 64); err != nil {
			return Cursor{}, errCursor
		}
		if c.Ordinal, err = strconv.ParseUint(ordinal, cursorBase, 64); err != nil {
			return Cursor{}, errCursor
		}
	}
	if c.String() != text {
		return Cursor{}, errCursor
	}
	return c, nil
}
