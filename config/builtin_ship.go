package config

import (
	"fmt"
	"net/url"
	"slices"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/ship"
)

// The texts of settings for constants of package ship, in the constants' order.
var (
	shipProtocols    = []string{"auto", "weir", "collector"}
	shipCompressions = []string{"gzip", "none"}
)

func shipSink(s *Section) func() (weir.Sink, error) {
	server := s.address("server")
	o := ship.Options{
		BatchRecords:  s.Int("batch_records", ship.DefaultBatchRecords, 1),
		BatchBytes:    s.bytes("batch_bytes", ship.DefaultBatchBytes, 1<<10),
		FlushInterval: s.Duration("flush_interval", ship.DefaultFlushInterval),
		QueueRecords:  s.Int("queue_records", ship.DefaultQueueRecords, 1),
		QueueBytes:    s.bytes("queue_bytes", ship.DefaultQueueBytes, 1<<10),
		Protocol:      enum[ship.Protocol](s, "protocol", shipProtocols),
		GzipFrom:      s.Int("gzip_from", ship.DefaultGzipFrom, 1),
		Retries:       s.Int("retries", 0, 0),
		RetryMin:      s.Duration("retry_min", ship.DefaultRetryMin),
		RetryMax:      s.Duration("retry_max", ship.DefaultRetryMax),
		Timeout:       s.Duration("timeout", ship.DefaultTimeout),
		CloseTimeout:  s.Duration("close_timeout", ship.DefaultCloseTimeout),
		Token:         s.Secret("token"),
		Spool:         s.File("spool", ""),
		SpoolBytes:    s.Size("spool_bytes", ship.DefaultSpoolBytes, 1<<10),
	}
	if s.Has("ca_file") {
		o.CAFile = s.File("ca_file", "")
	}
	packer := s.compression(&o)
	if s.good() {
		checkShip(s, &o)
	}
	return func() (weir.Sink, error) {
		o := o
		if packer != nil {
			o.Compressor = packer()
		}
		return ship.New(server, o)
	}
}

// compression reads how bodies are packed; the func makes a compressor of Options.
func (s *Section) compression(o *ship.Options) func() ship.Compressor {
	if n := s.find("compression"); n != nil && n.Kind == KindText && plain(n.Text) == "zstd" && s.with.packers["zstd"] == nil {
		s.Refuse("compression", "the program has no zstd", "import github.com/weirlog/weir/extra and give Options.Compressors extra.Compressors(), or say gzip")
		return nil
	}
	chosen := s.Choice("compression", shipCompressions[0], append(slices.Clone(shipCompressions), names(s.with.packers)...)...)
	if make, ok := s.with.packers[chosen]; ok {
		return make
	}
	o.Compression = ship.Compression(slices.Index(shipCompressions, chosen))
	return nil
}

// checkShip refuses bounds that contradict each other.
func checkShip(s *Section, o *ship.Options) {
	if o.BatchRecords > o.QueueRecords {
		s.Refuse("batch_records", fmt.Sprintf("a batch of %d does not fit into queue_records (%d)", o.BatchRecords, o.QueueRecords), "lower it, or raise queue_records")
	}
	if o.BatchBytes > o.QueueBytes {
		s.Refuse("batch_bytes", fmt.Sprintf("a batch of %s does not fit into queue_bytes (%s)", showSize(int64(o.BatchBytes)), showSize(int64(o.QueueBytes))), "lower it, or raise queue_bytes")
	}
	if o.RetryMin > o.RetryMax {
		s.Refuse("retry_min", fmt.Sprintf("%s is more than retry_max (%s)", showDuration(o.RetryMin), showDuration(o.RetryMax)), "lower it, or raise retry_max")
	}
	if s.Has("spool_bytes") && o.Spool == "" {
		s.Refuse("spool_bytes", "there is no spool that it bounds", "set spool to a directory, or to "+ship.SpoolUserCache)
	}
}

// address returns a server's address. It is not shown when it is wrong: it may hold
// a password.
func (s *Section) address(key string) string {
	n := s.of(key, KindText, "")
	if n == nil {
		if !s.Has(key) {
			s.Refuse("", "the key "+key+" is missing", "the server's address, as https://logs.example.com")
		}
		return ""
	}
	u, err := url.Parse(n.Text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		s.refuseValue(n, s.join(key), "it is not a server's address", "as https://logs.example.com or http://127.0.0.1:5678", nil)
		return ""
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		s.refuseValue(n, s.join(key), "the address has a user, a query or a fragment", "give scheme, host and path alone, and the token as token", nil)
		return ""
	}
	s.note(key, n.Text, n)
	return n.Text
}
