package record

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
)

// Names of attributes that reading and repairing a record may add.
const (
	AttrReplaced   = "_replaced"  // a group from dotted names to the bytes replaced there, "offset:hex,…"
	AttrRepaired   = "_repaired"  // a list of texts "field: reason"
	AttrRest       = "_rest"      // as text, what exceeded MaxAttributes: JSON objects, one on a line
	AttrLevelText  = "level_text" // the level as it came, when it says more than the level
	ConflictPrefix = "_conflict." // before the name of a value whose place was taken
)

// Repair is one thing that was changed so that a record could be kept.
type Repair struct {
	Field  string // the field or attribute, dotted
	Reason string // for people: "not a number", "NUL and invalid UTF-8 replaced"
}

// MarkRepaired notes repairs in the attribute _repaired, after those that are
// there. It changes no slice that r shares.
func MarkRepaired(r *Record, repairs []Repair) {
	if len(repairs) == 0 {
		return
	}
	var list []slog.Value
	attrs := newAttrList(r.Attrs, 2)
	if at := attrs.find(AttrRepaired); at >= 0 {
		if there, ok := attrs.all[at].Value.Any().([]slog.Value); ok {
			list = append(list, there...)
			attrs.remove(at)
		} else {
			attrs.rename(at, ConflictPrefix+AttrRepaired)
		}
	}
	for _, rep := range repairs {
		text, _ := cleanText(rep.Field + ": " + rep.Reason)
		same := func(v slog.Value) bool { return v.Kind() == slog.KindString && v.String() == text }
		if len(list) > maxCompared || !slices.ContainsFunc(list, same) {
			list = append(list, slog.StringValue(text))
		}
	}
	attrs.add(slog.Attr{Key: AttrRepaired, Value: slog.AnyValue(list)})
	r.Attrs = attrs.all
}

// maxCompared bounds the search for a repair that is told already.
const maxCompared = 64

// oneLine keeps a reason readable when it quotes what came.
func oneLine(text string) string {
	const shown = 64 // enough to recognise a value; the value itself is kept as an attribute
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= shown {
		return strconv.Quote(text)
	}
	cut := shown
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return strconv.Quote(text[:cut]) + "…"
}
