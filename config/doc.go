// Package config makes loggers from settings: options in code, the environment and a
// file, in this order, over defaults.
//
// [New] makes a logger; [Load] and [Parse] read and check settings without making
// anything, and tell with [Config.Effective] what is in force and why. It reads
// JSON; the decoders of TOML and YAML are in the module github.com/weirlog/weir/extra,
// and the page is in the package config/page, so that a program without them does not
// have them in it.
//
// Settings can name the built-in sinks, processors and formats, and those that the
// program gives in [Options]. Whatever cannot be understood is refused, all of it at
// once, with the key's path, its place in the file and what may have been meant: each
// problem is a *weir.Error. Nothing is opened before everything is right.
//
// # Example
//
// This is weir.toml with what most programs set, and more. The same keys are read
// from JSON and YAML.
//
//	[log]
//	level = "info"                     # WEIR_LEVEL wins over it
//	levels = { "shop.http" = "warn" }  # short for loggers."shop.http".level
//	overflow = "drop_oldest"           # or drop_newest, block, fail
//	memory_limit = "16MiB"             # of all records on their way
//	close_timeout = "5s"
//	source = true                      # function, file and line of each call
//	checkpoints = ".weir/checkpoints"
//	console = false                    # only the sinks below
//	processors = [                     # for every record, in this order
//	  "errors",
//	  { type = "redact", keys = ["card_pin"] },
//	]
//
//	[log.resource]
//	service = "shop"
//	environment = "production"
//
//	[log.dashboard]                    # needs page.Sinks() in the program
//	address = "127.0.0.1:5678"
//	open = false
//
//	[log.sinks.all]
//	type = "rotating_file"
//	path = "$HOME/log/shop.log"
//	max_size = "10MB"
//	max_files = 5
//	compress = true
//	fallback = "stderr"                # gets what could not be written
//
//	[log.sinks.stderr]
//	type = "console"
//	format = { type = "text", layout = "%(asctime)s %(levelname)-8s %(name)s: %(message)s" }
//
//	[log.sinks.server]
//	type = "ship"                      # WEIR_SERVER alone adds one, too
//	server = "https://logs.example.com"
//	spool = "user-cache"
//	level = "info"
//	processors = [{ type = "rate_limit", per_second = 50 }]
//
//	[log.loggers."shop.db"]            # and all names below it
//	level = "debug"
//	sinks = ["stderr"]                 # in place of the inherited ones
//	propagate = true                   # no: besides them
//	attrs = { part = "database" }
//
// # Keys
//
// What each is for, its default and its variable are in docs/configuration.md.
//
//	Top level:
//	    level, levels, overflow, block_timeout, memory_limit, max_records, max_record_bytes,
//	    close_timeout, source, checkpoints, resource, processors, sinks, loggers, console,
//	    dashboard, server, token
//	resource:
//	    service, environment, service_version, log_type, host
//	loggers:
//	    level, sinks, propagate, attrs
//	Every sink:
//	    type, enabled, level, processors, fallback
//	Sinks of type console:
//	    stream, color, time_zone, format
//	Sinks of type json:
//	    stream, indent, sort_keys, ascii, skip_keys, prefix
//	Sinks of type text:
//	    stream, layout, date_format, time_zone, levels, multi_line, attrs, missing, color,
//	    color_fields, theme
//	Sinks of type file:
//	    path, format, mode, max_size, interval, time_zone, max_files, max_age, compress, perm,
//	    sync, reopen_on_hangup
//	Sinks of type rotating_file:
//	    path, format, mode, max_size, interval, time_zone, max_files, max_age, compress, perm,
//	    sync, reopen_on_hangup
//	Sinks of type ship:
//	    server, token, ca_file, protocol, compression, gzip_from, batch_records, batch_bytes,
//	    flush_interval, queue_records, queue_bytes, retries, retry_min, retry_max, timeout,
//	    close_timeout, spool, spool_bytes
//	Format json:
//	    indent, sort_keys, ascii, skip_keys, prefix
//	Format text:
//	    layout, date_format, time_zone, levels, multi_line, attrs, missing, color, color_fields,
//	    theme
//	Format console:
//	    color, theme, time, date_format, time_zone, source
//	Processor level:
//	    level
//	Processor drop:
//	    keys
//	Processor keep:
//	    keys
//	Processor rename:
//	    keys
//	Processor defaults:
//	    attrs
//	Processor callsite:
//	    fields
//	Processor redact:
//	    keys, default_keys, patterns, without, paths, replacement
//	Processor sample:
//	    interval, first, thereafter, keys, max_keys, errors
//	Processor deduplicate:
//	    window, keys, consecutive, max_keys
//	Processor rate_limit:
//	    per_second, burst, keys, max_keys, report_every
//	Processor strip_markup:
//	    rich
//	Processor errors:
//	    remove_text, max_frames
//	Processor filter:
//	    query
package config
