package main

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/file"
)

// fromKoLog: ko-log's synchronous and asynchronous methods are one here, since no call
// waits for a sink; what ainfo() was is Info().
func fromKoLog(ctx context.Context, log *weir.Logger, dir string) []step {
	return []step{
		{`logger.info("Application started", version="1.0.0")`, func() { log.Info("Application started", "version", "1.0.0") }},
		{`await logger.ainfo("Processing request", user_id=123)`, func() { log.Info("Processing request", "user_id", 123) }},
		{`logger.fatal("Cannot go on")`, func() { log.Critical("Cannot go on") }},
		{`logger.bind(service="auth", env="prod").warning("Rate limit exceeded", ip="192.168.1.1")`, func() {
			log.With("component", "auth", "env", "prod").Warn("Rate limit exceeded", "ip", "192.168.1.1")
		}},
		{`bound.try_unbind("env").info("without it")`, func() {
			log.With("component", "auth", "env", "prod").Without("env").Info("without it")
		}},
		{`bound.unbind("region")  # KeyError`, func() {
			if _, err := log.With("env", "prod").TryWithout("region"); err != nil {
				log.Warn("unbind", "error", err)
			}
		}},
		{`bound.new(request_id="abc123").info("Processing")`, func() {
			log.With("env", "prod").Fresh("request_id", "abc123").Info("Processing")
		}},
		{`with logger.info_life("Database query", table="users"): …`, func() {
			if err := query(ctx, log); err != nil {
				log.Warn("the caller sees the error as well", "error", err)
			}
		}},
		{`with logger.info_scope("loading the cache"): …`, func() {
			done := log.Scope(ctx, "loading the cache")
			defer done(nil)
		}},
		{`factory.get_logger("my-app.db").info("of a dotted name")`, func() { log.Named("db").Info("of a dotted name") }},
		{`{"type": "rotating_file", "max_bytes": 1000, "backup_count": 2}  # of the logger "audit"`, func() {
			rotating, err := file.New(filepath.Join(dir, "audit.log"), file.Options{MaxSize: 1000, MaxFiles: 2})
			if err == nil {
				err = log.AddSinkTo("my-app.audit", rotating) // or in a configuration file
			}
			if err != nil {
				log.Err(ctx, err, "no audit file")
				return
			}
			log.Named("audit").Info("in the console and in the file")
		}},
	}
}

// query shows Life: its begin, its error, its end with the seconds.
func query(ctx context.Context, log *weir.Logger) (err error) {
	done := log.Life(ctx, "Database query", "table", "users")
	defer done(&err)
	return errors.New("connection timeout")
}
