package dashboard

import (
	_ "embed"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strings"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// tail answers GET /api/v1/tail with text that grows.
func (d *Dashboard) tail(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Query().Get("format") {
	case "", "text":
		d.follow(w, r, &textTail{})
	case "html":
		d.follow(w, r, &htmlTail{name: d.opts.Name})
	default:
		writeError(w, *badRequest("bad_request", "format is none of text, html", "leave it out for text"))
	}
}

// gapLine says in words what a gap is.
func gapLine(g *view.Gap) string {
	why := map[string]string{
		view.GapSlow:    "they came faster than this stream was read",
		view.GapReplay:  "more was missed than the stream was asked to replay",
		view.GapEvicted: "they have left the memory",
	}[g.Reason]
	if why == "" {
		why = g.Reason
	}
	if g.Stored {
		why += "; a search finds them"
	}
	return fmt.Sprintf("--- %d records are not shown here: %s", g.Skipped, why)
}

// textTail writes a feed as plain text.
type textTail struct{}

var _ encoder = (*textTail)(nil)

func (*textTail) contentType() string { return "text/plain; charset=utf-8" }

// wait: an empty frame says nothing in text.
func (*textTail) wait() time.Duration { return time.Hour }

func (*textTail) begin(dst []byte, plainText string) []byte {
	if plainText != "" {
		dst = append(dst, "--- the query is searched as plain text: "...)
		dst = appendText(dst, plainText)
		dst = append(dst, '\n')
	}
	return dst
}

func (*textTail) frame(dst []byte, f view.Frame) []byte {
	if f.Gap != nil {
		dst = append(dst, gapLine(f.Gap)...)
		dst = append(dst, '\n')
	}
	for i := range f.Records {
		dst = appendLine(dst, &f.Records[i])
	}
	return dst
}

func (*textTail) end(dst []byte, err error) []byte { return append(dst, endLine(err)+"\n"...) }

// endLine says why a text grows no more.
func endLine(err error) string {
	if errors.Is(err, hub.ErrClosed) {
		return "--- the log has ended"
	}
	return "--- this stream was ended: " + string(appendText(nil, err.Error()))
}

//go:embed tail.css
var tailCSS []byte

func (d *Dashboard) tailStyle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Write(tailCSS)
}

// htmlTail writes a feed as a page that grows, for a browser without JavaScript.
type htmlTail struct {
	name string
	line []byte
}

var _ encoder = (*htmlTail)(nil)

func (*htmlTail) contentType() string { return "text/html; charset=utf-8" }

func (*htmlTail) wait() time.Duration { return time.Hour }

// headPadding is sent before the first line: browsers collect about a kilobyte
// before they show anything.
const headPadding = 1024

func (t *htmlTail) begin(dst []byte, plainText string) []byte {
	dst = append(dst, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n<link rel=\"stylesheet\" href=\"tail.css\">\n<title>"...)
	title := "Weir"
	if t.name != "" {
		title = t.name + " · Weir"
	}
	dst = append(dst, html.EscapeString(title)...)
	dst = append(dst, "</title>\n</head>\n<body>\n<!--"...)
	dst = append(dst, strings.Repeat(" ", headPadding)...)
	dst = append(dst, "-->\n<p class=\"note\">New records appear below.</p>\n"...)
	if plainText != "" {
		dst = t.note(dst, "the query is searched as plain text: "+string(appendText(nil, plainText)))
	}
	return dst
}

func (t *htmlTail) frame(dst []byte, f view.Frame) []byte {
	if f.Gap != nil {
		dst = t.note(dst, gapLine(f.Gap))
	}
	for i := range f.Records {
		r := &f.Records[i]
		dst = append(dst, `<div class="`...)
		dst = append(dst, levelClass(r)...)
		dst = append(dst, `">`...)
		t.line = appendLine(t.line[:0], r)
		dst = append(dst, html.EscapeString(strings.TrimSuffix(string(t.line), "\n"))...)
		dst = append(dst, "</div>\n"...)
	}
	return dst
}

func (t *htmlTail) note(dst []byte, text string) []byte {
	dst = append(dst, `<p class="note">`...)
	dst = append(dst, html.EscapeString(text)...)
	return append(dst, "</p>\n"...)
}

func (t *htmlTail) end(dst []byte, err error) []byte {
	dst = t.note(dst, endLine(err))
	return append(dst, "</body>\n</html>\n"...)
}

// levelClass is a class of tail.css, never a text from the record.
func levelClass(r *record.Record) string {
	if level := r.Severity.Level(); level != "" {
		return strings.ToLower(level)
	}
	return "unknown"
}
