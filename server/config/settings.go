package config

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// setting is one entry of the table below: its key in weir.toml is its flag's
// name, its variable WEIR_ and the name in capitals.
type setting struct {
	name, fallback, help string
	list                 bool
	set                  func(*Server, []string) error
}

func settings() []setting {
	return []setting{
		{"listen", DefaultListen, "`address` of the page and the API", false, func(s *Server, v []string) error {
			s.Listen = v[0]
			if _, port, err := net.SplitHostPort(v[0]); err != nil || port == "" {
				return errors.New("it takes a host and a port, as 127.0.0.1:5678 (without a host, as :8000, all of this machine's addresses)")
			}
			return nil
		}},
		{"data", "", "`directory` of the records (default " + displayDataDir() + ")", false, text(func(s *Server) *string { return &s.Data })},
		{"store", "duckdb", "the database: duckdb", false, func(s *Server, v []string) error {
			if v[0] != "duckdb" {
				return fmt.Errorf("no such store: only duckdb is built in")
			}
			s.Store = v[0]
			return nil
		}},
		{"allow-origin", "", "`origin` of web pages that may post and read, as https://app.example.com; null (pages opened as files) and * (all) may post only; repeatable (pages on this machine may always post)", true, origins},
		{"allow-host", "", "host `name` under which the server is reached besides localhost, addresses and this machine's name; repeatable", true, texts(func(s *Server) *[]string { return &s.AllowHosts })},
		{"max-body", "32MiB", "largest request body, as it comes (`size`)", false, size(func(s *Server) *int64 { return &s.MaxBody })},
		{"max-decoded", "64MiB", "largest request body, decompressed (`size`): what a small bomb may grow to", false, size(func(s *Server) *int64 { return &s.MaxDecoded })},
		{"max-bodies", "256MiB", "all request bodies that are held at once, decompressed (`size`); senders wait when that is reached", false, size(func(s *Server) *int64 { return &s.MaxBodies })},
		{"max-batch", "1000000", "records in one request body (`number`): what a small body of very many tiny ones may hold", false, count(func(s *Server) *int { return &s.MaxBatch })},
		{"max-record", "16MiB", "largest record (`size`); the longest texts of larger ones are cut, with a note", false, size(func(s *Server) *int64 { return &s.MaxRecord })},
		{"max-rate", "0", "records a second from one sender (`number`, 0 for any); HTTP clients are told to wait (429), connections are read more slowly", false, func(s *Server, v []string) (err error) {
			s.MaxRate, err = strconv.ParseFloat(v[0], 64)
			if err != nil || !(s.MaxRate >= 0 && s.MaxRate <= 1e9) {
				return errors.New("it takes a number of records a second, or 0")
			}
			return nil
		}},
		{"max-connections", "4096", "connections at once to each address (`number`); more are told to come again", false, count(func(s *Server) *int { return &s.MaxConnections })},
		{"otlp-listen", "", "`address` for OTLP over gRPC, as 127.0.0.1:4317 (OTLP over HTTP is on the page's address)", false, address(func(s *Server) *string { return &s.OTLPListen })},
		{"syslog-listen", "", "`address` for syslog over TCP and UDP, as 127.0.0.1:5514", false, address(func(s *Server) *string { return &s.SyslogListen })},
		{"syslog-cert", "", "`file` with a certificate: syslog over TCP is TLS then, and there is none over UDP", false, text(func(s *Server) *string { return &s.SyslogCert })},
		{"syslog-key", "", "`file` with the certificate's key", false, text(func(s *Server) *string { return &s.SyslogKey })},
		{"syslog-client-ca", "", "`file` with the certificates of those who may sign syslog clients' own", false, text(func(s *Server) *string { return &s.SyslogClientCA })},
		{"redis", "", "`URL` of what to read from Redis, as redis://localhost:6379/0?channel=app&pattern=logs:*&list=queue&stream=events; repeatable (with a password better as WEIR_REDIS or in the file)", true, texts(func(s *Server) *[]string { return &s.Redis })},
		{"queue", "64MiB", "records that may wait to be committed (`size`); senders wait when it is full", false, size(func(s *Server) *int64 { return &s.Queue })},
		{"store-memory", "512MiB", "memory the database may use (`size`)", false, size(func(s *Server) *int64 { return &s.StoreMemory })},
		{"query-timeout", "10s", "longest search (`duration`); what was found by then is shown", false, func(s *Server, v []string) (err error) {
			s.QueryTimeout, err = time.ParseDuration(v[0])
			if err == nil && s.QueryTimeout <= 0 {
				err = errors.New("it must be above zero")
			}
			return err
		}},
		{"max-queries", "4", "searches at once (`number`); more wait for a moment, then are told to try again", false, count(func(s *Server) *int { return &s.MaxQueries })},
		{"log-level", "info", "`level` of the server's own log: debug, info, warn, error", false, func(s *Server, v []string) error {
			s.LogLevel = strings.ToLower(v[0])
			if !slices.Contains([]string{"debug", "info", "warn", "error"}, s.LogLevel) {
				return errors.New("it takes debug, info, warn or error")
			}
			return nil
		}},
	}
}
