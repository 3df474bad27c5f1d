package config

import (
	"os"
	"path/filepath"
	"strings"
)

// File returns a path with ~ and $VAR in it replaced. Nothing is created.
func (s *Section) File(key, fallback string) string {
	n := s.of(key, KindText, "")
	if n == nil {
		s.note(key, fallback, nil)
		return fallback
	}
	text := strings.TrimSpace(n.Text)
	if text == "" {
		s.refuse(n, s.join(key), "the path is empty", "")
		return fallback
	}
	var absent []string
	text = os.Expand(text, func(name string) string {
		value, ok := s.with.env.lookup(name)
		if !ok {
			absent = append(absent, name)
		}
		return value
	})
	if rest, ok := strings.CutPrefix(text, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator) {
		home, err := os.UserHomeDir()
		if err != nil {
			s.refuse(n, s.join(key), "there is no home directory for ~: "+err.Error(), "write the whole path")
			return fallback
		}
		text = home + rest
	}
	if len(absent) > 0 {
		s.refuse(n, s.join(key), "the variable "+absent[0]+" is not set", "set it, or write the path out")
		return fallback
	}
	s.note(key, text, n)
	return text
}

// absolute is the path that two names of one file share.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSymlink != 0 {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return real
		}
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}
