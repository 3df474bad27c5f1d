package text

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/weirlog/weir/record"
)

// group is a record whose lines are coming.
type group struct {
	open   bool
	rec    record.Record // of the first line
	headed bool          // the first line has a time or level
	first  int           // bytes of the first line

	more     []byte // the lines after the first, each behind a \n
	lines    int    // all of them
	end      int64  // where the last one ends in the stream
	indented bool   // one of them is

	announces bool     // the last line ends as one in front of what it is about: response:
	payload   brackets // of JSON that a line announced; complete when none is coming

	trace    trace
	traceAt  int     // where in more the trace of a headed record begins, the first frame of another; -1: not seen
	traceEnd int64   // where in the stream the lines before it end, when an unindented line begins it
	told     [2]int  // where in more the line is that tells the error; empty: the first line does
	empty    []empty // lines that count only when more of the record follows

	part    int    // number of the part, when the record is split
	message string // of the first part
	class   string // the error's, of the first part
}

// empty is an empty line.
type empty struct {
	text string
	time time.Time
	end  int64
}

// start begins a record; headed and trace are the caller's to set.
func (g *group) start(r *record.Record, text string, end int64) {
	g.open, g.rec, g.first, g.lines, g.end = true, *r, len(text), 1, end
	g.more, g.empty, g.indented = g.more[:0], g.empty[:0], false
	g.announces, g.payload = false, brackets{}
	g.traceAt, g.told = -1, [2]int{}
	g.part, g.message, g.class = 0, "", ""
}

// takes tells whether a line without a time, level or indentation goes on with the
// record; size is its length with the colours.
func (g *group) takes(s string, size int) bool {
	if g.trace.language == noTrace {
		if !g.headed || len(g.empty) > 0 {
			return false
		}
		// A line with a host is a daemon's, which writes the lines of many programs.
		grave := g.rec.Severity >= record.SeverityWarn || g.rec.Severity == record.SeverityUnknown && g.rec.Resource == nil
		t, ok := attachTrace(s, grave)
		if ok {
			g.trace, g.traceAt, g.traceEnd = t, len(g.more), g.end
		}
		return ok
	}
	waiting := g.trace.state == wantError
	ok := g.trace.takes(s, len(g.empty) > 0)
	if ok && waiting && g.trace.state != wantError {
		at := len(g.more) + 1
		for _, e := range g.empty {
			at += len(e.text) + 1
		}
		g.told = [2]int{at, at + size}
	}
	return ok
}

// goesOn tells whether an indented line, or one that closes brackets, belongs to the
// record. Behind empty lines that is so in a trace; an indented block may be somebody
// else's, unless it had begun, or was announced, in front of one empty line.
func (g *group) goesOn(plain string) bool {
	if !isIndented(plain) && !(g.indented && isCloser(plain)) {
		return false
	}
	switch len(g.empty) {
	case 0:
		return true
	case 1:
		if g.indented || g.announces {
			return true
		}
	}
	return g.trace.language != noTrace || !g.payload.complete() || frameOf(plain) != noTrace
}

// see learns from an indented line that the record takes.
func (g *group) see(plain string) {
	g.indented = true
	language := frameOf(plain)
	if language == noTrace {
		return
	}
	if g.trace.language == noTrace {
		g.trace.language = language
		if language == python {
			g.trace.state = wantError
		}
	}
	g.trace.sure = true
	if g.traceAt < 0 {
		g.traceAt = len(g.more)
		for _, e := range g.empty {
			g.traceAt += len(e.text) + 1
		}
	}
}

// size is the bytes of the record with the empty lines that wait.
func (g *group) size() int {
	n := g.first + len(g.more)
	for _, e := range g.empty {
		n += len(e.text) + 1
	}
	return n
}

func (g *group) add(text string, end int64) {
	for _, e := range g.empty {
		g.more = append(append(g.more, '\n'), e.text...)
	}
	g.lines += len(g.empty) + 1
	g.more = append(append(g.more, '\n'), text...)
	g.empty, g.end = g.empty[:0], end
}

// joined is how many lines of the part went to the record of a line before them.
func (g *group) joined() uint64 {
	if g.part == 0 {
		return uint64(g.lines - 1)
	}
	return uint64(g.lines)
}

