package format

import "github.com/weirlog/weir/record"

// Theme is the style of each part of a line. Change what [DefaultTheme] returns to
// make another.
type Theme struct {
	Trace, Debug, Info, Warn, Error, Fatal, Unknown Style // levels

	Time    Style
	Logger  Style
	Loud    Style // the message of an error
	Key     Style // of an attribute
	Source  Style // file and line
	Further Style // further lines of a message, and stack traces
	Divider Style
}

// DefaultTheme returns the colours that every terminal has: amber warnings, red
// errors, and what is read less often dimmed.
func DefaultTheme() Theme {
	const dim, grey = "\x1b[2m", "\x1b[90m"
	return Theme{
		Trace:   Style{grey},
		Debug:   Style{grey},
		Info:    Style{"\x1b[34m"},
		Warn:    Style{"\x1b[33m"},
		Error:   Style{"\x1b[31m"},
		Fatal:   Style{"\x1b[1;37;41m"},
		Unknown: Style{grey},
		Time:    Style{dim},
		Logger:  Style{"\x1b[36m"},
		Loud:    Style{"\x1b[1m"},
		Key:     Style{grey},
		Source:  Style{dim},
		Further: Style{dim},
		Divider: Style{dim},
	}
}

// themeOr returns t's styles, or the default ones when it is nil.
func themeOr(t *Theme) Theme {
	if t == nil {
		return DefaultTheme()
	}
	return *t
}

// level returns the style of a record's level.
func (t *Theme) level(s record.Severity) Style {
	switch {
	case s >= record.SeverityFatal:
		return t.Fatal
	case s >= record.SeverityError:
		return t.Error
	case s >= record.SeverityWarn:
		return t.Warn
	case s >= record.SeverityInfo:
		return t.Info
	case s >= record.SeverityDebug:
		return t.Debug
	case s >= record.SeverityTrace:
		return t.Trace
	}
	return t.Unknown
}
