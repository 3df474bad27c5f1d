package file

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is how many symbolic links a path may lead through: Linux's own bound.
const maxLinks = 40

// expand replaces a leading ~ by the home directory, and $NAME and ${NAME} by
// variables. A variable that is not set is an error, because the file would land
// somewhere else. $$ is a dollar sign.
func expand(path string, lookup func(string) (string, bool), home func() (string, error)) (string, error) {
	if path == "" {
		return "", errors.New("the path is empty: name a file")
	}
	var b strings.Builder
	rest := path
	if strings.HasPrefix(path, "~") {
		if len(path) > 1 && !os.IsPathSeparator(path[1]) {
			return "", fmt.Errorf("%q: only ~/ is expanded, not other users' directories; write ./%s if the name begins with ~", path, path)
		}
		dir, err := home()
		if err != nil {
			return "", fmt.Errorf("expand ~ in %q: %w", path, err)
		}
		b.WriteString(dir)
		rest = path[1:]
	}
	for {
		before, after, found := strings.Cut(rest, "$")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		if strings.HasPrefix(after, "$") {
			b.WriteByte('$')
			rest = after[1:]
			continue
		}
		name, tail := variable(after)
		if name == "" {
			return "", fmt.Errorf("%q: a $ without a variable's name; write $$ for a dollar sign", path)
		}
		value, ok := lookup(name)
		if !ok {
			return "", fmt.Errorf("%q: the variable %s is not set", path, name)
		}
		b.WriteString(value)
		rest = tail
	}
}

// variable takes NAME or {NAME} off the front of s; name is "" when there is none.
func variable(s string) (name, rest string) {
	if strings.HasPrefix(s, "{") {
		name, rest, ok := strings.Cut(s[1:], "}")
		if !ok || nameLength(name) != len(name) {
			return "", s
		}
		return name, rest
	}
	n := nameLength(s)
	return s[:n], s[n:]
}

// nameLength is how many bytes of s can be a variable's name.
func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return i
		}
	}
	return len(s)
}

// resolve returns the file's absolute path without symbolic links, so that a rotation
// renames the file and not a link to it, and one file has one path. Of a device or a
// pipe, and of directories that are not there yet, the path stays as it is.
func resolve(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return path, nil
	}
	for range maxLinks {
		if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
			path = filepath.Join(dir, filepath.Base(path))
		}
		target, err := os.Readlink(path)
		if err != nil { // no link, or nothing there
			return path, nil
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", errors.New("too many symbolic links")
}

// place makes the path of a file from what the user wrote.
func place(given string) (string, error) {
	path, err := expand(given, os.LookupEnv, os.UserHomeDir)
	if err != nil {
		return "", err
	}
	if os.IsPathSeparator(path[len(path)-1]) {
		return "", fmt.Errorf("%q ends like a directory: name a file in it", given)
	}
	return resolve(path)
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
