package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

func text(field func(*Server) *string) func(*Server, []string) error {
	return func(s *Server, v []string) error { *field(s) = v[0]; return nil }
}

func texts(field func(*Server) *[]string) func(*Server, []string) error {
	return func(s *Server, v []string) error { *field(s) = v; return nil }
}

// address is a host and a port, or nothing.
func address(field func(*Server) *string) func(*Server, []string) error {
	return func(s *Server, v []string) error {
		*field(s) = v[0]
		if _, port, err := net.SplitHostPort(v[0]); v[0] != "" && (err != nil || port == "") {
			return errors.New("it takes a host and a port, as 127.0.0.1:4317")
		}
		return nil
	}
}

// origins reads origins as browsers write them, so that they can be compared with what
// a browser sends.
func origins(s *Server, v []string) error {
	s.AllowOrigins = nil
	for _, text := range v {
		origin := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(text), "/"))
		if u, err := url.Parse(origin); origin != "null" && origin != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "") {
			return fmt.Errorf("%q is no origin: it takes one as https://app.example.com, null or *", text)
		}
		s.AllowOrigins = append(s.AllowOrigins, origin)
	}
	return nil
}

func size(field func(*Server) *int64) func(*Server, []string) error {
	return func(s *Server, v []string) error {
		n, err := humanize.ParseBytes(v[0])
		if err != nil || n == 0 || n > 1<<50 {
			return errors.New("it takes a size, as 64MiB or 1GB")
		}
		*field(s) = int64(n)
		return nil
	}
}

// count is a number from 1.
func count(field func(*Server) *int) func(*Server, []string) error {
	return func(s *Server, v []string) error {
		n, err := strconv.Atoi(v[0])
		if err != nil || n < 1 {
			return errors.New("it takes a number from 1")
		}
		*field(s) = n
		return nil
	}
}
