package file

import (
	"bytes"
	"sort"
)

// chunk is the text of some records and how much of it is done.
//
// Invariant: offset is where a record begins, or len(text).
type chunk struct {
	text    []byte
	ends    []int // where each record ends; nil: each is a line
	records int

	offset int // bytes done
	done   int // records done
}

func (c *chunk) left() []byte { return c.text[c.offset:] }

// fit returns how many bytes and records of what is left are whole within room bytes.
func (c *chunk) fit(room int64) (n, records int) {
	left := c.left()
	switch {
	case int64(len(left)) <= room:
		return len(left), c.records - c.done
	case room <= 0:
		return 0, 0
	case c.ends == nil:
		n = bytes.LastIndexByte(left[:room], '\n') + 1
		return n, bytes.Count(left[:n], []byte{'\n'})
	}
	ends := c.ends[c.done:]
	records = sort.Search(len(ends), func(i int) bool { return int64(ends[i]-c.offset) > room })
	if records == 0 {
		return 0, 0
	}
	return ends[records-1] - c.offset, records
}

// first returns the length of the next record.
func (c *chunk) first() int {
	if c.ends != nil {
		return c.ends[c.done] - c.offset
	}
	left := c.left()
	if i := bytes.IndexByte(left, '\n'); i >= 0 {
		return i + 1
	}
	return len(left)
}

func (c *chunk) advance(n, records int) {
	c.offset += n
	c.done += records
}
