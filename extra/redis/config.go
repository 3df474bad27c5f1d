package redis

import (
	"net/url"
	"strconv"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
)

// Sinks returns the map for config.Options.Sinks, to which others may be added: with it,
// settings can say type = "redis".
func Sinks() map[string]config.SinkBuilder {
	return map[string]config.SinkBuilder{"redis": Builder}
}

// Builder reads the settings of a sink. The keys are address, as localhost:6379, with
// username, password, db and tls; or url, which has all of that. Then channel, or list
// and max_len; format, patience and timeout.
func Builder(s *config.Section) func() (weir.Sink, error) {
	address := addressOf(s)
	o := Options{
		Channel:  s.Text("channel", ""),
		List:     s.Text("list", ""),
		MaxLen:   s.Int("max_len", 0, 0),
		Password: s.Secret("password"),
		Patience: s.Duration("patience", DefaultPatience),
		Timeout:  s.Duration("timeout", DefaultTimeout),
	}
	if s.Has("username") {
		o.Username = s.Text("username", "")
	}
	form := s.Format("format")
	check := o
	if _, err := check.complete(address); err != nil {
		s.Refuse("", err.Error(), "")
		return nil
	}
	return func() (weir.Sink, error) {
		o := o
		if form != nil {
			var err error
			if o.Format, err = form(); err != nil {
				return nil, err
			}
		}
		return New(address, o)
	}
}

// addressOf returns the server's URL.
func addressOf(s *config.Section) string {
	if s.Has("url") {
		for _, key := range []string{"address", "db", "tls"} {
			if s.Has(key) {
				s.Refuse(key, "the url has it already", "keep one of them")
			}
		}
		return s.Secret("url") // it may have a password
	}
	u := url.URL{Scheme: "redis", Host: s.Text("address", "localhost:6379")}
	if s.Bool("tls", false) {
		u.Scheme = "rediss"
	}
	u.Path = "/" + strconv.Itoa(s.Int("db", 0, 0))
	return u.String()
}
