package ship

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Defaults and bounds of Options.
const (
	// DefaultBatchRecords and DefaultFlushInterval are the log-collector clients' own:
	// a commit of 1,000 records costs the server little more than one of a single record.
	DefaultBatchRecords  = 1000
	DefaultFlushInterval = time.Second
	// DefaultBatchBytes keeps a batch of large records well under the 32 MB that a
	// server takes, and under the second or so that a request should last.
	DefaultBatchBytes = 4 << 20
	// DefaultQueueRecords and DefaultQueueBytes bound what waits in memory, what is
	// being sent among it: half a second of 20,000 records a second.
	DefaultQueueRecords = 10_000
	DefaultQueueBytes   = 16 << 20
	// DefaultGzipFrom: below that a packet is hardly saved, and it is the log-collector
	// clients' bound.
	DefaultGzipFrom = 100
	// DefaultTimeout leaves a server that waits for its disk the time it takes: a
	// checkpoint was seen to take 1.6 s, and intake waits 4 s for room.
	DefaultTimeout = 30 * time.Second
	// DefaultCloseTimeout is less than the five seconds that a logger waits for its
	// sinks, so that there is time to write the spool.
	DefaultCloseTimeout = 3 * time.Second
	// DefaultRetryMin is how long the first pause is about; each further one is twice as
	// long, up to DefaultRetryMax, after which a server that is back is found at latest.
	DefaultRetryMin = 500 * time.Millisecond
	DefaultRetryMax = 30 * time.Second
	// DefaultSpoolBytes is about an hour of 1,000 records a second.
	DefaultSpoolBytes = 256 << 20
	// SpoolUserCache as Options.Spool is the folder weir/spool in os.UserCacheDir.
	SpoolUserCache = "user-cache"
)

// Protocol says how records are posted.
type Protocol uint8

// Protocols.
const (
	// ProtocolAuto asks the server what it is, before the first batch.
	ProtocolAuto Protocol = iota
	// ProtocolWeir posts NDJSON to /api/v1/records, each batch with an Idempotency-Key, so
	// that it is stored once however often it is sent.
	ProtocolWeir
	// ProtocolCollector posts {"logs":[…]} to /logs, as the log-collector's clients
	// do. Its server has no way to know a batch again; Weir's knows one that comes
	// within two minutes.
	ProtocolCollector
)

// Compression says how bodies are packed.
type Compression uint8

// Compressions.
const (
	CompressionGzip Compression = iota
	CompressionNone
)

// Compressor is another way to pack bodies, such as zstd. It is used for Weir servers
// only: a log-collector knows nothing but gzip. One goroutine uses it.
type Compressor interface {
	// Name is the Content-Encoding.
	Name() string
	// NewWriter returns a writer that packs into w and is complete once closed.
	NewWriter(w io.Writer) (io.WriteCloser, error)
}

