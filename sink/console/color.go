package console

import (
	"io"
	"os"
	"strings"

	"github.com/weirlog/weir/record"

	"github.com/weirlog/weir/internal/terminal"
)

// The colours, which every terminal has.
const (
	reset  = "\x1b[0m"
	bold   = "\x1b[1m"
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m" // amber in most palettes
	blue   = "\x1b[34m"
	cyan   = "\x1b[36m"
	grey   = "\x1b[90m"
	alarm  = "\x1b[1;37;41m"
)

func levelColor(s record.Severity) string {
	switch {
	case s >= record.SeverityFatal:
		return alarm
	case s >= record.SeverityError:
		return red
	case s >= record.SeverityWarn:
		return yellow
	case s >= record.SeverityInfo:
		return blue
	}
	return grey
}

// wantsColor applies https://no-color.org and its opposite.
func wantsColor(w io.Writer, env func(string) (string, bool)) bool {
	if v, ok := env("NO_COLOR"); ok && v != "" {
		return false
	}
	if v, ok := env("FORCE_COLOR"); ok && v != "" {
		return v != "0" && !strings.EqualFold(v, "false")
	}
	if term, _ := env("TERM"); term == "dumb" {
		return false
	}
	f, ok := w.(*os.File)
	return ok && terminal.Is(f) && understandsEscapes(f)
}
