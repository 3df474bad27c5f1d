package dashboard

import (
	"errors"
	"net/http"
	"os"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/view"
)

// DefaultAddress is where Auto's page is, when the port is free.
const DefaultAddress = "127.0.0.1:5678"

// AutoOption changes what Auto and Handler do.
type AutoOption func(*autoOptions)

type autoOptions struct {
	address string
	noOpen  bool
	memory  hub.Options
	page    Options
}

func newAutoOptions(opts []AutoOption) autoOptions {
	o := autoOptions{address: DefaultAddress}
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

// Address is where Auto listens: a host and port, both needed; with port 0 any free
// one. When the port is taken, the next free one is used, and printed.
// Others on the network can read the log when it is not a loopback address.
func Address(hostport string) AutoOption { return func(o *autoOptions) { o.address = hostport } }

// NoOpen keeps Auto from opening a browser.
func NoOpen() AutoOption { return func(o *autoOptions) { o.noOpen = true } }

// Memory bounds the records that the page can show. Default: hub's defaults.
func Memory(bounds hub.Options) AutoOption { return func(o *autoOptions) { o.memory = bounds } }

// WithOptions sets the options of the dashboard; name, role and start are the
// logger's unless they are set.
func WithOptions(opts Options) AutoOption { return func(o *autoOptions) { o.page = opts } }

// Auto gives a logger a live page at http://127.0.0.1:5678 (the next free port
// when it is taken) and, at a terminal with a display, opens it in the browser.
//
//	log := weir.New("shop", dashboard.Auto())
//
// It never delays the program and never fails it: what goes wrong is told once, to
// weir.Options.Diagnostics or on the logger's error output. It does nothing at all where CI is set (and not to 0, false, no or off),
// or WEIR_DASHBOARD is 0, false, no or off. Closing the logger shows viewers what
// is left and ends the page.
func Auto(opts ...AutoOption) weir.Option {
	return func(o *weir.Options) {
		if disabled(os.Getenv) {
			return
		}
		o.Sinks = append(o.Sinks, newAutoSink(newAutoOptions(opts)))
	}
}

// Handler gives a logger a live page in the program's own HTTP server:
//
//	http.Handle("/debug/weir/", http.StripPrefix("/debug/weir", dashboard.Handler(log)))
//
// Each call adds a sink to the logger: a page of its own, with its own memory, that shows
// what is logged from then on. So call it once for each logger and keep the handler; one
// handler can be mounted at several paths. Auto's page is another one too.
//
// Whoever reaches the handler reads the log; it refuses what foreign web pages send, and
// knows no users. The handler of a logger that is closed shows what it had.
func Handler(log *weir.Logger, opts ...AutoOption) http.Handler {
	o := newAutoOptions(opts)
	memory := view.NewMemory(o.memory, nil)
	sink := &pageSink{memory: memory}
	if err := log.AddSink(sink); err != nil {
		sink.memory.Hub().Close() // the page stays empty and says so
		if !errors.Is(err, weir.ErrClosed) {
			log.Report(&weir.Error{
				Layer: weir.LayerFactory, Service: "Page", Category: weir.CategoryConfiguration, Severity: weir.SeverityError,
				Message: "a page of dashboard.Handler stays empty",
				Context: map[string]any{"logger": log.Name()},
				Err:     err,
			})
		}
	}
	page := New(memory, programOptions(log, o.page))
	sink.shown.Store(page)
	return page
}

// programOptions fills in what a logger knows.
func programOptions(log *weir.Logger, o Options) Options {
	o.Role = RoleProgram
	if o.Name == "" {
		o.Name = log.Name()
	}
	if o.StartedAt.IsZero() {
		o.StartedAt = log.Started()
	}
	if o.Checkpoints == nil {
		o.Checkpoints = loggerCheckpoints{log}
	}
	if o.Levels == nil {
		o.Levels = log
	}
	more := o.Stats
	o.Stats = func() map[string]any {
		stats := log.Stats()
		out := map[string]any{"dropped": stats.Dropped.Total(), "logger": stats}
		if more != nil {
			for key, value := range more() {
				out[key] = value
			}
		}
		return out
	}
	return o
}

// disabled reports whether the environment turns Auto off.
func disabled(getenv func(string) string) bool {
	if ci := getenv("CI"); ci != "" && !falsy(ci) {
		return true
	}
	return falsy(getenv("WEIR_DASHBOARD"))
}

func falsy(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "0", "false", "off", "no":
		return true
	}
	return false
}
