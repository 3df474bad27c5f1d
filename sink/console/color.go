package console

import (
	"io"
	"os"
	"strings"

	"github.com/weirlog/weir/internal/terminal"
)

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
