package collector

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Counter counts what the store has. Its methods may be called concurrently, and leave
// out records that are marked as deleted.
type Counter interface {
	// CountBy counts records by the values of a field, "level" or "service": the most
	// frequent first, at most limit of them, and all records in total. A record
	// without a value counts in total only.
	CountBy(ctx context.Context, field string, limit int) (counts []Count, total uint64, err error)
	// CountErrors counts the records of level ERROR whose created_at is since or later.
	CountErrors(ctx context.Context, since time.Time) (uint64, error)
}

// Count is how many records have a value.
type Count struct {
	Value   string
	Records uint64
}

// Paths of the summary.
const (
	StatsPath    = "/stats"
	ServicesPath = "/services"
)

// What is listed at most. The log-collector's server lists ten services in its stats;
// levels are the six, and whatever senders made up.
const (
	maxLevels      = 100
	maxTopServices = 10
	maxServices    = 1000
)

// recent is how far back recent errors go.
const recent = time.Hour

// Summary serves the counts that the log-collector's servers show. It may be called
// concurrently.
type Summary struct {
	counter Counter
	log     *slog.Logger
	clock   func() time.Time
}

var _ http.Handler = (*Summary)(nil)

// NewSummary makes a handler of StatsPath and ServicesPath.
func NewSummary(c Counter, opts Options) *Summary {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Summary{counter: c, log: opts.Log, clock: opts.Clock}
}

type levelCount struct {
	Level string `json:"level"`
	Count uint64 `json:"count"`
}

type serviceCount struct {
	Service string `json:"service"`
	Count   uint64 `json:"count"`
}

type stats struct {
	Total    uint64         `json:"total_logs"`
	Levels   []levelCount   `json:"level_distribution"`
	Services []serviceCount `json:"service_distribution"`
	Errors   uint64         `json:"recent_errors_1h"`
}

type service struct {
	Name  string `json:"name"`
	Count uint64 `json:"log_count"`
}

type services struct {
	Services []service `json:"services"`
}

// ServeHTTP answers one request.
func (s *Summary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		badMethod(w, "GET, HEAD")
		return
	}
	var out any
	var err error
	switch r.URL.Path {
	case StatsPath:
		out, err = s.stats(r.Context())
	case ServicesPath:
		out, err = s.services(r.Context())
	default:
		tell(w, http.StatusNotFound, "Not Found")
		return
	}
	if err != nil {
		s.log.Warn("count records", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "2")
		tell(w, http.StatusServiceUnavailable, "the records cannot be counted now: "+err.Error()+"; try again in a few seconds")
		return
	}
	replyJSON(w, http.StatusOK, out)
}

func (s *Summary) stats(ctx context.Context) (stats, error) {
	out := stats{Levels: []levelCount{}, Services: []serviceCount{}}
	levels, total, err := s.counter.CountBy(ctx, "level", maxLevels)
	if err != nil {
		return out, err
	}
	out.Total = total
	for _, c := range levels {
		out.Levels = append(out.Levels, levelCount{c.Value, c.Records})
	}
	top, _, err := s.counter.CountBy(ctx, "service", maxTopServices)
	if err != nil {
		return out, err
	}
	for _, c := range top {
		out.Services = append(out.Services, serviceCount{c.Value, c.Records})
	}
	out.Errors, err = s.counter.CountErrors(ctx, s.clock().Add(-recent))
	return out, err
}

func (s *Summary) services(ctx context.Context) (services, error) {
	out := services{Services: []service{}}
	counts, _, err := s.counter.CountBy(ctx, "service", maxServices)
	for _, c := range counts {
		out.Services = append(out.Services, service{c.Value, c.Records})
	}
	return out, err
}
