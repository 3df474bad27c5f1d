package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// errRefused ends a tailer whose file is no text.
var errRefused = errors.New("refused")

// sniffBytes is what is looked at to tell text.
const sniffBytes = 512

// first looks at the first bytes of a file that is read from its start. Zero bytes in
// front are what copytruncate leaves when the program does not append but writes on
// where it was: they are no text, and are passed over.
func (t *tailer) first(data []byte) ([]byte, error) {
	text := bytes.TrimLeft(data, "\x00")
	t.base += int64(len(data) - len(text))
	if len(text) == 0 {
		return nil, nil
	}
	t.started = true
	if isGzip(text) {
		t.offset = 0 // it was empty when it was opened: open it again
		return nil, errEnded
	}
	if err := checkText(text[:min(len(text), sniffBytes)]); err != nil {
		t.f.notice(t.path, EventRefused, err)
		return nil, errRefused
	}
	return text, nil
}

// checkText tells text, in whatever encoding, from other files by the control
// characters, of which text has few.
func checkText(b []byte) error {
	const most = 20 // one in so many; random bytes have one in ten
	control := 0
	for _, c := range b {
		if c < ' ' && strings.IndexByte("\t\n\v\f\r\x1b\b\a", c) < 0 || c == 0x7f {
			control++
		}
	}
	switch {
	case bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")):
		return errors.New("it is UTF-16, which is not read: have it written in UTF-8")
	case control*most > len(b) && len(b) >= most:
		kind := http.DetectContentType(b)
		if kind == "application/octet-stream" {
			return errors.New("it is not a text file")
		}
		return fmt.Errorf("it is not a text file but %s", kind)
	}
	return nil
}

// lastLines returns where the last n lines of a file begin.
func lastLines(r io.ReaderAt, size int64, n int) int64 {
	buffer := make([]byte, readBytes)
	for end := size; end > 0; {
		start := max(0, end-readBytes)
		block := buffer[:end-start]
		if _, err := r.ReadAt(block, start); err != nil && !errors.Is(err, io.EOF) {
			return size
		}
		for i := len(block) - 1; i >= 0; i-- {
			if block[i] != '\n' || start+int64(i) == size-1 {
				continue
			}
			if n--; n <= 0 {
				return start + int64(i) + 1
			}
		}
		end = start
	}
	return 0
}
