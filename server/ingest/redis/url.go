package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/weirlog/weir/record"
)

// The names of groups and consumers unless the URL has others. They are the same
// after a restart on another machine, so that what was being read is found again.
const (
	defaultGroup    = "weir"
	defaultConsumer = "weir"
)

// dialTimeout bounds one try to connect.
const dialTimeout = 5 * time.Second

// example is what errors about a URL show.
const example = "redis://[user:password@]host:port/db?channel=NAME&pattern=app:*&list=KEY&stream=KEY"

// source is what one URL asks for.
type source struct {
	options  *goredis.Options
	at       string // host:port, or the path of a socket: no secrets
	channels []string
	patterns []string
	lists    []string
	streams  []string
	group    string
	consumer string
	defaults record.Resource
}

// parseURL reads a URL. Its errors show nothing of it but the names of parameters: a
// password may stand anywhere when its special characters are not escaped.
func parseURL(text string) (*source, error) {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains([]string{"redis", "rediss", "unix"}, schemeOf(u)) {
		return nil, fmt.Errorf("the URL is not understood: write it as %s (rediss:// for TLS, unix:// for a socket), with %%40, %%2F, %%3A for @, / and : in a password", example)
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("the URL's parameters are not understood: special characters in them are percent-encoded, as %26 for & and %3B for ;")
	}
	s := &source{
		channels: take(values, "channel"),
		patterns: take(values, "pattern"),
		lists:    take(values, "list"),
		streams:  take(values, "stream"),
		group:    takeOne(values, "group", defaultGroup),
		consumer: takeOne(values, "consumer", defaultConsumer),
		defaults: record.Resource{
			Service:        takeOne(values, "service", ""),
			Environment:    takeOne(values, "environment", ""),
			ServiceVersion: takeOne(values, "service_version", ""),
			LogType:        takeOne(values, "log_type", ""),
			Host:           takeOne(values, "host", ""),
		},
	}
	if len(s.channels)+len(s.patterns)+len(s.lists)+len(s.streams) == 0 {
		return nil, errors.New("the URL names nothing to read: give it ?channel=NAME, pattern=app:*, list=KEY or stream=KEY")
	}
	files := tlsFiles{ca: takeOne(values, "ca_file", ""), cert: takeOne(values, "cert_file", ""), key: takeOne(values, "key_file", "")}
	u.RawQuery = values.Encode()
	if s.options, err = goredis.ParseURL(u.String()); err != nil {
		return nil, refusedURL(text, u.User == nil, values)
	}
	s.at = s.options.Addr
	s.settle()
	return s, files.apply(s.options)
}

func schemeOf(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.Scheme
}

// refusedURL says what the client does not take, without quoting it.
func refusedURL(text string, anonymous bool, values url.Values) error {
	if anonymous && strings.Contains(text, "@") {
		return errors.New("the URL's password has a character that must be escaped: write %40, %2F, %3A, %3F and %23 for @, /, :, ? and #")
	}
	for name := range values {
		if isDotted(name) {
			return fmt.Errorf("the URL's parameter %s is not known, or its value is wrong: give channel, pattern, list, stream, group, consumer, "+
				"service, environment, ca_file, cert_file, key_file, skip_verify, db, client_name, dial_timeout or read_timeout", name)
		}
	}
	return fmt.Errorf("the URL is not understood: its path is the number of a database; write it as %s", example)
}

// settle sets what this package relies on.
func (s *source) settle() {
	o := s.options
	o.MaxRetries = -1   // a command that is sent twice would move or remove twice
	o.DialerRetries = 1 // this package has its own pauses
	o.ContextTimeoutEnabled = true
	o.DisableIdentity = true // it is one command more, which old servers refuse
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	if o.Protocol == 0 {
		o.Protocol = 2 // every server knows it
	}
	if o.ClientName == "" {
		o.ClientName = "weir"
	}
	if o.DialTimeout == 0 {
		o.DialTimeout = dialTimeout // the dialer below does not see the client's default
	}
	o.PoolSize = max(o.PoolSize, len(s.lists)+len(s.streams)+1)
	o.PipelinePoolSize = -1
	o.Dialer = quietDialer(steadyDialer(goredis.NewDialer(o)))
}

// tlsFiles are what a URL says about certificates.
type tlsFiles struct{ ca, cert, key string }

func (f tlsFiles) apply(o *goredis.Options) error {
	if f == (tlsFiles{}) {
		return nil
	}
	if o.TLSConfig == nil {
		return errors.New("ca_file, cert_file and key_file are for TLS: begin the URL with rediss://")
	}
	if f.ca != "" {
		text, err := os.ReadFile(f.ca)
		if err != nil {
			return fmt.Errorf("read ca_file: %w", err)
		}
		o.TLSConfig.RootCAs = x509.NewCertPool()
		if !o.TLSConfig.RootCAs.AppendCertsFromPEM(text) {
			return fmt.Errorf("ca_file %s has no certificate in PEM form", f.ca)
		}
	}
	if (f.cert == "") != (f.key == "") {
		return errors.New("cert_file and key_file belong together: give both")
	}
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return fmt.Errorf("read cert_file and key_file: %w", err)
		}
		o.TLSConfig.Certificates = []tls.Certificate{pair}
	}
	return nil
}

func take(values url.Values, name string) []string {
	found := slices.DeleteFunc(values[name], func(s string) bool { return s == "" })
	delete(values, name)
	slices.Sort(found)
	return slices.Compact(found)
}

func takeOne(values url.Values, name, otherwise string) string {
	found := values.Get(name)
	delete(values, name)
	if found == "" {
		return otherwise
	}
	return found
}
