package file

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// expand returns the paths that a pattern names, sorted, and the folders in which
// others may appear.
func expand(pattern string) (paths, dirs []string, err error) {
	pattern = filepath.Clean(pattern)
	if _, err := os.Lstat(pattern); err == nil {
		return []string{pattern}, []string{filepath.Dir(pattern)}, nil
	}
	if !strings.ContainsAny(pattern, `*?[{\`) {
		return nil, []string{filepath.Dir(pattern)}, nil
	}
	if !doublestar.ValidatePathPattern(pattern) {
		return nil, nil, fmt.Errorf("the pattern %q cannot be understood: a bracket is not closed", pattern)
	}
	// Links to folders are not followed under **, which could go round in circles.
	paths, err = doublestar.FilepathGlob(pattern, doublestar.WithNoFollow())
	if err != nil {
		return nil, nil, fmt.Errorf("look for %q: %w", pattern, err)
	}
	slices.Sort(paths)
	base, rest := doublestar.SplitPattern(filepath.ToSlash(pattern))
	base = filepath.FromSlash(base)
	dirs = []string{base}
	if strings.Contains(rest, "/") {
		dirs = append(dirs, foldersUnder(base)...)
	}
	for _, path := range paths {
		dirs = append(dirs, filepath.Dir(path))
	}
	return paths, dirs, nil
}

// names reports whether a pattern names a path, whether or not there is a file.
func names(pattern, path string) bool {
	pattern = filepath.Clean(pattern)
	if pattern == path {
		return true
	}
	ok, err := doublestar.PathMatch(pattern, path)
	return ok && err == nil
}

// maxFolders bounds the folders that are watched for one pattern; files in others are
// found by looking now and then. Linux allows 8,192 watches in its smallest setting.
const maxFolders = 1_000

func foldersUnder(base string) []string {
	var dirs []string
	// What cannot be read is not watched; looking for files tells of it.
	_ = filepath.WalkDir(base, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir
		case len(dirs) == maxFolders:
			return fs.SkipAll
		case entry.IsDir():
			dirs = append(dirs, path)
		}
		return nil
	})
	return dirs
}

// isRotationOf tells a file's name that rotations give to what was base: app.log.1,
// app.log-20260102, app.log.old, app.1.log, app-2026-01-02T03.log, any of them .gz.
func isRotationOf(name, base string) bool {
	name = strings.TrimSuffix(name, ".gz")
	if name == base {
		return true
	}
	if after, ok := strings.CutPrefix(name, base); ok {
		return isRotationMark(after) || after == ".old" || after == ".prev" || after == ".bak"
	}
	ext := filepath.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	if ext == "" || stem == "" {
		return false
	}
	middle, ok := strings.CutPrefix(strings.TrimSuffix(name, ext), stem)
	return ok && strings.HasSuffix(name, ext) && isRotationMark(middle)
}

// isRotationMark tells a number or date behind a separator.
func isRotationMark(s string) bool {
	if len(s) < 2 || strings.IndexByte(".-_", s[0]) < 0 {
		return false
	}
	return strings.Trim(s[1:], "0123456789.-_TZ:") == "" && strings.ContainsAny(s, "0123456789")
}

// rotationNumber orders files that were written at the same time: app.log.2 is older
// than app.log.1, and both than app.log.
func rotationNumber(path string) int {
	name := strings.TrimSuffix(filepath.Base(path), ".gz")
	at := strings.LastIndexByte(name, '.')
	n := 0
	for _, c := range name[at+1:] {
		if c < '0' || c > '9' || n > 1e6 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
