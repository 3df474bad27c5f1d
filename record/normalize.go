package record

import (
	"log/slog"
	"strings"
	"time"
)

// Normalize makes r fit to be stored and tells what it changed:
//
//   - text is made valid UTF-8 without NUL; each replaced byte becomes U+FFFD and
//     the originals are noted, so that the change can be undone ([Restore]), in the
//     attribute "_replaced" (a group from dotted field name to "offset:hex,…",
//     offsets in bytes of the original text; " (key)" follows the name when it is
//     the key that was changed);
//   - top-level attributes trace_id, span_id, logger, and those that a Resource
//     has, move to the fields of that name when they are text; a resource's field
//     is overridden, while one of the others that is set already stays and the
//     attribute becomes "_conflict.<name>";
//   - numbers and booleans become text in attributes that are text fields;
//   - a level's text becomes its severity; an alias that says more stays as
//     "level_text";
//   - a trace id that is a dashed UUID loses its dashes;
//   - times are cut to microseconds and set to UTC, and those outside the years
//     1 to 9999 are replaced by Observed and kept as the attribute created_at; a
//     time that is absent is taken from Observed;
//   - attributes keep the last of each key; nulls at the top level are dropped, and
//     so is deleted=false;
//   - what exceeds MaxDepth or MaxAttributes is kept as text.
//
// It is idempotent, changes no attribute slice that it was given (it copies what
// it must change), and returns nil when nothing was repaired. A normalized
// record's JSON, parsed and normalized again, is the same record: its JSON is the
// same.
func Normalize(r *Record) []Repair { return Normalizer{}.Normalize(r) }

// Normalizer normalizes many records: those whose resource must be changed in the
// same way share the changed one.
type Normalizer struct {
	Resources *Interner // nil: each record gets its own
}

// Normalize is [Normalize].
func (n Normalizer) Normalize(r *Record) []Repair {
	var c cleaner
	c.times(r)
	c.severity(r)
	r.Message = c.text("message", r.Message)
	r.Logger = c.text("logger", r.Logger)
	r.TraceID = c.text("trace_id", r.TraceID)
	r.SpanID = c.text("span_id", r.SpanID)
	r.SourceID = c.text("source_id", r.SourceID)
	if r.Kind > KindCheckpoint {
		r.Kind = KindLog
		c.repair("kind", "not log, divider or checkpoint")
	}
	if r.ID < 0 {
		r.ID = 0
	}
	if !r.Resource.clean() {
		changed := *r.Resource
		for id := range FieldID(NumFields) {
			if attrRoles[id] == roleOf {
				p := changed.fieldPtr(id)
				*p = c.text(Fields[id].Name, *p)
			}
		}
		r.Resource = n.Resources.Intern(changed)
	}
	if c.attrsNeedWork(r) {
		n.attributes(&c, r)
	}
	r.TraceID = undashed(r.TraceID)
	if len(c.extra) > 0 || len(c.replaced) > 0 {
		c.addExtra(r)
	}
	return c.repairs
}

// cleaner collects what normalizing one record changes.
type cleaner struct {
	repairs  []Repair
	replaced []slog.Attr // entries for _replaced
	extra    []slog.Attr // attributes to add
	path     []string    // the keys around the value being looked at
}

func (c *cleaner) repair(field, reason string) {
	c.repairs = append(c.repairs, Repair{Field: field, Reason: reason})
}

// text returns s made valid; name is where it stands.
func (c *cleaner) text(name, s string) string {
	if clean(s) {
		return s
	}
	s, note := cleanText(s)
	c.replaced = append(c.replaced, slog.String(name, note))
	c.repair(name, reasonReplaced)
	return s
}

func (c *cleaner) times(r *Record) {
	r.Observed = wireTime(r.Observed)
	if !inYears(r.Observed) {
		c.repair("observed_at", "outside the years 1 to 9999")
		r.Observed = time.Time{}
	}
	if r.Time.IsZero() {
		r.Time = r.Observed
		return
	}
	t := wireTime(r.Time)
	if t.IsZero() {
		t = r.Observed
	}
	if !inYears(t) {
		text := t.Format(time.RFC3339Nano)
		c.repair("created_at", "outside the years 1 to 9999: "+text)
		c.extra = append(c.extra, slog.String("created_at", text))
		t = r.Observed
	}
	r.Time = t
}

func wireTime(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func (c *cleaner) severity(r *Record) {
	if r.Severity > severityMax {
		c.repair("severity", "above 24")
		r.Severity = severityMax
	}
	if r.Severity != SeverityUnknown {
		r.Level = ""
		return
	}
	if r.Level == "" {
		return
	}
	if more := r.setLevel(r.Level); more != "" {
		c.extra = append(c.extra, slog.String(AttrLevelText, more))
	}
	r.Level = c.text("level", r.Level)
}

func (res *Resource) clean() bool {
	return res == nil || clean(res.Service) && clean(res.Environment) && clean(res.ServiceVersion) && clean(res.LogType) && clean(res.Host)
}

// undashed removes the dashes of a UUID.
func undashed(id string) string {
	if !isDashedUUID(id) {
		return id
	}
	return strings.ReplaceAll(id, "-", "")
}

func isDashedUUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
}

// CanonicalTraceID returns a trace id as records are stored with it: a dashed UUID
// loses its dashes.
func CanonicalTraceID(id string) string { return undashed(id) }

// addExtra adds what was collected to r's attributes, on a copy.
func (c *cleaner) addExtra(r *Record) {
	attrs := newAttrList(r.Attrs, len(c.extra)+1)
	for _, a := range c.extra {
		if at := attrs.find(a.Key); at >= 0 && sameValue(attrs.all[at].Value, a.Value) {
			continue
		} else if at >= 0 {
			a.Key = ConflictPrefix + a.Key
		}
		attrs.addFree(a)
	}
	if len(c.replaced) > 0 {
		var notes attrList
		if at := attrs.find(AttrReplaced); at >= 0 {
			if there := attrs.all[at].Value; there.Kind() == slog.KindGroup {
				notes = newAttrList(there.Group(), len(c.replaced))
				attrs.remove(at)
			} else {
				attrs.rename(at, ConflictPrefix+AttrReplaced)
			}
		}
		for _, note := range c.replaced {
			notes.addFree(note)
		}
		attrs.add(slog.Attr{Key: AttrReplaced, Value: slog.GroupValue(notes.all...)})
	}
	r.Attrs = attrs.all
}
