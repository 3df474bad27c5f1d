package config

import (
	"log/slog"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
	"github.com/weirlog/weir/query"
)

func builtinProcessors() map[string]ProcessorBuilder {
	return map[string]ProcessorBuilder{
		"level":        levelProcessor,
		"drop":         keysProcessor(processor.Drop),
		"keep":         keysProcessor(processor.Keep),
		"rename":       renameProcessor,
		"defaults":     defaultsProcessor,
		"callsite":     callsiteProcessor,
		"redact":       redactProcessor,
		"sample":       sampleProcessor,
		"deduplicate":  deduplicateProcessor,
		"rate_limit":   rateLimitProcessor,
		"strip_markup": stripMarkupProcessor,
		"errors":       errorsProcessor,
		"filter":       filterProcessor,
	}
}

func levelProcessor(s *Section) func() (weir.Processor, error) {
	var least slog.Leveler = weir.LevelInfo
	if level := s.Level("level"); level != nil {
		least = level
	}
	return func() (weir.Processor, error) { return processor.Level(least), nil }
}

func keysProcessor(make func(keys ...string) weir.Processor) ProcessorBuilder {
	return func(s *Section) func() (weir.Processor, error) {
		keys := s.needTexts("keys")
		return func() (weir.Processor, error) { return make(keys...), nil }
	}
}

func renameProcessor(s *Section) func() (weir.Processor, error) {
	keys := make(map[string]string)
	names := s.Section("keys")
	if names == nil {
		if !s.Has("keys") {
			s.Refuse("", "the key keys is missing", `as {"old_name": "new_name"}`)
		}
		return nil
	}
	for _, key := range names.Keys() {
		keys[key] = names.needText(key, "the new name")
	}
	return func() (weir.Processor, error) { return processor.Rename(keys), nil }
}

func defaultsProcessor(s *Section) func() (weir.Processor, error) {
	attrs := s.Attrs("attrs")
	if !s.Has("attrs") {
		s.Refuse("", "the key attrs is missing", `as {"env": "production"}`)
	}
	return func() (weir.Processor, error) { return processor.Defaults(attrs...), nil }
}

func callsiteProcessor(s *Section) func() (weir.Processor, error) {
	fields := s.Texts("fields")
	return func() (weir.Processor, error) { return processor.Callsite(fields...) }
}

func sampleProcessor(s *Section) func() (weir.Processor, error) {
	o := processor.SampleOptions{
		Interval:   s.Duration("interval", processor.DefaultSampleInterval),
		First:      orNone(s.Int("first", processor.DefaultSampleFirst, 0)),
		Thereafter: orNone(s.Int("thereafter", processor.DefaultSampleThereafter, 0)),
		Keys:       s.Texts("keys"),
		MaxKeys:    s.Int("max_keys", processor.DefaultMaxKeys, 1),
		Errors:     s.Bool("errors", false),
	}
	return func() (weir.Processor, error) { return processor.Sample(o), nil }
}

// orNone is the number of an option whose zero means its default, and below zero none.
func orNone(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

func deduplicateProcessor(s *Section) func() (weir.Processor, error) {
	o := processor.DeduplicateOptions{
		Window:      s.Duration("window", processor.DefaultDeduplicateWindow),
		Keys:        s.Texts("keys"),
		Consecutive: s.Bool("consecutive", false),
		MaxKeys:     s.Int("max_keys", processor.DefaultMaxKeys, 1),
	}
	return func() (weir.Processor, error) { return processor.Deduplicate(o), nil }
}

func rateLimitProcessor(s *Section) func() (weir.Processor, error) {
	const most = 1e9 // a rate above one a nanosecond is none
	o := processor.RateLimitOptions{
		PerSecond:   s.Float("per_second", processor.DefaultRatePerSecond, 1e-6, most),
		Keys:        s.Texts("keys"),
		MaxKeys:     s.Int("max_keys", processor.DefaultMaxKeys, 1),
		ReportEvery: s.Duration("report_every", processor.DefaultRateReportEvery),
	}
	if s.Has("burst") {
		o.Burst = s.Int("burst", 1, 1)
	}
	return func() (weir.Processor, error) { return processor.RateLimit(o), nil }
}

func filterProcessor(s *Section) func() (weir.Processor, error) {
	text := s.needText("query", `in the search language, as "-path:/healthz"`)
	filter, err := query.Parse(text, time.Now())
	if err != nil {
		s.Refuse("query", err.Error(), "")
	}
	return func() (weir.Processor, error) { return processor.Filter(filter), nil }
}

// needTexts is Texts for a list that must be there and have an entry.
func (s *Section) needTexts(key string) []string {
	if !s.Has(key) {
		s.Refuse("", "the key "+key+" is missing", `a list of texts, as ["a", "b"]`)
		return nil
	}
	list := s.Texts(key)
	if len(list) == 0 && s.find(key).Kind == KindList && len(s.find(key).Items) == 0 {
		s.Refuse(key, "the list is empty", "name something, or leave the part out")
	}
	return list
}
