package weirhttp

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/weirlog/weir/record"
)

// Form is how a stream looks.
type Form uint8

// The forms of a stream.
const (
	// FormAuto is HTML for whom the header Accept prefers it, as browsers do, and text for others.
	FormAuto Form = iota
	FormText
	FormHTML
)

// form writes the parts of a stream. Its methods append and may be called
// concurrently. What a record, a title or an error says is escaped.
type form interface {
	contentType() string
	// head begins the document.
	head(b []byte, title string) []byte
	// record appends a record whose text, with its line end, is given.
	record(b []byte, r *record.Record, text []byte) []byte
	// say appends a line of the program's.
	say(b []byte, text string) []byte
	// note appends a line of the stream's own, which no record looks like.
	note(b []byte, text string) []byte
	// idle appends what shows that the stream is alive.
	idle(b []byte) []byte
	// foot ends the document.
	foot(b []byte) []byte
}

// noteMark begins a line that is no record's.
const noteMark = "--- "

type textForm struct{}

var _ form = textForm{}

func (textForm) contentType() string            { return "text/plain; charset=utf-8" }
func (textForm) head(b []byte, _ string) []byte { return b }
func (textForm) foot(b []byte) []byte           { return b }
func (textForm) idle(b []byte) []byte           { return append(b, noteMark+"still running\n"...) }

func (textForm) note(b []byte, text string) []byte { return appendOwnLine(b, noteMark+onOneLine(text)) }
func (textForm) say(b []byte, text string) []byte  { return appendOwnLine(b, text) }
func (textForm) record(b []byte, _ *record.Record, text []byte) []byte {
	return append(b, text...)
}

// appendOwnLine appends a text of the program's.
func appendOwnLine(b []byte, text string) []byte {
	b = append(b, strings.TrimRight(text, "\r\n")...)
	return append(b, '\n')
}

// onOneLine makes a text of unknown origin, such as an error's, fit for a line:
// without line ends, escape sequences and marks that turn the direction of writing.
func onOneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}

type htmlForm struct{}

var _ form = htmlForm{}

//go:embed stream.css
var streamCSS string

// headPadding is sent before the first line: browsers collect about a kilobyte
// before they show anything.
const headPadding = 1024

func (htmlForm) contentType() string { return "text/html; charset=utf-8" }

func (htmlForm) head(b []byte, title string) []byte {
	b = append(b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>"...)
	b = append(b, html.EscapeString(title)...)
	b = append(b, "</title>\n<style>"...)
	b = append(b, streamCSS...)
	b = append(b, "</style>\n</head>\n<body>\n<!--"...)
	b = append(b, strings.Repeat(" ", headPadding)...)
	return append(b, "-->\n<pre>\n"...)
}

func (htmlForm) record(b []byte, r *record.Record, text []byte) []byte {
	line := html.EscapeString(strings.TrimSuffix(string(text), "\n"))
	// The class is one of a fixed set, never a text from the record.
	class := strings.ToLower(r.Severity.Level())
	if r.Kind == record.KindDivider {
		class = "divider"
	}
	if class == "" || class == "info" { // most lines need no mark
		return append(append(b, line...), '\n')
	}
	b = append(b, `<span class="`...)
	b = append(b, class...)
	b = append(b, `">`...)
	b = append(b, line...)
	return append(b, "</span>\n"...)
}

func (htmlForm) say(b []byte, text string) []byte {
	return appendOwnLine(b, html.EscapeString(strings.TrimRight(text, "\r\n")))
}

func (htmlForm) note(b []byte, text string) []byte {
	b = append(b, `<i>`...)
	b = append(b, html.EscapeString(noteMark+onOneLine(text))...)
	return append(b, "</i>\n"...)
}

func (htmlForm) idle(b []byte) []byte { return append(b, "<!-- still running -->"...) }
func (htmlForm) foot(b []byte) []byte { return append(b, "</pre>\n</body>\n</html>\n"...) }

// jsonForm is NDJSON: a stream of it can be piped into weir. The stream's own lines
// are dividers.
type jsonForm struct{}

var _ form = jsonForm{}

func (jsonForm) contentType() string               { return "application/x-ndjson" }
func (jsonForm) head(b []byte, _ string) []byte    { return b }
func (jsonForm) foot(b []byte) []byte              { return b }
func (jsonForm) idle(b []byte) []byte              { return append(b, '\n') } // readers skip empty lines
func (jsonForm) note(b []byte, text string) []byte { return jsonForm{}.say(b, text) }

func (jsonForm) say(b []byte, text string) []byte {
	return jsonForm{}.record(b, &record.Record{Time: time.Now(), Severity: record.SeverityInfo, Kind: record.KindDivider, Message: text}, nil)
}

func (jsonForm) record(b []byte, r *record.Record, _ []byte) []byte {
	return append(record.AppendJSON(b, r), '\n')
}

// setHeaders announces a stream: it is shown as it comes, by no means guessed at, kept or
// rewritten on the way.
func setHeaders(h http.Header, f form) {
	h.Set("Content-Type", f.contentType())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache, no-store, no-transform") // no-transform: nothing is collected to be compressed
	h.Set("X-Accel-Buffering", "no")                           // nginx hands each line on
	h.Set("Content-Security-Policy", contentSecurityPolicy())
	h.Set("Referrer-Policy", "no-referrer")
	h.Add("Vary", "Accept")
}

// contentSecurityPolicy lets the page have its own style and nothing else: what a
// record holds can neither run nor call out.
func contentSecurityPolicy() string {
	sum := sha256.Sum256([]byte(streamCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}
