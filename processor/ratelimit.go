package processor

import (
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// The defaults of RateLimitOptions.
const (
	// DefaultRatePerSecond is more of one message than anybody reads.
	DefaultRatePerSecond = 100
	// DefaultRateReportEvery is how often the logger tells of its own drops, too.
	DefaultRateReportEvery = 10 * time.Second
	// maxRateText is how much of a key's value is shown.
	maxRateText = 100
)

// DroppedAttr is the attribute of a record that tells of dropped ones: how many.
const DroppedAttr = "dropped"

// RateLimitOptions say how much passes. The zero value is a good default.
type RateLimitOptions struct {
	// PerSecond is how many records of a key pass in a second, by the records' own
	// times. Default DefaultRatePerSecond.
	PerSecond float64
	// Burst is how many pass at once after a quiet time. Default: PerSecond, at
	// least 1.
	Burst int
	// Keys name what makes records alike, as the search language names it: logger,
	// level, message, or attributes. Default: all three of the former.
	Keys []string
	// MaxKeys bounds the keys that are remembered; one that was forgotten starts
	// over. Default DefaultMaxKeys.
	MaxKeys int
	// ReportEvery is how often records tell what was dropped. Default
	// DefaultRateReportEvery.
	ReportEvery time.Duration
}

// RateLimiter is the processor that RateLimit makes.
type RateLimiter struct {
	o       RateLimitOptions
	keys    keyer
	buckets *recent[bucket]
	untold  []*node[bucket] // those with drops that nobody was told of
	tellAt  time.Time       // valid while untold is not empty
	dropped atomic.Uint64
}

// bucket is a key's: each record takes a token, time puts them back.
type bucket struct {
	tokens  float64
	at      time.Time // of the last record
	dropped int       // since they were told
	about   string    // the key, for people
	last    record.Record
}

var _ weir.Holder = (*RateLimiter)(nil)

// RateLimit drops what comes faster than a rate, for each key. Now and then, and
// before a flush, a WARN record says "N records of … were dropped by the rate limit",
// with the attribute dropped. Dividers and checkpoints pass. It counts, so it must
// stand in one place only.
func RateLimit(o RateLimitOptions) *RateLimiter {
	if !(o.PerSecond > 0) { // NaN too
		o.PerSecond = DefaultRatePerSecond
	}
	if o.Burst <= 0 {
		o.Burst = int(min(max(math.Ceil(o.PerSecond), 1), math.MaxInt32))
	}
	if len(o.Keys) == 0 {
		o.Keys = []string{"logger", "level", "message"}
	}
	if o.ReportEvery <= 0 {
		o.ReportEvery = DefaultRateReportEvery
	}
	return &RateLimiter{o: o, keys: newKeyer(o.Keys), buckets: newRecent[bucket](o.MaxKeys)}
}

// String returns "rate_limit".
func (*RateLimiter) String() string { return "rate_limit" }

// Dropped returns how many records were dropped. It may be called concurrently.
func (l *RateLimiter) Dropped() uint64 { return l.dropped.Load() }

// Process implements weir.Processor.
func (l *RateLimiter) Process(r *record.Record, emit func(record.Record)) error {
	if r.Kind != record.KindLog {
		emit(*r)
		return nil
	}
	k := l.keys.of(r)
	n := l.buckets.get(k)
	if n == nil {
		if l.buckets.full() {
			l.forget(l.buckets.oldest(), emit)
		}
		n = l.buckets.add(k)
		n.value.tokens, n.value.at = float64(l.o.Burst), timeOf(r)
	}
	l.buckets.renew(n)
	if n.value.take(timeOf(r), &l.o) {
		emit(*r)
		return nil
	}
	l.drop(n, r)
	return nil
}

func (b *bucket) take(now time.Time, o *RateLimitOptions) bool {
	if past := now.Sub(b.at); past > 0 {
		b.tokens = min(b.tokens+past.Seconds()*o.PerSecond, float64(o.Burst))
	}
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

func (l *RateLimiter) drop(n *node[bucket], r *record.Record) {
	l.dropped.Add(1)
	b := &n.value
	if b.dropped == 0 {
		if len(l.untold) == 0 {
			l.tellAt = time.Now().Add(l.o.ReportEvery)
		}
		l.untold = append(l.untold, n)
		if b.about == "" {
			b.about = describe(r, l.o.Keys)
		}
	}
	b.dropped++
	b.last = record.Record{Time: r.Time, Logger: r.Logger, SourceID: r.SourceID, Resource: r.Resource}
}

// Release implements weir.Holder.
func (l *RateLimiter) Release(now time.Time, emit func(record.Record)) (more bool) {
	if len(l.untold) == 0 {
		return false
	}
	if !now.IsZero() && now.Before(l.tellAt) {
		return true
	}
	for i, n := range l.untold {
		l.tell(&n.value, emit)
		l.untold[i] = nil
	}
	l.untold = l.untold[:0]
	return false
}

func (l *RateLimiter) forget(n *node[bucket], emit func(record.Record)) {
	l.buckets.remove(n)
	if n.value.dropped > 0 {
		l.untold = slices.DeleteFunc(l.untold, func(other *node[bucket]) bool { return other == n })
		l.tell(&n.value, emit)
	}
}

func (l *RateLimiter) tell(b *bucket, emit func(record.Record)) {
	r := b.last
	r.Severity = record.SeverityWarn
	were := "records of %s were"
	if b.dropped == 1 {
		were = "record of %s was"
	}
	r.Message = fmt.Sprintf("%d "+were+" dropped by the rate limit", b.dropped, b.about)
	r.Attrs = []slog.Attr{slog.Int(DroppedAttr, b.dropped)}
	b.dropped, b.last = 0, record.Record{}
	emit(r)
}

// describe writes what makes a record one of its key, as one would search for it.
func describe(r *record.Record, keys []string) string {
	var b strings.Builder
	for _, name := range keys {
		v, ok := r.Lookup(name)
		if !ok {
			continue
		}
		text := record.ValueText(v)
		if text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(name)
		b.WriteByte(':')
		if len(text) > maxRateText {
			text = strings.ToValidUTF8(text[:maxRateText], "") + "…"
		}
		if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == '"' || c == ':' || c == '(' || c == ')' || c >= 0x7F }) {
			text = strconv.Quote(text)
		}
		b.WriteString(text)
	}
	if b.Len() == 0 {
		return "one kind"
	}
	return b.String()
}
