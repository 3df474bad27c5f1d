package weirtest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
)

// AssertLogged fails the test unless a record was captured of that level, with that
// message and, among others, these attributes. An attribute's key may be dotted and may be
// a field's name; a group asks for each of its members. Values are compared as they are on
// the wire.
func AssertLogged(t testing.TB, c *Capture, level slog.Level, message string, attrs ...slog.Attr) {
	t.Helper()
	w := newWanted(level, message, attrs)
	records := c.Records()
	if w.count(records) == 0 {
		t.Errorf("not logged: %s\n%s", w, w.instead(records))
	}
}

// AssertNotLogged fails the test if there is such a record; see AssertLogged.
func AssertNotLogged(t testing.TB, c *Capture, level slog.Level, message string, attrs ...slog.Attr) {
	t.Helper()
	w := newWanted(level, message, attrs)
	records := c.Records()
	if n := w.count(records); n > 0 {
		t.Errorf("logged %s: %s\n%s", times(n), w, w.instead(records))
	}
}

// AssertCount fails the test unless there are just so many such records; see
// AssertLogged. How many there are in all tells Capture.Len.
func AssertCount(t testing.TB, c *Capture, count int, level slog.Level, message string, attrs ...slog.Attr) {
	t.Helper()
	w := newWanted(level, message, attrs)
	records := c.Records()
	if n := w.count(records); n != count {
		t.Errorf("logged %s, want %s: %s\n%s", times(n), times(count), w, w.instead(records))
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// wanted is a record that is looked for.
type wanted struct {
	severity record.Severity
	message  string
	attrs    []slog.Attr // without groups, with dotted keys
}

func newWanted(level slog.Level, message string, attrs []slog.Attr) *wanted {
	return &wanted{severity: record.SeverityOf(int(level)), message: message, attrs: flatten(nil, "", attrs)}
}

func flatten(out []slog.Attr, prefix string, attrs []slog.Attr) []slog.Attr {
	for _, a := range attrs {
		a.Value = a.Value.Resolve()
		if a.Value.Kind() != slog.KindGroup {
			out = append(out, slog.Attr{Key: prefix + a.Key, Value: a.Value})
			continue
		}
		inner := prefix + a.Key + "."
		if a.Key == "" {
			inner = prefix // as slog inlines it
		}
		out = flatten(out, inner, a.Value.Group())
	}
	return out
}

// String tells what is wanted as a record is shown.
func (w *wanted) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %q", levelName(w.severity), w.message)
	for _, a := range w.attrs {
		b.WriteString(" " + a.Key + "=" + wire(a.Value))
	}
	return b.String()
}

func levelName(s record.Severity) string {
	if extra := (s - 1) % 4; s != record.SeverityUnknown && extra != 0 {
		return fmt.Sprintf("%s+%d", s.Level(), extra)
	}
	return s.Level()
}

func (w *wanted) count(records []record.Record) (n int) {
	for i := range records {
		if len(w.differences(&records[i])) == 0 {
			n++
		}
	}
	return n
}

// differences says what of a record is not as wanted.
func (w *wanted) differences(r *record.Record) (out []string) {
	if r.Severity != w.severity {
		out = append(out, "level")
	}
	if r.Message != w.message {
		out = append(out, "message")
	}
	for _, a := range w.attrs {
		switch v, ok := lookup(r, a.Key); {
		case !ok:
			out = append(out, "no "+a.Key)
		case wire(v) != wire(a.Value):
			out = append(out, a.Key+" is "+wire(v))
		}
	}
	return out
}

// lookup finds an attribute or field, null ones too.
func lookup(r *record.Record, name string) (slog.Value, bool) {
	if v, ok := r.Lookup(name); ok {
		return v, true
	}
	for i := len(r.Attrs) - 1; i >= 0; i-- {
		if r.Attrs[i].Key == name {
			return r.Attrs[i].Value, true
		}
	}
	return slog.Value{}, false
}
