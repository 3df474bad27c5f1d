package dashboard

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/ui"
	"github.com/weirlog/weir/view"
)

const (
	// retryDelay is how long a browser waits before it reconnects.
	retryDelay = time.Second
	// A ping comes every pingBusy while the counts change, so that the page's
	// numbers move, and at least every pingIdle, before proxies cut the line.
	pingBusy = time.Second
	pingIdle = 15 * time.Second
)

// stream answers GET /api/v1/stream with server-sent events.
func (d *Dashboard) stream(w http.ResponseWriter, r *http.Request) {
	d.follow(w, r, newSSE(time.Now))
}

// sse writes a feed as server-sent events and keeps the counts of the pings.
type sse struct {
	now       func() time.Time
	plainText string
	older     string
	caughtUp  bool // the first ping was sent

	counts   Ping // since the connection opened
	told     Ping // the last ping
	lastPing time.Time
}

var _ encoder = (*sse)(nil)

func newSSE(now func() time.Time) *sse {
	s := &sse{now: now, lastPing: now()}
	s.counts.Build = ui.BuildID()
	return s
}

func (s *sse) contentType() string { return "text/event-stream; charset=utf-8" }

func (s *sse) begin(dst []byte, plainText string) []byte {
	s.plainText = plainText
	dst = append(dst, "retry: "...)
	dst = strconv.AppendInt(dst, retryDelay.Milliseconds(), 10)
	return append(dst, "\n\n"...)
}

func (s *sse) wait() time.Duration {
	next := s.lastPing.Add(pingIdle)
	if s.changed() {
		next = s.lastPing.Add(pingBusy)
	}
	return max(next.Sub(s.now()), time.Millisecond)
}

func (s *sse) changed() bool {
	return s.counts.Seen != s.told.Seen || s.counts.Skipped != s.told.Skipped
}

func (s *sse) frame(dst []byte, f view.Frame) []byte {
	if f.Older != nil {
		s.older = f.Older.String()
	}
	cursor := f.Cursor.String()
	if g := f.Gap; g != nil {
		s.counts.Skipped += g.Skipped
		dst = appendEvent(dst, g.Before, "gap")
		dst = appendData(dst, Gap{g.Skipped, g.After.String(), g.Before.String(), g.Reason, g.Stored})
	}
	if len(f.Records) > 0 {
		dst = appendEvent(dst, f.Cursor, "record")
		dst = appendRecords(dst, f.Records)
		dst = append(dst, "\n\n"...)
	}
	s.counts.Cursor = cursor
	s.counts.Seen += f.Seen
	s.counts.Matched += uint64(len(f.Records))
	since := s.now().Sub(s.lastPing)
	if f.CaughtUp && !s.caughtUp || s.changed() && since >= pingBusy || since >= pingIdle {
		dst = s.ping(dst, f.Cursor, f.CaughtUp)
	}
	return dst
}

func (s *sse) ping(dst []byte, at hub.Cursor, caughtUp bool) []byte {
	s.told, s.lastPing = s.counts, s.now()
	p := s.counts
	if caughtUp && !s.caughtUp {
		p.Older, p.PlainText = s.older, s.plainText
		s.caughtUp = true
	}
	dst = appendEvent(dst, at, "ping")
	return appendData(dst, p)
}

// end leaves it at what was sent: the browser reconnects and resumes.
func (s *sse) end(dst []byte, _ error) []byte { return dst }

func appendEvent(dst []byte, id hub.Cursor, event string) []byte {
	dst = append(dst, "id: "...)
	dst = append(dst, id.String()...)
	dst = append(dst, "\nevent: "...)
	dst = append(dst, event...)
	return append(dst, "\ndata: "...)
}

func appendData(dst []byte, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	dst = append(dst, data...)
	return append(dst, "\n\n"...)
}
