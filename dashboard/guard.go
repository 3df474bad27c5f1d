package dashboard

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
)

// GuardOptions say who may ask. The zero value is good for a program on the
// user's own machine.
type GuardOptions struct {
	// AllowHosts are names, besides localhost, addresses and this machine's own
	// name, under which the page may be asked for. "*.example.com" allows all names
	// below example.com.
	AllowHosts []string
	// AllowOrigins are origins of other pages that may send requests, exactly as a
	// browser writes them ("https://app.example.com"). "*" stands for all pages and "null"
	// for those without an origin, on the routes that take records in only: those that
	// read stay closed to both.
	AllowOrigins []string
	// Ingest tells the routes that take records in, and answer nothing that is worth
	// reading. Pages served from this machine
	// (http://localhost:3000) may post to them, and a preflight for them is let
	// through: whoever serves the route answers it. Nil: there are none.
	Ingest func(*http.Request) bool
}

// Guard returns a middleware that refuses requests which a foreign web page could
// have caused. It belongs around every route, because any page that a user has
// open can send requests to the user's machine:
//
//   - Host must be a name that an attacker cannot point here (DNS rebinding), but for
//     programs that send to the routes of Ingest: those may know the server by any name;
//   - Origin, when the browser sends it, must be that of this page or allowed;
//   - what the browser marks as coming from another site must be a link that the
//     user followed.
func Guard(opts GuardOptions) func(http.Handler) http.Handler {
	g := newGuard(opts)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if problem := g.check(r); problem != nil {
				setSecurityHeaders(w.Header())
				writeError(w, *problem)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

type guard struct {
	hosts   []string // lower case
	origins []string
	ingest  func(*http.Request) bool
}

func newGuard(opts GuardOptions) *guard {
	g := &guard{origins: slices.Clone(opts.AllowOrigins), ingest: opts.Ingest}
	for _, host := range opts.AllowHosts {
		g.hosts = append(g.hosts, hostName(host))
	}
	if name, err := os.Hostname(); err == nil && name != "" {
		g.hosts = append(g.hosts, hostName(name))
	}
	if g.ingest == nil {
		g.ingest = func(*http.Request) bool { return false }
	}
	return g
}

// check returns what is wrong with a request, nil when nothing is.
func (g *guard) check(r *http.Request) *apiError {
	ingest := g.ingest(r)
	if !g.hostAllowed(r.Host) && !(ingest && !fromBrowser(r)) {
		return &apiError{
			http.StatusForbidden, "bad_host", "this server does not answer to the name in Host",
			"open it as localhost or by its address, or allow the name: --allow-host, in a program AllowHosts",
		}
	}
	if ingest && r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		return nil
	}
	badOrigin := &apiError{
		http.StatusForbidden, "bad_origin", "a page of another origin sent this request",
		"allow the page's origin: --allow-origin, in a program AllowOrigins",
	}
	if origins := r.Header.Values("Origin"); len(origins) > 0 {
		origin := origins[0]
		switch {
		case len(origins) > 1:
			return badOrigin
		case slices.Contains(g.origins, origin) && (ingest || origin != nullOrigin):
			return nil
		case ingest && (slices.Contains(g.origins, "*") || loopbackOrigin(origin)):
			return nil
		case !sameOrigin(origin, r):
			return badOrigin
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		if !followedLink(r) {
			return badOrigin
		}
	}
	return nil
}

// nullOrigin is that of pages without one: files, but also what any page in the world
// puts into a sandbox.
const nullOrigin = "null"

// fromBrowser reports whether a page may have caused a request that sends something:
// browsers name its origin then (the Fetch standard, "append a request Origin header"),
// and most say Sec-Fetch-Site. An agent that reaches the server under the name that a
// container has, say, does neither.
func fromBrowser(r *http.Request) bool {
	return r.Header["Origin"] != nil || r.Header["Sec-Fetch-Site"] != nil || r.Method == http.MethodOptions
}

// hostAllowed tells whether a Host header names this server beyond doubt. An
// address cannot be rebound: only names are looked up.
func (g *guard) hostAllowed(hostport string) bool {
	host := hostName(hostport)
	if host == "" {
		return false
	}
	if loopbackName(host) {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return slices.ContainsFunc(g.hosts, func(allowed string) bool {
		if suffix, ok := strings.CutPrefix(allowed, "*"); ok && strings.HasPrefix(suffix, ".") {
			return strings.HasSuffix(host, suffix) && len(host) > len(suffix)
		}
		return host == allowed
	})
}

// hostName returns the name or address of a Host header in lower case, without
// port, brackets and final dot.
func hostName(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	} else if inner, ok := strings.CutPrefix(host, "["); ok {
		host = strings.TrimSuffix(inner, "]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func loopbackName(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func parseOrigin(origin string) (*url.URL, bool) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil ||
		u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, false
	}
	return u, true
}

// sameOrigin compares an origin with the server's own as the client sees it. The
// scheme counts only where it is known: behind a proxy that ends TLS it is not.
func sameOrigin(origin string, r *http.Request) bool {
	u, ok := parseOrigin(origin)
	if !ok || r.TLS != nil && u.Scheme != "https" {
		return false
	}
	self, err := url.Parse(u.Scheme + "://" + r.Host)
	return err == nil && hostName(self.Host) == hostName(u.Host) && portOf(self) == portOf(u)
}

func portOf(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

func loopbackOrigin(origin string) bool {
	u, ok := parseOrigin(origin)
	if !ok {
		return false
	}
	host := hostName(u.Host)
	addr, err := netip.ParseAddr(host)
	return loopbackName(host) || err == nil && addr.IsLoopback()
}

// followedLink reports whether the user navigated here: such a request shows what
// it gets to the user, not to the page that the link was on.
func followedLink(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}
