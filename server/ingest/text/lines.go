package text

import (
	"bytes"
	"unicode/utf8"
)

// lines puts the chunks of a stream together to lines.
type lines struct {
	max     int
	partial []byte // the beginning of a line whose end has not come
	part    int    // pieces of that line that were given away
	taken   int64  // bytes of the stream that were given away, with the line being yielded
}

// feed calls yield for each line that ends in data, without \n or \r\n. part is 0
// for a whole line, and counts from 1 for the pieces of one that is longer than
// max. yield must not keep the line.
func (l *lines) feed(data []byte, yield func(line []byte, part int) error) error {
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			l.partial = append(l.partial, data...)
			return l.split(true, yield)
		}
		line := data[:end]
		data = data[end+1:]
		if len(l.partial) > 0 || l.part > 0 || len(line) > l.max {
			l.partial = append(l.partial, line...)
			if err := l.finish(1, yield); err != nil {
				return err
			}
			continue
		}
		l.taken += int64(end + 1)
		if err := yield(trimReturn(line), 0); err != nil {
			return err
		}
	}
	return nil
}

// end gives away a last line that has no line ending.
func (l *lines) end(yield func(line []byte, part int) error) error {
	if len(l.partial) == 0 {
		return nil
	}
	return l.finish(0, yield)
}

// finish gives away the line in partial, which is complete; ending is the length of
// its \n. A \r without one is no ending: programs that show progress write it.
func (l *lines) finish(ending int, yield func(line []byte, part int) error) error {
	if n := len(l.partial); ending > 0 && n > 0 && l.partial[n-1] == '\r' {
		l.partial = l.partial[:n-1]
		ending++
	}
	if err := l.split(false, yield); err != nil {
		return err
	}
	rest, part := l.partial, l.part
	l.partial, l.part = l.partial[:0], 0
	if cap(l.partial) > maxKept {
		l.partial = nil
	}
	l.taken += int64(len(rest) + ending)
	if part == 0 {
		return yield(rest, 0)
	}
	if len(rest) == 0 {
		return nil
	}
	return yield(rest, part+1)
}

// split gives away pieces while partial is longer than max, each cut between two
// characters. When more may come, a \r at the end may belong to the line's ending, so
// it does not count.
func (l *lines) split(more bool, yield func(line []byte, part int) error) error {
	at, size := 0, len(l.partial)
	if more {
		size = len(trimReturn(l.partial))
	}
	for size-at > l.max {
		cut := at + l.max
		for back := 0; back < utf8.UTFMax-1 && cut-at > 1 && !utf8.RuneStart(l.partial[cut]); back++ {
			cut--
		}
		l.part++
		l.taken += int64(cut - at)
		if err := yield(l.partial[at:cut], l.part); err != nil {
			return err
		}
		at = cut
	}
	if at > 0 {
		l.partial = append(l.partial[:0], l.partial[at:]...)
	}
	return nil
}

func trimReturn(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}