// Options configure a Sink. The zero value is a good default.
type Options struct {
	// BatchRecords is how many records make a batch full. Default DefaultBatchRecords, at
	// most QueueRecords.
	BatchRecords int
	// BatchBytes is how much text makes a batch full; a record that is larger by itself is
	// a batch. Default DefaultBatchBytes, at most QueueBytes.
	BatchBytes int
	// FlushInterval is how long a batch that is not full waits for more. Default
	// DefaultFlushInterval.
	FlushInterval time.Duration

	// QueueRecords bounds the records in memory, those being sent among them. Default
	// DefaultQueueRecords.
	QueueRecords int
	// QueueBytes bounds their text. A record that is larger by itself is dropped. Default
	// DefaultQueueBytes.
	QueueBytes int

	// Protocol is how records are posted. Default ProtocolAuto: the server is asked.
	Protocol Protocol
	// Compression is how bodies are packed. Default CompressionGzip.
	Compression Compression
	// Compressor packs instead of gzip, unless Compression is CompressionNone or the
	// server is a log-collector. Default: none.
	Compressor Compressor
	// GzipFrom is how many records make a batch worth packing, whatever packs it. Default
	// DefaultGzipFrom.
	GzipFrom int

	// Retries is how often a batch is tried again before it is dropped. 0: until it
	// is delivered, or its place is needed.
	Retries int
	// RetryMin is about how long the first pause is. Each further one is twice as long,
	// and a little more or less by chance. Default DefaultRetryMin.
	RetryMin time.Duration
	// RetryMax is about the longest pause; a server that asks for a longer one, with
	// Retry-After, gets it up to five minutes. Default DefaultRetryMax, at least RetryMin.
	RetryMax time.Duration

	// Timeout bounds one request. Default DefaultTimeout.
	Timeout time.Duration
	// CloseTimeout is how long Close goes on sending. Default DefaultCloseTimeout.
	CloseTimeout time.Duration

	// Token is sent as Authorization: Bearer, to the server's own address only.
	Token string
	// TLS says whom to trust and who the sink is. Default: the system's authorities.
	TLS *tls.Config
	// CAFile has further authorities to trust, as PEM, besides those of TLS or the system.
	CAFile string
	// Proxy returns the proxy for a request, nil for none. Default
	// http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)
	// HTTPClient replaces TLS, CAFile and Proxy. Its CheckRedirect is not used, so that
	// the token and the records go to nobody else.
	HTTPClient *http.Client

	// Spool is a directory for the batches that memory has no room for while the server is
	// away, and for those that are left at the end: SpoolUserCache, or any path. Several
	// programs may share it. Empty: there is no spool, and such batches are dropped.
	Spool string
	// SpoolBytes bounds the spool's files: beyond it they are dropped, the oldest ones
	// first. Default DefaultSpoolBytes.
	SpoolBytes int64

	// ErrorOutput is where people are told that the server is away and back, or that
	// records were lost, a few lines a minute. Default: the logger's way, that is its
	// Diagnostics, which gets each as a *weir.Error, or else its ErrorOutput.
	ErrorOutput io.Writer
}

// complete fills in the defaults and says what cannot be.
func (o *Options) complete() error {
	number := func(n *int, otherwise int) {
		if *n <= 0 {
			*n = otherwise
		}
	}
	duration := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	number(&o.BatchRecords, DefaultBatchRecords)
	number(&o.BatchBytes, DefaultBatchBytes)
	number(&o.QueueRecords, DefaultQueueRecords)
	number(&o.QueueBytes, DefaultQueueBytes)
	number(&o.GzipFrom, DefaultGzipFrom)
	duration(&o.FlushInterval, DefaultFlushInterval)
	duration(&o.Timeout, DefaultTimeout)
	duration(&o.CloseTimeout, DefaultCloseTimeout)
	duration(&o.RetryMin, DefaultRetryMin)
	duration(&o.RetryMax, DefaultRetryMax)
	o.RetryMax = max(o.RetryMax, o.RetryMin)
	o.BatchRecords = min(o.BatchRecords, o.QueueRecords)
	o.BatchBytes = min(o.BatchBytes, o.QueueBytes)
	if o.SpoolBytes <= 0 {
		o.SpoolBytes = DefaultSpoolBytes
	}
	switch {
	case o.Retries < 0:
		return errors.New("the number of Retries is negative: give 0 to try until it works")
	case o.Protocol > ProtocolCollector:
		return fmt.Errorf("there is no protocol %d: use ProtocolAuto", o.Protocol)
	case o.Compression > CompressionNone:
		return fmt.Errorf("there is no compression %d: use CompressionGzip or CompressionNone", o.Compression)
	case strings.ContainsFunc(o.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("the token has a character that no header can carry: was a line end copied with it?")
	}
	return nil
}

// parseServer reads the server's address. Its errors do not repeat it, because it may
// hold a password.
func parseServer(server string) (*url.URL, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New(`the server's address is not understood: give it as "https://logs.example.com" or "http://127.0.0.1:5678", with a path when it has one`)
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("the server's address has a user, a query or a fragment: give its scheme, host and path alone, and a token in Options.Token")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}
