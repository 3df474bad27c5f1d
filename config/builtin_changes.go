package config

import (
	"github.com/weirlog/weir"
	"github.com/weirlog/weir/processor"
)

func redactProcessor(s *Section) func() (weir.Processor, error) {
	o := processor.RedactOptions{
		Keys:          s.Texts("keys"),
		NoDefaultKeys: !s.Bool("default_keys", true),
		Patterns:      s.Texts("patterns"),
		Without:       s.Texts("without"),
		Paths:         s.Bool("paths", false),
		Replacement:   s.Text("replacement", processor.DefaultReplacement),
	}
	return func() (weir.Processor, error) { return processor.Redact(o) }
}

func stripMarkupProcessor(s *Section) func() (weir.Processor, error) {
	o := processor.StripOptions{Rich: s.Bool("rich", false)}
	return func() (weir.Processor, error) { return processor.StripMarkup(o), nil }
}

func errorsProcessor(s *Section) func() (weir.Processor, error) {
	o := processor.ErrorsOptions{
		RemoveText: s.Bool("remove_text", false),
		MaxFrames:  s.Int("max_frames", processor.DefaultMaxFrames, 1),
	}
	return func() (weir.Processor, error) { return processor.Errors(o), nil }
}