// record makes the record of the lines that have come. Nothing of them is left out:
// a trace is in stack_trace, whole when the record has no other line, and the
// message is then the line that tells the error.
func (g *group) record() record.Record {
	r := g.rec
	switch {
	case g.part > 0:
		g.later(&r)
	case len(g.more) == 0 && g.trace.language != python:
	case !g.trace.sure || hasAttr(&r, "stack_trace"):
		r.Message += string(g.more)
	case g.headed && g.traceAt >= len(g.more): // it begins with the next part
		r.Message += string(g.more)
	case g.headed:
		at := max(g.traceAt, 0)
		r.Message += string(g.more[:at])
		g.addTrace(&r, string(g.more[min(at+1, len(g.more)):]), g.classOfHeaded(at))
	default:
		text := r.Message + string(g.more)
		first := r.Message
		r.Message = g.headline(text)
		g.addTrace(&r, text, g.classOf(first, r.Message))
	}
	return r
}

// later makes the record of a later part.
func (g *group) later(r *record.Record) {
	text := string(g.more[min(1, len(g.more)):])
	if !g.trace.sure {
		r.Message = text
		return
	}
	if r.Message = g.message; r.Message == "" { // it was not known for a trace before
		r.Message = firstLine(text)
	}
	g.addTrace(r, text, g.class)
}

func (g *group) addTrace(r *record.Record, text, class string) {
	if r.Severity == record.SeverityUnknown && r.Level == "" {
		r.Severity = record.SeverityError
	}
	if !g.headed && hasAnyPrefix(text, "fatal error: ", "SIG", "unexpected fault address ", "runtime: ") && g.trace.language == golang {
		r.Severity = record.SeverityFatal
	}
	attrs := append(r.Attrs[:len(r.Attrs):len(r.Attrs)], slog.String("stack_trace", text))
	if class != "" && !hasAttr(r, "error_type") {
		attrs = append(attrs, slog.String("error_type", class))
	}
	r.Attrs, g.message, g.class = attrs, r.Message, class
}

// headline is what tells the error in a trace that has no line in front.
func (g *group) headline(text string) string {
	told := g.toldLine()
	switch {
	case g.trace.language == rust && told != "":
		return g.rec.Message + "\n" + told
	case told != "":
		return told
	case g.trace.language == framed && g.traceAt > 0 && g.traceAt <= len(g.more): // else it begins with the next part
		return text[:len(g.rec.Message)+g.traceAt]
	}
	return g.rec.Message
}

// toldLine is the line that tells the error, "" when it is the first or has not come.
func (g *group) toldLine() string {
	if g.told[1] > len(g.more) {
		return ""
	}
	return string(g.more[g.told[0]:g.told[1]])
}

func (g *group) classOf(first, told string) string {
	switch g.trace.language {
	case python:
		if told != first {
			plain, _ := stripColors(told)
			name, _ := pythonError(plain)
			return name
		}
	case framed:
		plain, _ := stripColors(told)
		return errorIn(firstLine(plain))
	}
	return ""
}

func (g *group) classOfHeaded(at int) string {
	switch g.trace.language {
	case python:
		plain, _ := stripColors(g.toldLine())
		name, _ := pythonError(plain)
		return name
	case framed:
		plain, _ := stripColors(firstLine(string(g.more[min(at+1, len(g.more)):])))
		if class, ok := errorName(plain); ok {
			return class
		}
		plain, _ = stripColors(firstLine(g.rec.Message))
		return errorIn(plain)
	}
	return ""
}

// split makes the record of a part, and lets the group go on with the next.
func (g *group) split(reason string) record.Record {
	r := g.record()
	g.number(&r, reason)
	*g = group{
		open: true, headed: g.headed, end: g.end, indented: true, payload: g.payload, traceAt: 0, trace: g.trace,
		part: max(g.part, 1) + 1, message: g.message, class: g.class, more: g.more[:0], empty: g.empty,
		rec: record.Record{Time: r.Time, Severity: r.Severity, Level: r.Level, Logger: r.Logger, Resource: r.Resource},
	}
	return r
}

// number marks a record as a part.
func (g *group) number(r *record.Record, reason string) {
	markPart(r, max(g.part, 1), reason)
}

func markPart(r *record.Record, part int, reason string) {
	r.Attrs = append(r.Attrs[:len(r.Attrs):len(r.Attrs)], slog.Int("_part", part))
	record.MarkRepaired(r, []record.Repair{{Field: "message", Reason: fmt.Sprintf("%s and was split, this is part %d", reason, part)}})
}

func hasAttr(r *record.Record, key string) bool {
	for i := range r.Attrs {
		if r.Attrs[i].Key == key {
			return true
		}
	}
	return false
}

func firstLine(s string) string {
	for i := range len(s) {
		if s[i] == '\n' {
			return s[:i]
		}
	}
	return s
}
