package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// longestEvent is room for one event: 50 ms of records at many times the rate.
	longestEvent = 64 << 20
	// catchUp is how long the viewer may need for the last records.
	catchUp = 10 * time.Second
)

// viewer reads the live stream as a browser does: every event, whole.
type viewer struct {
	cancel  context.CancelFunc
	ended   chan error // gets the end of reading, once
	reached chan int   // gets the records seen so far, after each event; the newest count only

	// Of the reader, until ended has given.
	seen    []sighting
	records int
	skipped int
}

// sighting is a numbered record in an event.
type sighting struct {
	number uint64
	at     time.Time
}

// view opens the stream; it follows when view returns.
func (b *bench) view(ctx context.Context) (*viewer, error) {
	ctx, cancel := context.WithCancel(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.server.url("/api/v1/stream"), nil)
	if err != nil {
		cancel()
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r) //nolint:bodyclose // the goroutine below closes it
	if err != nil {
		cancel()
		return nil, fmt.Errorf("open the stream: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		cancel()
		return nil, errors.Join(fmt.Errorf("the stream answered %s", answer.Status), answer.Body.Close())
	}
	v := &viewer{cancel: cancel, ended: make(chan error, 1), reached: make(chan int, 1)}
	go func() {
		defer answer.Body.Close()
		v.ended <- v.follow(bufio.NewReaderSize(answer.Body, longestEvent))
	}()
	return v, nil
}

// follow reads events until the stream ends.
func (v *viewer) follow(in *bufio.Reader) error {
	event := ""
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if name, found := bytes.CutPrefix(line, []byte("event: ")); found {
			event = string(bytes.TrimSpace(name))
			continue
		}
		data, found := bytes.CutPrefix(line, []byte("data: "))
		if !found {
			continue
		}
		if err := v.take(event, data, time.Now()); err != nil {
			return err
		}
		select {
		case <-v.reached:
		default:
		}
		v.reached <- v.records + v.skipped
	}
}

// take counts the records of an event and finds the numbered ones. Decoding the JSON would take
// more of the processors than the server does: a page does it in a browser of its own.
func (v *viewer) take(event string, data []byte, now time.Time) error {
	switch event {
	case "record":
		v.records += bytes.Count(data, []byte(`{"id":"1`)) // only a record's own id is a text of digits
		for {
			at := bytes.Index(data, []byte(mark))
			if at < 0 {
				return nil
			}
			data = data[at+len(mark):]
			n, err := numberAt(data)
			if err != nil {
				return err
			}
			v.seen = append(v.seen, sighting{n, now})
		}
	case "gap":
		var gap struct{ Skipped int }
		if err := json.Unmarshal(data, &gap); err != nil {
			return fmt.Errorf("read a gap: %w", err)
		}
		v.skipped += gap.Skipped
	}
	return nil
}

// finish waits until the viewer has got so many records, and leaves.
func (v *viewer) finish(records int) error {
	late := time.NewTimer(catchUp)
	defer late.Stop()
	for n := 0; n < records; {
		select {
		case n = <-v.reached:
		case <-late.C:
			n = records // what is missing shows in the report
		case err := <-v.ended:
			return fmt.Errorf("the stream ended: %w", err)
		}
	}
	_ = v.leave() // it ended because it was told to
	return nil
}

// leave ends the reading and returns how it ended.
func (v *viewer) leave() error {
	v.cancel()
	return <-v.ended
}

// compare returns how long the numbered records took.
func (v *viewer) compare(posts map[uint64]posted) (fromStart, fromAck times, err error) {
	for _, s := range v.seen {
		p, ok := posts[s.number]
		if !ok {
			return nil, nil, fmt.Errorf("the viewer saw number %d, which nobody sent", s.number)
		}
		fromStart = append(fromStart, s.at.Sub(p.due))
		// The event may be there before the acknowledgement: both follow the commit.
		fromAck = append(fromAck, max(s.at.Sub(p.acknowledged), 0))
	}
	if len(fromStart) == 0 {
		return nil, nil, errors.New("the viewer saw no numbered record")
	}
	return fromStart, fromAck, nil
}

// indexFrom is where text has the mark at or after from, -1 when it has none.
func indexFrom(text []byte, from int, what string) int {
	at := bytes.Index(text[from:], []byte(what))
	if at < 0 {
		return -1
	}
	return from + at
}
