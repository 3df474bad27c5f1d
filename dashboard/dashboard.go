// Package dashboard serves the live page and the API behind it.
//
// In a program, [Auto] is the option that gives a logger a page, and [Handler]
// mounts one in the program's own HTTP server. A server calls [New] with its
// backend, and [Guard] around the routes that it adds.
//
// The package takes no records in, stores nothing and knows no users; docs/wire.md
// is the contract of its routes.
package dashboard

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir/view"
)

// Options shape a dashboard; the zero value is good for a program.
type Options struct {
	Name      string    // of the program or server, shown on the page
	Role      string    // RoleProgram (the default) or RoleServer
	Version   string    // of the program or server
	StartedAt time.Time // default: when New was called
	// Stats returns numbers that are shown beside the hub's own and replace those
	// with the same key, as "records" and "dropped". It may be called concurrently.
	Stats func() map[string]any
	// ExtraCapabilities name what the server can do besides: the page shows it then.
	ExtraCapabilities []string

	// Checkpoints, where they are given, have routes and a place on the page. A
	// program's page has those of its logger.
	Checkpoints Checkpoints
	// Levels, where they are given, can be seen and changed on the page and by their
	// route. A program's page has those of its logger.
	Levels Levels

	// AllowHosts and AllowOrigins are as in GuardOptions.
	AllowHosts   []string
	AllowOrigins []string

	// Limits; zero fields take the defaults.
	MaxSearches    int           // DefaultMaxSearches
	SearchWait     time.Duration // DefaultSearchWait
	SearchDeadline time.Duration // DefaultSearchDeadline
	WriteTimeout   time.Duration // DefaultWriteTimeout
	MaxStreams     int           // DefaultMaxStreams
}

// Roles of a dashboard.
const (
	RoleProgram = "program"
	RoleServer  = "server"
)

// Defaults of the limits.
const (
	// DefaultMaxSearches run at once: an embedded database uses all cores for one.
	DefaultMaxSearches = 4
	// DefaultSearchWait is how long a search waits for its turn before the answer
	// is 429: a person waits that long without thinking that it hangs.
	DefaultSearchWait = 2 * time.Second
	// DefaultSearchDeadline ends a search with what it has found.
	DefaultSearchDeadline = 10 * time.Second
	// DefaultWriteTimeout drops a viewer that takes nothing for so long; a laptop
	// that wakes up reconnects and resumes.
	DefaultWriteTimeout = 20 * time.Second
	// DefaultMaxStreams are open at once; each costs a goroutine, a socket and a
	// frame's memory.
	DefaultMaxStreams = 1000

	maxQueryBytes   = 8 << 10  // of q: beyond it, it is not a question
	maxExportBody   = 64 << 10 // of POST /api/v1/export: a query and two times
	streamWaitTurns = 5        // a stream waits longer for a search than a page does: it cannot tell the user to retry
)

// Dashboard is the handler. It answers for the routes at and below "/"; mount it
// elsewhere with http.StripPrefix, the page's links are relative.
type Dashboard struct {
	opts    Options
	guard   *guard
	mux     *http.ServeMux
	backend view.Backend // gated, for pages of results
	patient view.Backend // gated, for streams
	gate    *gate
	assets  *assets

	streams        atomic.Int64
	viewersDropped atomic.Uint64
}

var _ http.Handler = (*Dashboard)(nil)

// New returns the handler for a backend.
func New(backend view.Backend, opts Options) *Dashboard {
	opts = opts.withDefaults()
	g := newGate(opts.MaxSearches)
	d := &Dashboard{
		opts:    opts,
		guard:   newGuard(GuardOptions{AllowHosts: opts.AllowHosts, AllowOrigins: opts.AllowOrigins}),
		mux:     http.NewServeMux(),
		backend: &gated{backend, g, opts.SearchWait, opts.SearchDeadline},
		patient: &gated{backend, g, streamWaitTurns * opts.SearchWait, opts.SearchDeadline},
		gate:    g,
		assets:  newAssets(),
	}
	d.route("/{$}", get(d.home))
	d.route("/api/v1/records", get(d.search))
	d.route("/api/v1/records/{id}", get(d.record))
	d.route("/api/v1/stream", get(d.stream))
	d.route("/api/v1/tail", get(d.tail))
	d.route("/api/v1/tail.css", get(d.tailStyle))
	d.route("/api/v1/export", methods{http.MethodGet: d.export, http.MethodPost: d.export})
	d.route("/api/v1/stats", get(d.stats))
	d.routeCheckpoints()
	d.routeLevels()
	d.mux.HandleFunc("/", d.file)
	return d
}

func (o Options) withDefaults() Options {
	if o.Role == "" {
		o.Role = RoleProgram
	}
	if o.StartedAt.IsZero() {
		o.StartedAt = time.Now()
	}
	if o.MaxSearches <= 0 {
		o.MaxSearches = DefaultMaxSearches
	}
	if o.SearchWait <= 0 {
		o.SearchWait = DefaultSearchWait
	}
	if o.SearchDeadline <= 0 {
		o.SearchDeadline = DefaultSearchDeadline
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = DefaultWriteTimeout
	}
	if o.MaxStreams <= 0 {
		o.MaxStreams = DefaultMaxStreams
	}
	return o
}

// ServeHTTP answers a request that the guard lets through.
func (d *Dashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header())
	if problem := d.guard.check(r); problem != nil {
		writeError(w, *problem)
		return
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != nullOrigin && slices.Contains(d.opts.AllowOrigins, origin) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Add("Vary", "Origin")
		if r.Method == http.MethodOptions {
			w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
			w.Header().Set("Access-Control-Allow-Headers", "Content-Type, Last-Event-ID")
			w.WriteHeader(http.StatusNoContent)
			return
		}
	}
	if r.URL.Path == "" { // mounted at a prefix that was asked for without its slash
		path, query, has := strings.Cut(r.RequestURI, "?")
		target := path[strings.LastIndexByte(path, '/')+1:] + "/"
		if has {
			target += "?" + query
		}
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	d.mux.ServeHTTP(w, r)
}

// methods are the handlers of one path. HEAD is answered where GET is.
type methods map[string]http.HandlerFunc

func get(h http.HandlerFunc) methods { return methods{http.MethodGet: h} }

func (d *Dashboard) route(path string, m methods) {
	var allow []string
	for method := range m {
		allow = append(allow, method)
	}
	slices.Sort(allow)
	allowed := strings.Join(allow, ", ")
	d.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		h, ok := m[method]
		if !ok {
			w.Header().Set("Allow", allowed)
			writeError(w, apiError{http.StatusMethodNotAllowed, "bad_method", "this path does not take " + r.Method, "it takes " + allowed})
			return
		}
		h(w, r)
	})
}
