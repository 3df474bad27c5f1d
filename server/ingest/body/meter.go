package body

import (
	"fmt"
	"io"
)

// meter fails once more than its limit was read, and remembers how reading failed.
type meter struct {
	r           io.Reader
	left, limit int64
	err         error
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left < 0 {
		return 0, m.err
	}
	n, err := m.r.Read(p)
	m.left -= int64(n)
	switch {
	case m.left < 0:
		m.err = &TooLargeError{Limit: m.limit}
		return n, m.err
	case err != nil && err != io.EOF:
		m.err = fmt.Errorf("read the body: %w", err)
	}
	return n, err
}

// cause returns why reading failed, or else when it did not.
func (m *meter) cause(otherwise error) error {
	if m.err != nil {
		return m.err
	}
	return otherwise
}
