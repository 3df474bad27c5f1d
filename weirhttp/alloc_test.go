//go:build !race

package weirhttp_test

import (
	"net/http"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/weirhttp"
)

// TestMiddlewareAllocations: an upper bound of what a request costs. Under the race
// detector sync.Pool forgets at random, so this file is not built there.
func TestMiddlewareAllocations(t *testing.T) {
	log := weir.New("shop", weir.WithSink(discard{}))
	defer log.Close()
	h := weirhttp.Middleware(log, weirhttp.Options{})(answers)
	r, w := typicalRequest(), &nowhere{http.Header{}}
	const most = 40
	if n := testing.AllocsPerRun(1000, func() { h.ServeHTTP(w, r) }); n > most {
		t.Errorf("%v allocations a request, at most %d", n, most)
	}
}
