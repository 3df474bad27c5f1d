package weirhttp

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestClientIP(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name   string
		remote string
		header http.Header
		only   string // ForwardedHeader
		want   string
	}{
		{"no proxy", "203.0.113.7:4711", nil, "", "203.0.113.7"},
		{"IPv6", "[2001:db8::7]:4711", nil, "", "2001:db8::7"},
		{"IPv4 in IPv6", "[::ffff:203.0.113.7]:4711", nil, "", "203.0.113.7"},
		{"a Unix socket", "@", nil, "", ""},
		{"a stranger who claims to be a proxy", "203.0.113.7:1", http.Header{"X-Forwarded-For": {"198.51.100.1"}}, "", "203.0.113.7"},
		{"behind a proxy", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"198.51.100.1"}}, "", "198.51.100.1"},
		{"a proxy in IPv6 form", "[::ffff:10.0.0.1]:1", http.Header{"X-Forwarded-For": {"198.51.100.1"}}, "", "198.51.100.1"},
		{"read from the right", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6, 198.51.100.1"}}, "", "198.51.100.1"},
		{"behind two proxies", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6, 198.51.100.1, 10.0.0.2"}}, "", "198.51.100.1"},
		{"in two headers", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6", "198.51.100.1,10.0.0.2"}}, "", "198.51.100.1"},
		{"proxies only", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"10.0.0.3, 10.0.0.2"}}, "", "10.0.0.3"},
		{"no address on the way", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"198.51.100.1, unknown, 10.0.0.2"}}, "", "10.0.0.2"},
		{"empty", "10.0.0.1:1", http.Header{"X-Forwarded-For": {""}}, "", "10.0.0.1"},
		{"with a port", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"198.51.100.1:99"}}, "", "198.51.100.1"},
		{"X-Real-IP", "10.0.0.1:1", http.Header{"X-Real-Ip": {"198.51.100.1"}}, "", "198.51.100.1"},
		{"the one that the proxies set", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6"}, "X-Real-Ip": {"198.51.100.1"}}, "x-real-ip", "198.51.100.1"},
		{"that one is absent", "10.0.0.1:1", http.Header{"X-Forwarded-For": {"6.6.6.6"}}, "X-Real-IP", "10.0.0.1"},
		{"Forwarded", "10.0.0.1:1", http.Header{"Forwarded": {`for=6.6.6.6, for=198.51.100.1;proto=https;by=10.0.0.1`}}, "", "198.51.100.1"},
		{"Forwarded, IPv6 in quotes", "[fd00::1]:1", http.Header{"Forwarded": {`proto=http; For="[2001:db8::7]:99"`}}, "", "2001:db8::7"},
		{"Forwarded, a hidden one", "10.0.0.1:1", http.Header{"Forwarded": {`for=198.51.100.1, for=_secret`}}, "", "10.0.0.1"},
		{"Forwarded, no for", "10.0.0.1:1", http.Header{"Forwarded": {`for=198.51.100.1, proto=https`}}, "", "10.0.0.1"},
		{"Forwarded, marks in quotes", "10.0.0.1:1", http.Header{"Forwarded": {`for="x,;\"y", for=198.51.100.1`}}, "", "198.51.100.1"},
		{"Forwarded, broken", "10.0.0.1:1", http.Header{"Forwarded": {`for="198.51.100.1`}}, "", "10.0.0.1"},
	} {
		client, err := newClientIP(proxies, c.only)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.remote
		if c.header != nil {
			r.Header = c.header
		}
		if got := client.of(r); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestClientIPOptionsAreChecked(t *testing.T) {
	if _, err := newClientIP([]netip.Prefix{{}}, ""); err == nil || !strings.Contains(err.Error(), "MustParsePrefix") {
		t.Errorf("a prefix that is none: %v", err)
	}
	if _, err := newClientIP(nil, "X-Client"); err == nil || !strings.Contains(err.Error(), "X-Forwarded-For") {
		t.Errorf("an unknown header: %v", err)
	}
}

// FuzzForwarded: whatever clients write, the address of a request is that of the
// peer or of one of the hops, and a stranger's headers change nothing.
func FuzzForwarded(f *testing.F) {
	f.Add("for=6.6.6.6, for=198.51.100.1;proto=https")
	f.Add(`for="[2001:db8::7]:99"`)
	f.Add(`for="a\`)
	f.Add(",,;;==")
	client, err := newClientIP([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range forwardingHeaders {
			r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{name: {value, value}}}
			if _, err := netip.ParseAddr(client.of(r)); err != nil {
				t.Errorf("%s %q: %v", name, value, err)
			}
			r.RemoteAddr = "203.0.113.7:1"
			if got := client.of(r); got != "203.0.113.7" {
				t.Errorf("a stranger became %s", got)
			}
		}
	})
}
