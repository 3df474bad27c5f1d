package pipe

import (
	"bytes"
	"time"
)

// joinWait tells when the lines that a stream holds back have waited long enough
// after the last line. A line's beginning does not prolong that: progress shown
// without line endings would hold back the line in front of it for ever.
type joinWait struct {
	wait    time.Duration
	timer   *time.Timer
	last    time.Time // when the last line came
	running bool
}

func (w *joinWait) fed(data []byte) {
	if bytes.IndexByte(data, '\n') >= 0 {
		w.last, w.running = time.Now(), false
	}
}

// over returns a channel that receives when the time is over; nil when nothing waits.
func (w *joinWait) over(waiting bool) <-chan time.Time {
	if !waiting {
		w.running = false
		return nil
	}
	if !w.running {
		w.timer.Reset(time.Until(w.last.Add(w.wait)))
		w.running = true
	}
	return w.timer.C
}
