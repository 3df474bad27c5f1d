// Package origin decides which web pages may send records, and answers what
// browsers ask before they do (CORS).
//
// [New] makes a list, [List.Admit] judges a request. It knows no protocol: each
// refuses in its own words.
package origin

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// List is the pages that may send. Any page in a browser on this machine can post
// to a loopback address, so a page that is not known is refused, also where the
// browser would not ask first. It may be used concurrently.
type List struct {
	all    bool
	listed []string
}

// New makes a list of origins beside the server's own and those of the loopback,
// which may always send: "https://app.example", "null" for pages without an
// origin, "*" for all.
func New(allowed []string) List {
	var l List
	for _, a := range allowed {
		a = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(a), "/"))
		l.all = l.all || a == "*"
		l.listed = append(l.listed, a)
	}
	return l
}

// Admit answers a preflight, and has refuse answer a page that may not send, with
// a message that says what to do; it then returns false. On other requests of a
// page it sets the headers that let the page see the answer.
func (l List) Admit(w http.ResponseWriter, r *http.Request, refuse func(message string)) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	head := w.Header()
	head.Add("Vary", "Origin")
	if !l.allow(origin, r.Host) {
		refuse("Origin " + origin + " may not send logs here; start the server with --allow-origin " + origin + " to allow it")
		return false
	}
	head.Set("Access-Control-Allow-Origin", origin)
	head.Set("Access-Control-Allow-Credentials", "true")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return true
	}
	head.Set("Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
	head.Set("Access-Control-Max-Age", "600")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		head.Set("Access-Control-Allow-Headers", asked)
	}
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" {
		head.Set("Access-Control-Allow-Private-Network", "true")
	}
	head.Set("Content-Type", "text/plain; charset=utf-8")
	head.Set("Content-Length", "2")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte("OK"))
	return false
}

// allow reports whether a page of that origin may send to this host.
func (l List) allow(origin, host string) bool {
	if l.all || slices.Contains(l.listed, strings.ToLower(origin)) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return false
	}
	return strings.EqualFold(u.Host, host) || isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
