package ship

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// idleTimeout closes a connection that nothing was sent on for a while: servers close
// theirs after a minute or more, and a request on a connection that is being closed
// fails.
const idleTimeout = 30 * time.Second

// newClient makes the client that the options ask for.
func newClient(o *Options) (*http.Client, error) {
	if o.HTTPClient != nil {
		c := *o.HTTPClient
		c.CheckRedirect = checkRedirect
		return &c, nil
	}
	trust, err := tlsConfig(o)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		Proxy:                 o.Proxy,
		TLSClientConfig:       trust,
		TLSHandshakeTimeout:   10 * time.Second,
		ForceAttemptHTTP2:     true,
		MaxIdleConnsPerHost:   1, // one goroutine sends
		IdleConnTimeout:       idleTimeout,
		ExpectContinueTimeout: time.Second,
	}
	if transport.Proxy == nil {
		transport.Proxy = http.ProxyFromEnvironment
	}
	return &http.Client{Transport: transport, CheckRedirect: checkRedirect}, nil
}

func tlsConfig(o *Options) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		config = o.TLS.Clone()
	}
	if o.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the file of certificate authorities: %w", err)
	}
	pool := config.RootCAs
	if pool == nil {
		if pool, err = x509.SystemCertPool(); err != nil {
			pool = x509.NewCertPool()
		}
	} else {
		pool = pool.Clone()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no certificate in it: it must be PEM", o.CAFile)
	}
	config.RootCAs = pool
	return config, nil
}

// maxRedirects within one server are more than any has.
const maxRedirects = 3

// errRedirect is a redirect that is not followed.
var errRedirect = errors.New("the server redirects")

// checkRedirect follows a redirect that keeps method and body and stays on the
// server, or moves to TLS there. Records and the token go to nobody else, whatever an answer says.
func checkRedirect(r *http.Request, via []*http.Request) error {
	from := via[0]
	same := r.URL.Scheme == from.URL.Scheme && r.URL.Host == from.URL.Host ||
		from.URL.Scheme == "http" && r.URL.Scheme == "https" && r.URL.Hostname() == from.URL.Hostname() && from.URL.Port() == ""
	if !same || r.Method != from.Method || len(via) > maxRedirects {
		return fmt.Errorf("%w to %s, which is not followed: give that address if you trust it", errRedirect, origin(r.URL))
	}
	return nil
}

// origin is what of an address may be shown.
func origin(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
