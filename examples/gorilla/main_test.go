package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/console"
)

// TestEveryRequestLeavesARecord: also one without a route, and one whose route has
// another method.
func TestEveryRequestLeavesARecord(t *testing.T) {
	var out bytes.Buffer
	log := weir.New("gorilla-service", weir.WithSink(console.New(&out, console.Options{Color: console.ColorNever})))
	h := handler(log)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/users/7", 200},
		{http.MethodGet, "/nothing", 404},
		{http.MethodPost, "/users/7", 405},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, http.NoBody))
		if w.Code != c.status {
			t.Errorf("%s %s: answered %d", c.method, c.path, w.Code)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`path=/users/7 method=GET ip=\S+ route=/users/\{id\} status_code=200`,
		`path=/nothing method=GET ip=\S+ status_code=404`,
		`path=/users/7 method=POST ip=\S+ status_code=405`,
	} {
		if !regexp.MustCompile(`Request completed ` + want).Match(out.Bytes()) {
			t.Errorf("%s is missing in\n%s", want, out.String())
		}
	}
}
