package record

import (
	"bytes"
	"log/slog"
	"slices"
	"strconv"
)

// attrList is a list of attributes that is being put together, with unique keys.
type attrList struct {
	all   []slog.Attr
	index map[string]int // from key to place; nil while the list is short
	tried map[string]int // from a key that was taken to the last number tried behind it
}

// indexedFrom is the length from which a map finds a key faster than a look at
// each; it also keeps a record of 10,000 attributes from costing their square.
const indexedFrom = 32

// newAttrList copies attrs into a list with room for more.
func newAttrList(attrs []slog.Attr, room int) attrList {
	l := attrList{all: make([]slog.Attr, len(attrs), len(attrs)+room)}
	copy(l.all, attrs)
	return l
}

func (l *attrList) find(key string) int {
	if len(l.all) < indexedFrom {
		return slices.IndexFunc(l.all, func(a slog.Attr) bool { return a.Key == key })
	}
	if l.index == nil {
		l.index = make(map[string]int, 2*len(l.all))
		for i := range l.all {
			l.index[l.all[i].Key] = i
		}
	}
	if i, ok := l.index[key]; ok {
		return i
	}
	return -1
}

// add appends an attribute whose key must not be in the list.
func (l *attrList) add(a slog.Attr) {
	if l.index != nil {
		l.index[a.Key] = len(l.all)
	}
	l.all = append(l.all, a)
}

// addFree appends an attribute, under a key with a number behind it when its own
// is taken, and returns the key.
func (l *attrList) addFree(a slog.Attr) string {
	a.Key = l.free(a.Key)
	l.add(a)
	return a.Key
}

func (l *attrList) free(key string) string {
	if l.find(key) < 0 {
		return key
	}
	if l.tried == nil {
		l.tried = make(map[string]int)
	}
	for n := max(2, l.tried[key]+1); ; n++ {
		if k := key + "_" + strconv.Itoa(n); l.find(k) < 0 {
			l.tried[key] = n
			return k
		}
	}
}

// rename gives the attribute at i a key that is free.
func (l *attrList) rename(i int, key string) {
	key = l.free(key)
	if l.index != nil {
		delete(l.index, l.all[i].Key)
		l.index[key] = i
	}
	l.all[i].Key = key
}

func (l *attrList) remove(i int) {
	l.all = slices.Delete(l.all, i, i+1)
	l.index = nil
}

// keyBits is a set of keys that may say yes wrongly, never no.
type keyBits uint64

func (b *keyBits) add(key string) (mayBeThere bool) {
	bit := keyBit(key)
	there := *b&bit != 0
	*b |= bit
	return there
}

func (b keyBits) mayHave(key string) bool { return b&keyBit(key) != 0 }

func keyBit(key string) keyBits {
	if key == "" {
		return 1
	}
	return 1 << (nameHash(key) & 63)
}

// LastOfEach removes, in place, all attributes of a key but the last one: the rule for
// keys that come twice. Groups are left as they are.
func LastOfEach(attrs []slog.Attr) []slog.Attr { return lastOfEach(attrs, func(string) {}) }

// lastOfEach removes, in place, all attributes of a key but the last, and calls
// dropped for each removed one whose value was another than the last one's.
func lastOfEach(attrs []slog.Attr, dropped func(key string)) []slog.Attr {
	var seen keyBits
	doubtful := false
	for i := range attrs {
		if seen.add(attrs[i].Key) {
			doubtful = true
		}
	}
	if !doubtful {
		return attrs
	}
	var last map[string]int
	if len(attrs) >= indexedFrom {
		last = make(map[string]int, len(attrs))
		for i := range attrs {
			last[attrs[i].Key] = i
		}
	}
	kept := attrs[:0]
	for i := range attrs {
		at := i
		if last != nil {
			at = last[attrs[i].Key]
		} else {
			for j := i + 1; j < len(attrs); j++ {
				if attrs[j].Key == attrs[i].Key {
					at = j
				}
			}
		}
		if at == i {
			kept = append(kept, attrs[i])
		} else if !sameValue(attrs[i].Value, attrs[at].Value) {
			dropped(attrs[i].Key)
		}
	}
	clear(attrs[len(kept):])
	return kept
}

// sameValue reports whether two values are the same on the wire.
func sameValue(a, b slog.Value) bool {
	if a.Kind() == slog.KindString && b.Kind() == slog.KindString {
		return a.String() == b.String()
	}
	return bytes.Equal(AppendValue(nil, a), AppendValue(nil, b))
}
