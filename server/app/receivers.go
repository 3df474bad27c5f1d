package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/weirlog/weir/server/ingest/otlp"
	"github.com/weirlog/weir/server/ingest/redis"
	"github.com/weirlog/weir/server/ingest/syslog"
)

// receiver is a way in beside the page's address. Run returns when ctx has ended and
// what came until then is stored or given up, or with the error that ended it before.
type receiver struct {
	name string
	run  func(ctx context.Context) error
}

// receivers are those that run.
type receivers struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	failed  chan error // the first that ended before it was told to

	mu   sync.Mutex
	errs []error
}

// openReceivers opens the ways in that the settings name. The error says which setting
// is wrong, and nothing stays open then.
func (s *server) openReceivers() (all []receiver, err error) {
	settings := s.opts.Settings
	var opened []io.Closer
	defer func() {
		if err != nil {
			for _, c := range opened {
				err = errors.Join(err, c.Close())
			}
		}
	}()
	if len(settings.Redis) > 0 {
		reader, err := redis.New(s.gate, settings.Redis, redis.Options{Log: s.log.Slog()})
		if err != nil {
			return nil, fmt.Errorf("--redis: %w", err)
		}
		all = append(all, receiver{"redis", reader.Run})
	}
	if settings.SyslogListen != "" {
		opts := syslog.Options{Address: settings.SyslogListen, MaxConnections: settings.MaxConnections, Log: s.log.Slog()}
		if settings.SyslogCert != "" || settings.SyslogKey != "" || settings.SyslogClientCA != "" {
			if opts.TLS, err = syslog.LoadTLS(settings.SyslogCert, settings.SyslogKey, settings.SyslogClientCA); err != nil {
				return nil, fmt.Errorf("--syslog-cert: %w", err)
			}
		}
		server, err := syslog.Listen(s.gate, opts)
		if err != nil {
			return nil, fmt.Errorf("--syslog-listen: %w", err)
		}
		opened = append(opened, server)
		all = append(all, receiver{"syslog", server.Run})
		s.also = append(s.also, "syslog on "+server.Addr().String())
	}
	if settings.OTLPListen != "" {
		listener, err := net.Listen("tcp", settings.OTLPListen)
		if err != nil {
			return nil, fmt.Errorf("--otlp-listen: %w", err)
		}
		opened = append(opened, listener)
		s.otlp = bound(listener, settings.MaxConnections, "")
		server := otlp.NewGRPC(s.gate, otlp.GRPCOptions{Log: s.log.Slog()})
		all = append(all, receiver{"OTLP over gRPC", func(ctx context.Context) error { return server.Run(ctx, s.otlp) }})
		s.also = append(s.also, "OTLP over gRPC on "+listener.Addr().String())
	}
	return all, nil
}

// startReceivers runs all. They end when stop is called.
func startReceivers(all []receiver) *receivers {
	ctx, cancel := context.WithCancel(context.Background())
	rs := &receivers{stop: cancel, failed: make(chan error, 1)}
	for _, r := range all {
		rs.running.Go(func() {
			err := r.run(ctx)
			if err == nil || errors.Is(err, context.Canceled) {
				return
			}
			err = fmt.Errorf("%s: %w", r.name, err)
			rs.mu.Lock()
			rs.errs = append(rs.errs, err)
			rs.mu.Unlock()
			select {
			case rs.failed <- err:
			default:
			}
		})
	}
	return rs
}

// end stops all, and waits for them until ctx ends. It returns what went wrong.
func (rs *receivers) end(ctx context.Context) error {
	rs.stop()
	ended := make(chan struct{})
	go func() { rs.running.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		return fmt.Errorf("not all receivers ended: %w", ctx.Err())
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return errors.Join(rs.errs...)
}
