package weirhttp_test

import (
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/null"
	"github.com/weirlog/weir/weirhttp"
)

// TestBadOptionsAreReported: the logger's diagnostics get them, and the middleware works
// without.
func TestBadOptionsAreReported(t *testing.T) {
	for want, o := range map[string]weirhttp.Options{
		"MustParsePrefix": {TrustedProxies: []netip.Prefix{{}}},
		"X-Forwarded-For": {ForwardedHeader: "X-Client"},
	} {
		var reported []error
		log := weir.New("shop", weir.WithSink(null.New()), weir.WithDiagnostics(func(err error) { reported = append(reported, err) }))
		h := weirhttp.Middleware(log, o)(http.NotFoundHandler())
		if len(reported) != 1 {
			t.Fatalf("reported %v", reported)
		}
		var e *weir.Error
		if !errors.As(reported[0], &e) || e.Code() != "CONFIGURATION::Middleware::VALIDATION::ERROR" || !strings.Contains(e.Error(), want) || e.Context["logger"] != "shop" {
			t.Errorf("reported %+v", reported[0])
		}
		if w := do(h, http.MethodGet, "/", nil); w.Code != http.StatusNotFound {
			t.Errorf("status %d", w.Code)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	}
}
