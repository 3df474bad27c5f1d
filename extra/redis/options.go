package redis

import (
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"os"
	"os/user"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/weirlog/weir/format"
)

// Defaults of Options.
const (
	// DefaultPatience is what a Redis takes that is restarted.
	DefaultPatience = 5 * time.Second
	// DefaultTimeout bounds connecting, and each wait for an answer.
	DefaultTimeout = 3 * time.Second
)

// Options configure a Sink. Either Channel or List is needed.
type Options struct {
	// Channel is where records are published.
	Channel string
	// List is the key of the list that records are appended to, at its right end.
	List string
	// MaxLen is how many records the list keeps, the newest ones. Default 0: all.
	MaxLen int

	// Format is the form of a message. Default format.RedisLog with the names of this
	// user and this machine; format.JSON(format.JSONOptions{}) is Weir's own.
	Format format.Formatter

	// Username and Password are for AUTH, unless the URL has them.
	Username, Password string
	// TLS says whom to trust and who the sink is. Default: the system's authorities for
	// a URL that begins with rediss://, else no TLS.
	TLS *tls.Config

	// Patience is how long a batch is tried again before it fails. Default DefaultPatience.
	Patience time.Duration
	// Timeout bounds connecting, and each wait for an answer. Default DefaultTimeout.
	Timeout time.Duration
}

// complete fills in the defaults, says what cannot be, and returns the client's options.
func (o *Options) complete(address string) (*goredis.Options, error) {
	switch {
	case o.Channel == "" && o.List == "":
		return nil, errors.New("there is neither a Channel to publish on nor a List to append to: give one of them")
	case o.Channel != "" && o.List != "":
		return nil, errors.New("there are a Channel and a List: make a sink for each")
	case o.MaxLen < 0:
		return nil, errors.New("MaxLen is negative: give 0 to keep all records")
	case o.MaxLen > 0 && o.List == "":
		return nil, errors.New("MaxLen is for a List")
	}
	if o.Patience <= 0 {
		o.Patience = DefaultPatience
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	o.Format = o.formatOf()
	c, err := parseURL(address)
	if err != nil {
		return nil, err
	}
	if c.Username == "" {
		c.Username = o.Username
	}
	if c.Password == "" {
		c.Password = o.Password
	}
	if o.TLS != nil {
		c.TLSConfig = o.TLS.Clone()
		if c.TLSConfig.ServerName == "" {
			c.TLSConfig.ServerName, _, _ = net.SplitHostPort(c.Addr) // a socket has none
		}
	}
	if c.DialTimeout == 0 {
		c.DialTimeout = o.Timeout
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = o.Timeout
	}
	if c.Protocol == 0 {
		c.Protocol = 2 // every server knows it
	}
	c.MaxRetries = -1 // the sink tries again itself
	c.DialerRetries = 1
	c.ContextTimeoutEnabled = true
	c.DisableIdentity = true
	c.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	c.PoolSize, c.PipelinePoolSize = 1, -1 // one caller, one connection
	c.Dialer = quietDialer(goredis.NewDialer(c))
	return c, nil
}

// parseURL reads the server's address. Its errors do not repeat it: a password may stand
// anywhere when its special characters are not escaped.
func parseURL(address string) (*goredis.Options, error) {
	u, err := url.Parse(address)
	if err == nil && (u.Scheme == "redis" || u.Scheme == "rediss" || u.Scheme == "unix") {
		if c, err := goredis.ParseURL(address); err == nil {
			return c, nil
		}
	}
	return nil, errors.New("the server's URL is not understood: write it as redis://[user:password@]host:port/db, rediss:// for TLS, " +
		"or unix:///path/to/socket, with %40, %2F and %3A for @, / and : in a password; a channel or a list is an option")
}

func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return os.Getenv("USER")
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(name)
}
