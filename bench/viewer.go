package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// lastMessage is the record after which viewers leave.
const lastMessage = "the last record of the measurement"

// viewed is what a viewer was sent. Shown and skipped together are what was logged.
type viewed struct {
	Shown      uint64 `json:"shown"`
	Skipped    uint64 `json:"skipped"` // in gaps
	Gaps       uint64 `json:"gaps"`
	Reconnects uint64 `json:"reconnects"`
}

// viewer reads a page's stream as a browser does: it resumes where it was cut off.
type viewer struct {
	url   string
	ready func() // called once, when it has caught up

	seen   viewed
	lastID string
	event  string
	begun  bool
	done   bool
}

// reconnectDelay is how long a viewer waits before it resumes.
const reconnectDelay = 50 * time.Millisecond

func (v *viewer) run(ctx context.Context) {
	for !v.done && ctx.Err() == nil {
		if v.lastID != "" {
			v.seen.Reconnects++
			time.Sleep(reconnectDelay)
		}
		// What fails is tried again, until the parent gives up.
		_ = v.connect(ctx)
	}
}

func (v *viewer) connect(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+"/api/v1/stream", nil)
	if err != nil {
		return fmt.Errorf("ask for the stream: %w", err)
	}
	if v.lastID != "" {
		request.Header.Set("Last-Event-ID", v.lastID)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ask for the stream: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the stream answers %s", response.Status)
	}
	scanner := bufio.NewScanner(response.Body)
	scanner.Buffer(make([]byte, 1<<20), 64<<20) // a frame is one line
	for !v.done && scanner.Scan() {
		if err := v.line(scanner.Bytes()); err != nil {
			return err
		}
	}
	return scanner.Err()
}

// line reads one line of the stream. Records are counted, not parsed: a viewer must not
// be what takes the processors.
func (v *viewer) line(b []byte) error {
	name, value, _ := bytes.Cut(b, []byte(": "))
	switch string(name) {
	case "id":
		v.lastID = string(value)
	case "event":
		v.event = string(value)
	case "data":
		return v.data(value)
	}
	return nil
}

func (v *viewer) data(b []byte) error {
	switch v.event {
	case "record":
		v.seen.Shown += uint64(bytes.Count(b, []byte(`{"id":"`)))
		v.done = v.done || bytes.Contains(b, []byte(`"message":"`+lastMessage+`"`))
	case "gap":
		var gap struct{ Skipped uint64 }
		if err := json.Unmarshal(b, &gap); err != nil {
			return fmt.Errorf("read a gap: %w", err)
		}
		v.seen.Skipped += gap.Skipped
		v.seen.Gaps++
	case "ping":
		if !v.begun {
			v.begun = true
			v.ready()
		}
	}
	return nil
}

// viewersChild is the process of some viewers: URL and number. It says when all follow the
// stream, and in the end what each was sent.
func viewersChild(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("viewers need a URL and a number, not %q", args)
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return fmt.Errorf("number of viewers: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-parentGone()
		cancel()
	}()
	all := make([]*viewer, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range all {
		all[i] = &viewer{url: args[0], ready: ready.Done}
		done.Go(func() { all[i].run(ctx) })
	}
	caughtUp := make(chan struct{})
	go func() { ready.Wait(); close(caughtUp) }()
	select {
	case <-caughtUp:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := say(n); err != nil {
		return err
	}
	done.Wait()
	var seen []viewed
	for _, v := range all {
		seen = append(seen, v.seen)
	}
	return say(seen)
}
