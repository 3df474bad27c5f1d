package file

import (
	"os"
	"time"
)

// newline ends a line that somebody began.
var newline = []byte{'\n'}

// write writes what is left of the chunk, rotating as needed, and returns how many of
// its records are lost, with the reason.
func (t *target) write(now time.Time, c *chunk) (lost int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	err = t.ready(now)
	for err == nil && c.offset < len(c.text) {
		n, records := c.fit(t.room())
		if n == 0 {
			n, records, err = t.squeeze(now, c)
			if err != nil {
				break
			}
		}
		err = t.put(now, c, n, records)
	}
	if err != nil {
		lost = c.records - c.done
		t.counters.lose(lost, len(c.left()))
	}
	return lost, err
}

// room is how many bytes the file may still grow by.
func (t *target) room() int64 {
	if t.maxSize == 0 || !t.regular {
		return 1<<63 - 1
	}
	room := t.maxSize - t.size
	if t.torn {
		room--
	}
	return room
}

// squeeze is for a record that does not fit. It makes room, or finds that there is
// none to be made: then all is written, because a file that is too large is better than
// records that are lost.
func (t *target) squeeze(now time.Time, c *chunk) (n, records int, err error) {
	if t.size > 0 {
		made, err := t.makeRoom(now)
		if err != nil {
			return 0, 0, err
		}
		if !made {
			return len(c.left()), c.records - c.done, nil
		}
		if n, records = c.fit(t.room()); n > 0 {
			return n, records, nil
		}
	}
	return c.first(), 1, nil
}

// put writes n bytes, which are whole records. When not all of them could be written,
// the part of a record at the end is taken off again.
func (t *target) put(now time.Time, c *chunk, n, records int) error {
	if t.torn {
		if _, err := t.f.Write(newline); err != nil {
			return t.putFailed(now, err)
		}
		t.torn = false
		t.setSize(t.size + 1)
	}
	written, err := t.f.Write(c.left()[:n])
	if t.regular {
		t.setSize(t.size + int64(written))
	}
	if err != nil {
		n, records = c.fit(int64(written))
		if n < written {
			t.cutBack(int64(written - n))
		}
	} else {
		t.opening.succeeded()
	}
	c.advance(n, records)
	t.counters.records.Add(uint64(records))
	t.counters.bytes.Add(uint64(n))
	if err != nil {
		return t.putFailed(now, err)
	}
	return nil
}

// cutBack takes the last n bytes off the file. When it cannot, or when somebody else
// has written behind them, the next record begins a line of its own.
func (t *target) cutBack(n int64) {
	if info, err := t.f.Stat(); err == nil && t.regular && info.Size() == t.size {
		if t.f.Truncate(t.size-n) == nil {
			t.setSize(t.size - n)
			return
		}
	}
	t.torn = true
}

// putFailed closes the file after an error, unless its disk is only full: then the
// next batch may find room, and an attempt costs nothing.
func (t *target) putFailed(now time.Time, err error) error {
	t.counters.writeErrors.Add(1)
	failed := failure("Failed to write to the file at path", t.path, cause(err))
	t.counters.note(failed)
	if !isFull(err) {
		// The write's error says it all.
		_ = t.closeFile()
		t.opening.failed(now)
		t.openErr = failed
	}
	return failed
}

// rotateNow rotates the file at the user's wish.
func (t *target) rotateNow() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	if t.closed {
		return failure("Failed to rotate the file at path", t.path, errClosed)
	}
	if t.f == nil {
		if _, err := os.Stat(t.path); err != nil || t.mode != Append {
			return nil // there is nothing to rotate
		}
		if err := t.open(now); err != nil {
			return err
		}
	}
	if err := t.check(now); err != nil {
		return err
	}
	if t.size == 0 {
		return nil
	}
	return t.rotate(now)
}

// reopenNow opens the file again at the user's wish. A file that was never open stays
// so, until there is a record.
func (t *target) reopenNow() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed:
		return failure("Failed to open the file at path", t.path, errClosed)
	case !t.opened:
		t.opening.succeeded() // what was in the way may be gone
		return nil
	}
	return t.reopen(t.clock())
}
