package config

import (
	"time"

	"github.com/weirlog/weir/format"
)

// The texts of settings for constants of package format, in the constants' order.
var (
	colorNames     = []string{"auto", "always", "never"}
	levelForms     = []string{"by_name", "weir", "python", "lower"}
	multiLineForms = []string{"escape", "indent"}
	attrsForms     = []string{"pairs", "json"}
)

func builtinFormats() map[string]FormatBuilder {
	return map[string]FormatBuilder{"json": jsonFormat, "text": textFormat, "console": consoleFormat}
}

// enum is Choice for the constants of a type, named in their order; the first is the
// default.
func enum[T ~uint8](s *Section, key string, names []string) T {
	chosen := s.Choice(key, names[0], names...)
	for i, name := range names {
		if name == chosen {
			return T(i)
		}
	}
	return 0
}

func jsonFormat(s *Section) func() (format.Formatter, error) {
	o := format.JSONOptions{
		Indent:   s.intBetween("indent", 0, 0, format.MaxIndent),
		SortKeys: s.Bool("sort_keys", false),
		ASCII:    s.Bool("ascii", false),
		SkipKeys: s.Texts("skip_keys"),
	}
	prefix := s.Format("prefix")
	return func() (format.Formatter, error) {
		o := o
		if prefix != nil {
			var err error
			if o.Prefix, err = prefix(); err != nil {
				return nil, err
			}
		}
		return format.JSON(o), nil
	}
}

func textFormat(s *Section) func() (format.Formatter, error) {
	layout := s.needText("layout", `as "%(asctime)s %(levelname)-8s %(name)s: %(message)s"`)
	o := format.TextOptions{
		Location:    s.zone("time_zone"),
		Levels:      enum[format.LevelNames](s, "levels", levelForms),
		MultiLine:   enum[format.MultiLine](s, "multi_line", multiLineForms),
		Attrs:       enum[format.AttrsForm](s, "attrs", attrsForms),
		Missing:     s.Text("missing", ""),
		Color:       enum[format.Color](s, "color", colorNames),
		ColorFields: s.Texts("color_fields"),
		Theme:       s.theme("theme"),
	}
	if s.Has("date_format") {
		o.DateFormat = s.Text("date_format", "")
		if _, err := format.ParseTimeFormat(o.DateFormat); err != nil {
			s.Refuse("date_format", err.Error(), "")
		}
	}
	if layout != "" {
		s.checkLayout(layout, o.ColorFields)
	}
	return func() (format.Formatter, error) { return format.Text(layout, o) }
}

// checkLayout refuses a wrong layout, or wrong color_fields for it, whatever else is wrong.
func (s *Section) checkLayout(layout string, colored []string) {
	if _, err := format.Text(layout, format.TextOptions{}); err != nil {
		s.Refuse("layout", err.Error(), "")
	} else if _, err := format.Text(layout, format.TextOptions{ColorFields: colored}); err != nil {
		s.Refuse("color_fields", err.Error(), "")
	}
}

func consoleFormat(s *Section) func() (format.Formatter, error) {
	o := format.ConsoleOptions{
		Color:    enum[format.Color](s, "color", colorNames),
		Theme:    s.theme("theme"),
		Location: s.zone("time_zone"),
		NoTime:   !s.Bool("time", true),
		NoSource: !s.Bool("source", true),
	}
	if s.Has("date_format") {
		var err error
		if o.Time, err = format.ParseTimeFormat(s.Text("date_format", "")); err != nil {
			s.Refuse("date_format", err.Error(), "")
		}
	}
	return func() (format.Formatter, error) { return format.Console(o), nil }
}

// needText is Text for a key that must be there.
func (s *Section) needText(key, hint string) string {
	if !s.Has(key) {
		s.Refuse("", "the key "+key+" is missing", hint)
		return ""
	}
	text := s.Text(key, "")
	if text == "" && s.find(key).Kind == KindText {
		s.Refuse(key, "the text is empty", hint)
	}
	return text
}

// zone returns a time zone: local, UTC, or a name as Europe/Vienna.
func (s *Section) zone(key string) *time.Location {
	name := s.Text(key, "local")
	if plain(name) == "local" {
		return time.Local
	}
	if plain(name) == "utc" {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		s.Refuse(key, "there is no time zone "+name, "local, UTC, or a name as Europe/Vienna")
		return time.Local
	}
	return zone
}

// theme returns the default theme with the styles that are set; nil without the key.
func (s *Section) theme(key string) *format.Theme {
	styles := s.Section(key)
	if styles == nil {
		return nil
	}
	t := format.DefaultTheme()
	for _, part := range []struct {
		key   string
		style *format.Style
	}{
		{"trace", &t.Trace},
		{"debug", &t.Debug},
		{"info", &t.Info},
		{"warn", &t.Warn},
		{"error", &t.Error},
		{"fatal", &t.Fatal},
		{"unknown", &t.Unknown},
		{"time", &t.Time},
		{"logger", &t.Logger},
		{"loud", &t.Loud},
		{"key", &t.Key},
		{"source", &t.Source},
		{"further", &t.Further},
		{"divider", &t.Divider},
	} {
		if !styles.Has(part.key) {
			continue
		}
		style, err := format.ParseStyle(styles.Text(part.key, ""))
		if err != nil {
			styles.Refuse(part.key, err.Error(), "")
		}
		*part.style = style
	}
	styles.unknown()
	return &t
}
