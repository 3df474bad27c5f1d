package weirhttp

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// fromThisMachine reports whether somebody at this machine asked, and not a web page of
// another site that they have open: the connection is local and no proxy's, Host is
// a name that nobody can point here, and the browser names no other origin.
func fromThisMachine(r *http.Request) bool {
	peer, ok := parseAddr(r.RemoteAddr)
	if !ok || !peer.IsLoopback() || !loopbackHost(r.Host) {
		return false
	}
	for _, name := range forwardingHeaders {
		if len(r.Header[name]) > 0 {
			return false // a proxy on this machine passes strangers on
		}
	}
	if origins := r.Header["Origin"]; len(origins) > 0 {
		u, err := url.Parse(origins[0])
		if err != nil || len(origins) > 1 || !strings.EqualFold(u.Host, r.Host) {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return true
	}
	// A link that the user followed shows what it gets to the user alone.
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// loopbackHost reports whether a Host header says localhost or a loopback address.
func loopbackHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
