package file

import "time"

// retry spaces out attempts at something that fails: after each failure it waits
// twice as long, from least to most.
type retry struct {
	least, most time.Duration
	wait        time.Duration // zero: the last attempt succeeded
	from        time.Time     // of the last failure
}

// due says that it is time for an attempt. After a clock was set back it is.
func (r *retry) due(now time.Time) bool {
	passed := now.Sub(r.from)
	return r.wait == 0 || passed >= r.wait || passed < 0
}

func (r *retry) failed(now time.Time) {
	r.wait = min(max(2*r.wait, r.least), r.most)
	r.from = now
}

func (r *retry) succeeded() { r.wait = 0 }
