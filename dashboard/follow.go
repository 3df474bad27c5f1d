package dashboard

import (
	"context"
	"net/http"
	"time"

	"github.com/weirlog/weir/view"
)

// encoder writes a feed in one of the stream's formats. The methods that append
// return the longer slice, as append does.
type encoder interface {
	contentType() string
	begin(dst []byte, plainText string) []byte
	frame(dst []byte, f view.Frame) []byte
	end(dst []byte, err error) []byte // err: what ended the feed, hub.ErrClosed or the backend's
	// wait is how long frame may not be called; an empty frame comes then.
	wait() time.Duration
}

const (
	// frameInterval is the least time between the beginnings of two frames with records:
	// 40 a second. It is what a record waits at most for the one before it, so a quarter of
	// the 100 ms within which a record should be seen; more would only make the page draw
	// more often.
	frameInterval = 25 * time.Millisecond
	// maxFrameRecords and maxFrameBytes (estimated) bound a frame: 40,000 records a
	// second for one viewer; what is more is a gap that says so.
	maxFrameRecords = 2000
	maxFrameBytes   = 1 << 20
	// maxReplay is the most that `replay` may ask for.
	maxReplay = 10_000
)

// follow serves a feed until the client leaves or the hub is closed. A viewer
// that does not read is dropped; when it comes back it resumes.
func (d *Dashboard) follow(w http.ResponseWriter, r *http.Request, enc encoder) {
	p := newParams(r.URL.Query())
	opts, plainText := p.follow(r.Header.Get("Last-Event-ID"))
	if p.err != nil {
		writeError(w, *p.err)
		return
	}
	if d.streams.Add(1) > int64(d.opts.MaxStreams) {
		d.streams.Add(-1)
		writeError(w, apiError{http.StatusTooManyRequests, "busy", "too many streams are open", "close a few pages of this server"})
		return
	}
	defer d.streams.Add(-1)
	h := w.Header()
	h.Set("Content-Type", enc.contentType())
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // else nginx collects the stream before it passes it on
	if r.Method == http.MethodHead {
		return
	}
	feed, err := view.Follow(r.Context(), d.patient, opts)
	if err != nil {
		writeError(w, describe(err))
		return
	}
	defer feed.Close()
	out := d.newWriter(w)
	defer out.finish()
	buf, begun := enc.begin(nil, plainText), false
	for err == nil {
		if len(buf) > 0 || !begun {
			if err := out.write(buf); err != nil {
				return // whoever is there no longer reads
			}
			begun = true
		}
		var f view.Frame
		if f, err = feed.NextWithin(r.Context(), maxFrameRecords, enc.wait()); err != nil {
			break
		}
		began := time.Now()
		if cap(buf) > 4*maxFrameBytes {
			buf = nil // one large frame does not keep its memory for the stream's life
		}
		buf = enc.frame(buf[:0], f)
		if len(f.Records) == 0 {
			continue
		}
		if err := out.write(buf); err != nil {
			return
		}
		buf = buf[:0]
		err = pause(r.Context(), frameInterval-time.Since(began))
	}
	if r.Context().Err() == nil {
		_ = out.write(enc.end(buf[:0], err)) // the stream ends either way
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// follow reads the parameters of a stream.
func (p *params) follow(lastEventID string) (opts view.FollowOptions, plainText string) {
	opts.Filter, plainText = p.filter()
	opts.MaxBytes = maxFrameBytes
	name, text := "after", p.values.Get("after")
	if lastEventID != "" {
		name, text = "Last-Event-ID", lastEventID
	}
	absent := 0
	if text != "" {
		c, _ := p.place(name, text)
		opts.After = &c
		absent = -1
	}
	opts.Replay = p.number("replay", 0, maxReplay, absent)
	return opts, plainText
}
