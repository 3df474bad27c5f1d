package dashboard_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/view"
)

func TestGuard(t *testing.T) {
	hostname, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	guard := dashboard.Guard(dashboard.GuardOptions{
		AllowHosts:   []string{"Logs.example.com", "*.apps.example.com"},
		AllowOrigins: []string{"https://app.example.com"},
		Ingest:       func(r *http.Request) bool { return r.URL.Path == "/logs" },
	})
	handler := guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	const ok, badHost, badOrigin = "", "bad_host", "bad_origin"
	type headers map[string]string
	tests := []struct {
		name    string
		method  string
		path    string
		host    string
		headers headers
		want    string
	}{
		{"localhost", "GET", "/", "localhost:5678", nil, ok},
		{"localhost with a dot", "GET", "/", "LOCALHOST.:5678", nil, ok},
		{"a name below localhost", "GET", "/", "weir.localhost:5678", nil, ok},
		{"IPv4", "GET", "/", "127.0.0.1:5678", nil, ok},
		{"an address of the network", "GET", "/", "192.168.1.7", nil, ok},
		{"IPv6", "GET", "/", "[::1]:5678", nil, ok},
		{"IPv6 without a port", "GET", "/", "[fe80::1%25eth0]", nil, ok},
		{"this machine", "GET", "/", hostname, nil, ok},
		{"an allowed name", "GET", "/", "logs.example.com", nil, ok},
		{"an allowed name below another", "GET", "/", "a.apps.example.com:80", nil, ok},
		{"the name itself is not below it", "GET", "/", "apps.example.com", nil, badHost},
		{"a rebound name", "GET", "/", "evil.example:5678", nil, badHost},
		{"a name that looks local", "GET", "/", "localhost.evil.example", nil, badHost},
		{"a name that looks like an address", "GET", "/", "127.0.0.1.evil.example", nil, badHost},
		{"notlocalhost", "GET", "/", "notlocalhost", nil, badHost},
		{"no host", "GET", "/", "", nil, badHost},
		{"post from a rebound name", "POST", "/logs", "evil.example", headers{"Origin": "http://evil.example"}, badHost},
		{"post from a browser that hides the origin", "POST", "/logs", "evil.example", headers{"Sec-Fetch-Site": "same-origin"}, badHost},
		{"post from an agent in a network of containers", "POST", "/logs", "weir:5678", nil, ok},
		{"an agent that reads", "GET", "/api", "weir:5678", nil, badHost},
		{"preflight from a rebound name", "OPTIONS", "/logs", "evil.example", headers{"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}, badHost},

		{"same origin", "POST", "/x", "localhost:5678", headers{"Origin": "http://localhost:5678", "Sec-Fetch-Site": "same-origin"}, ok},
		{"same origin, default port", "GET", "/x", "localhost", headers{"Origin": "http://localhost:80"}, ok},
		{"same origin behind TLS", "GET", "/x", "logs.example.com", headers{"Origin": "https://logs.example.com"}, ok},
		{"another port", "GET", "/x", "localhost:5678", headers{"Origin": "http://localhost:3000"}, badOrigin},
		{"another name of the machine", "GET", "/x", "localhost:5678", headers{"Origin": "http://127.0.0.1:5678"}, badOrigin},
		{"another site", "POST", "/x", "localhost:5678", headers{"Origin": "https://evil.example"}, badOrigin},
		{"null", "POST", "/x", "localhost:5678", headers{"Origin": "null"}, badOrigin},
		{"empty origin", "POST", "/x", "localhost:5678", headers{"Origin": ""}, badOrigin},
		{"not an origin", "POST", "/x", "localhost:5678", headers{"Origin": "http://localhost:5678/x"}, badOrigin},
		{"with a user", "POST", "/x", "localhost:5678", headers{"Origin": "http://me@localhost:5678"}, badOrigin},
		{"allowed", "POST", "/x", "localhost:5678", headers{"Origin": "https://app.example.com", "Sec-Fetch-Site": "cross-site"}, ok},
		{"allowed with another port", "POST", "/x", "localhost:5678", headers{"Origin": "https://app.example.com:444"}, badOrigin},
		{"allowed by another scheme", "POST", "/x", "localhost:5678", headers{"Origin": "http://app.example.com"}, badOrigin},

		{"typed by the user", "GET", "/", "localhost:5678", headers{"Sec-Fetch-Site": "none"}, ok},
		{"an image on another site", "GET", "/x", "localhost:5678", headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, badOrigin},
		{"a script of another port", "GET", "/x", "localhost:5678", headers{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, badOrigin},
		{"a frame", "GET", "/", "localhost:5678", headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, badOrigin},
		{"a link", "GET", "/", "localhost:5678", headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, ok},
		{"a form of another site", "POST", "/x", "localhost:5678", headers{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, badOrigin},

		{"a program posts", "POST", "/logs", "localhost:5678", nil, ok},
		{"a local page posts", "POST", "/logs", "localhost:5678", headers{"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}, ok},
		{"a local page posts across names", "POST", "/logs", "localhost:5678", headers{"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "cross-site"}, ok},
		{"IPv6 page posts", "POST", "/logs", "localhost:5678", headers{"Origin": "http://[::1]:3000"}, ok},
		{"another site posts", "POST", "/logs", "localhost:5678", headers{"Origin": "https://evil.example"}, badOrigin},
		{"a site that looks local posts", "POST", "/logs", "localhost:5678", headers{"Origin": "http://localhost.evil.example"}, badOrigin},
		{"a file posts", "POST", "/logs", "localhost:5678", headers{"Origin": "null"}, badOrigin},
		{"preflight", "OPTIONS", "/logs", "localhost:5678", headers{"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Sec-Fetch-Site": "cross-site"}, ok},
		{"preflight elsewhere", "OPTIONS", "/x", "localhost:5678", headers{"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}, badOrigin},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, nil)
			r.Host = tt.host
			for name, value := range tt.headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if tt.want == ok {
				if w.Code != http.StatusTeapot {
					t.Errorf("refused: %d %s", w.Code, w.Body)
				}
				return
			}
			if w.Code != http.StatusForbidden || errorCode(t, w.Body.String()) != tt.want {
				t.Errorf("got %d %s, want %s", w.Code, w.Body, tt.want)
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Error("the refusal lacks the security headers")
			}
		})
	}
	// Two origins, and a plain page beside a secure server.
	r := httptest.NewRequest("GET", "/x", nil)
	r.Host = "localhost"
	r.Header["Origin"] = []string{"http://localhost", "http://localhost"}
	w := httptest.NewRecorder()
	if handler.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Error("two origins were taken")
	}
	r.Header["Origin"] = []string{"http://localhost"}
	r.TLS = &tls.ConnectionState{}
	w = httptest.NewRecorder()
	if handler.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Error("a page without TLS was taken for the server's own")
	}
}

// TestAllOriginsMaySend: "*" opens what takes records in, and nothing that is read.
func TestAllOriginsMaySend(t *testing.T) {
	handler := dashboard.Guard(dashboard.GuardOptions{
		AllowOrigins: []string{"*"}, Ingest: func(r *http.Request) bool { return r.Method == "POST" },
	})(http.NotFoundHandler())
	for method, want := range map[string]int{"POST": http.StatusNotFound, "GET": http.StatusForbidden} {
		r := httptest.NewRequest(method, "/", nil)
		r.Host = "localhost"
		r.Header.Set("Origin", "https://any.example")
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// TestNullOrigin: a page without an origin may send when it is listed, and never reads:
// any page can put another into a sandbox.
func TestNullOrigin(t *testing.T) {
	for _, c := range []struct {
		listed string
		method string
		want   int
	}{{"null", "POST", http.StatusNotFound}, {"null", "GET", http.StatusForbidden}, {"https://a.example", "POST", http.StatusForbidden}} {
		handler := dashboard.Guard(dashboard.GuardOptions{
			AllowOrigins: []string{c.listed}, Ingest: func(r *http.Request) bool { return r.Method == "POST" },
		})(http.NotFoundHandler())
		r := httptest.NewRequest(c.method, "/", nil)
		r.Host = "localhost"
		r.Header.Set("Origin", "null")
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
}

// TestEveryRouteIsGuarded also checks that every answer has the security headers.
func TestEveryRouteIsGuarded(t *testing.T) {
	m := newMemory(10, 3)
	s := serve(t, m, dashboard.Options{AllowOrigins: []string{"https://app.example.com"}})
	id := m.Hub().Cursor().Position
	for _, path := range []string{
		"/", "/index.html", "/app.js", "/nothing", "/api/v1/records", "/api/v1/records/" + strings.TrimPrefix(itoa(id), "+"),
		"/api/v1/stream", "/api/v1/tail", "/api/v1/tail?format=html", "/api/v1/tail.css", "/api/v1/export", "/api/v1/stats",
	} {
		for header, value := range map[string]string{"Host": "evil.example", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
			resp, body := fetch(t, http.MethodGet, s.URL+path, "", header, value)
			if resp.StatusCode != http.StatusForbidden || !strings.HasPrefix(errorCode(t, body), "bad_") {
				t.Errorf("%s with %s %s: %s %s", path, header, value, resp.Status, body)
			}
		}
		resp, _ := fetch(t, http.MethodHead, s.URL+path, "")
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
			"Access-Control-Allow-Origin": "",
		} {
			if got := resp.Header.Get(header); got != want {
				t.Errorf("%s: %s is %q", path, header, got)
			}
		}
		csp := resp.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "connect-src 'self'"} {
			if !strings.Contains(csp, part) || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: the policy is %q", path, csp)
			}
		}
	}
	resp, _ := fetch(t, http.MethodGet, s.URL+"/api/v1/stats", "", "Origin", "https://app.example.com")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Access-Control-Allow-Origin") != "https://app.example.com" {
		t.Errorf("an allowed origin: %s %v", resp.Status, resp.Header)
	}
	resp, _ = fetch(t, http.MethodOptions, s.URL+"/api/v1/export", "", "Origin", "https://app.example.com", "Access-Control-Request-Method", "POST")
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Methods") == "" {
		t.Errorf("its preflight: %s %v", resp.Status, resp.Header)
	}
}

func FuzzGuard(f *testing.F) {
	for _, seed := range [][2]string{{"localhost:5678", "http://localhost:5678"}, {"[::1]", "null"}, {"a.b", "https://a.b"}, {"evil", "http://[::1"}} {
		f.Add(seed[0], seed[1])
	}
	d := dashboard.New(view.NewMemory(hub.Options{}, nil), dashboard.Options{})
	f.Fuzz(func(t *testing.T, host, origin string) {
		r := httptest.NewRequest("GET", "/api/v1/stats", nil)
		r.Host = host
		r.Header.Set("Origin", origin)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if w.Code == http.StatusOK && !strings.Contains(strings.ToLower(origin), strings.ToLower(strings.Split(strings.Trim(host, "[]."), ":")[0])) {
			t.Errorf("Host %q passed with Origin %q", host, origin)
		}
	})
}
