package weir

import (
	"errors"
	"fmt"
	"strings"

	"github.com/weirlog/weir/internal/queue"
)

// Overflow is what a log call does when the queue is full, because the sinks have
// been slower than the program for longer than MemoryLimit bridges.
type Overflow uint8

// The policies. All of them count what they drop.
const (
	// DropOldest makes room by dropping the records that have waited longest, a
	// chunk of up to 32 KiB at a time.
	DropOldest Overflow = iota
	// DropNewest drops the record of the call.
	DropNewest
	// Block waits until there is room, for BlockTimeout at most or until the
	// context of the call ends; then it drops the record. A sink must not log
	// through the logger that it serves: it would wait for itself.
	Block
	// Fail drops the record of the call; TryLog returns ErrQueueFull.
	Fail
)

// String returns the policy's name.
func (o Overflow) String() string {
	switch o {
	case DropOldest:
		return "DropOldest"
	case DropNewest:
		return "DropNewest"
	case Block:
		return "Block"
	case Fail:
		return "Fail"
	}
	return fmt.Sprintf("Overflow(%d)", uint8(o))
}

// UnmarshalText reads a policy's name in any case, with underscores, dashes or
// without.
func (o *Overflow) UnmarshalText(text []byte) error {
	name := strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(string(text)))
	for p := DropOldest; p <= Fail; p++ {
		if strings.ToLower(p.String()) == name {
			*o = p
			return nil
		}
	}
	return fmt.Errorf("weir: there is no overflow policy %q (there are DropOldest, DropNewest, Block and Fail)", text)
}

func (o Overflow) policy() queue.Overflow {
	switch o {
	case DropNewest:
		return queue.DropNewest
	case Block:
		return queue.Block
	case Fail:
		return queue.Fail
	}
	return queue.DropOldest
}

// The errors of TryLog: the record was dropped and counted.
var (
	ErrQueueFull = errors.New("weir: the queue is full: the sinks are slower than the program (raise MemoryLimit, or log less)")
	ErrClosed    = errors.New("weir: the logger is closed")
)

// publicError translates an error of the queue.
func publicError(err error) error {
	switch err {
	case nil:
		return nil
	case queue.ErrClosed: //nolint:errorlint // the queue returns its errors as they are
		return ErrClosed
	}
	return ErrQueueFull
}
