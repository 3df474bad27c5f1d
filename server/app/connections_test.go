package app

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"
)

// TestConnectionsAreBounded: one too many is told so in HTTP, and the place of one that
// ends is given to the next.
func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := bound(inner, 1, busyHTTP())
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	get := func() (*http.Client, *http.Response) {
		c := &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second}
		answer, err := c.Get("http://" + l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = answer.Body.Close() })
		return c, answer
	}
	first, answer := get()
	if answer.StatusCode != http.StatusNoContent {
		t.Fatal(answer.Status)
	}
	_, answer = get()
	var problem struct {
		Error struct{ Code, Hint string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&problem); err != nil || answer.StatusCode != http.StatusServiceUnavailable ||
		answer.Header.Get("Retry-After") == "" || problem.Error.Code != "unavailable" {
		t.Errorf("%s %+v %v", answer.Status, problem, err)
	}
	if l.refused.Load() != 1 || l.open.Load() != 1 {
		t.Errorf("%d refused, %d open", l.refused.Load(), l.open.Load())
	}
	first.CloseIdleConnections()
	for deadline := time.Now().Add(30 * time.Second); l.open.Load() > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if _, answer = get(); answer.StatusCode != http.StatusNoContent {
		t.Error(answer.Status)
	}
}
