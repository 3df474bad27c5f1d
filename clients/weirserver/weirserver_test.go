package weirserver

import (
	"net/http"
	"strings"
	"testing"
)

// TestServer shows that what the tests of clients stand on holds: what was sent is
// found, also after the server was killed.
func TestServer(t *testing.T) {
	s := Start(t)
	answer, err := http.Post(s.URL+"/api/v1/records", "application/x-ndjson", strings.NewReader(`{"message":"one","service":"pay"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status, err)
	}
	if got := s.Sources("records"); len(got) != 1 || got[0].Stored != 1 || got[0].Sender != "127.0.0.1" {
		t.Errorf("%+v", got)
	}
	s.Kill()
	s.Restart()
	if got := s.WaitFor("service:pay", 1); got[0]["message"] != "one" {
		t.Error(got)
	}
	s.Stop()
}
