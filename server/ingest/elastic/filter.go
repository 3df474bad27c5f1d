package elastic

import (
	"net/http"
	"path"
	"strings"
)

// filter is the parameter filter_path: which parts of an answer a client wants. The
// zero filter keeps all.
type filter struct {
	include, exclude [][]string
}

// Limits of filter_path, because matching takes longer the more there is: clients send
// three patterns of three names. What is beyond them is not looked at.
const (
	maxPatterns = 32
	maxNames    = 8
	maxPattern  = 256 // bytes
)

// filterOf reads a request's filter_path: patterns of dotted names with commas between
// them, in which * stands for a part of a name and ** for any names; with a minus in
// front what they match is left out.
func filterOf(r *http.Request) (f filter) {
	for _, list := range r.URL.Query()["filter_path"] {
		for pattern := range strings.SplitSeq(list, ",") {
			pattern = strings.TrimSpace(pattern)
			if pattern == "" || len(pattern) > maxPattern || strings.Count(pattern, ".") >= maxNames || len(f.include)+len(f.exclude) == maxPatterns {
				continue
			}
			if rest, ok := strings.CutPrefix(pattern, "-"); ok {
				f.exclude = append(f.exclude, strings.Split(rest, "."))
			} else {
				f.include = append(f.include, strings.Split(pattern, "."))
			}
		}
	}
	return f
}

// keeps reports whether the part of that name is wanted, with all that is in it.
func (f *filter) keeps(names ...string) bool {
	for _, pattern := range f.exclude {
		if matches(pattern, names) {
			return false
		}
	}
	if len(f.include) == 0 {
		return true
	}
	for _, pattern := range f.include {
		if matches(pattern, names) {
			return true
		}
	}
	return false
}

// matches reports whether a pattern names the part, or something that it is in.
func matches(pattern, names []string) bool {
	for i, p := range pattern {
		if p == "**" {
			for skip := range len(names) + 1 {
				if matches(pattern[i+1:], names[skip:]) {
					return true
				}
			}
			return false
		}
		if len(names) == 0 {
			return false
		}
		if ok, err := path.Match(p, names[0]); err != nil || !ok {
			return false
		}
		names = names[1:]
	}
	return true
}

// fields are the parts that are wanted of an operation's item.
func (f *filter) fields(o op) fieldSet {
	keeps := func(names ...string) bool { return f.keeps(append([]string{"items", o.String()}, names...)...) }
	return fieldSet{
		index: keeps("_index"), id: keeps("_id"), version: keeps("_version"), result: keeps("result"), shards: keeps("_shards"),
		seqNo: keeps("_seq_no"), term: keeps("_primary_term"), status: keeps("status"),
		errorType: keeps("error", "type"), errorReason: keeps("error", "reason"),
	}
}

// keepsItems reports whether anything of any item is wanted.
func (f *filter) keepsItems() bool {
	for o := range opsCount {
		if f.fields(o) != (fieldSet{}) {
			return true
		}
	}
	return false
}
