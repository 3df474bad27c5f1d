package processor

import (
	"slices"
	"strings"
)

// fileRoots are folders whose contents are files, whatever they are called; routes
// of a web server begin otherwise.
var fileRoots = [...]string{"app", "data", "etc", "home", "mnt", "opt", "root", "srv", "tmp", "usr", "Users", "var", "Volumes"}

// appendPaths finds absolute paths of files: in File "…" of Python's traces all, else
// those that start with a drive's letter, those in one of fileRoots, and those whose
// last part has an extension. One that stands in quotes goes to the closing one, blanks
// and all.
func appendPaths(found []span, s string) []span {
	for i := 0; i < len(s); {
		if s[i] != '/' && s[i] != '\\' || !startsPath(s, i) {
			i++
			continue
		}
		from := i
		if i >= 2 && s[i-1] == ':' && isLetter(s[i-2]) {
			from = i - 2
		}
		to := pathEnd(s, i)
		if from > 0 && (s[from-1] == '"' || s[from-1] == '\'') {
			if n := strings.IndexAny(s[i:], s[from-1:from]+"\n"); n >= 0 && s[i+n] != '\n' {
				to = i + n
			}
		}
		if from < i || strings.HasSuffix(s[:from], `File "`) || isFilePath(s[i:to]) {
			found = append(found, span{from, to})
		}
		i = max(to, i+1)
	}
	return found
}

// startsPath reports whether a slash begins an absolute path: it follows nothing that
// a path or URL goes on from.
func startsPath(s string, i int) bool {
	if i == 0 {
		return s[i] == '/'
	}
	switch c := s[i-1]; c {
	case ':': // a drive's letter, or what a label ends with
		drive := i >= 2 && isLetter(s[i-2]) && (i == 2 || !isWordLetter(s[i-3]) && !isDigit(s[i-3]))
		return drive || s[i] == '/' && (i+1 == len(s) || s[i+1] != '/')
	case '/':
		return strings.HasSuffix(s[:i], "file://")
	default:
		return s[i] == '/' && (c <= ' ' || strings.IndexByte("\"'`([{<=,;|", c) >= 0)
	}
}

// pathEnd returns the end of the path; a line number behind a colon is not part of it.
func pathEnd(s string, from int) int {
	to := from
	for to < len(s) && s[to] > ' ' && strings.IndexByte("\"'`)]}<>,;|:*?", s[to]) < 0 {
		to++
	}
	for to > from && s[to-1] == '.' { // of a sentence
		to--
	}
	return to
}

func isFilePath(path string) bool {
	last := path[strings.LastIndexByte(path, '/')+1:]
	if dot := strings.LastIndexByte(last, '.'); dot > 0 && dot < len(last)-1 {
		return true
	}
	root, _, deeper := strings.Cut(path[1:], "/")
	return deeper && slices.Contains(fileRoots[:], root)
}
