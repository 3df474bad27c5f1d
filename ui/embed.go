// Package ui holds the page as it is built from the Svelte sources beside it.
// [Dist] is the files to serve, [BuildID] names their content: a page whose
// server tells another id reloads. The package serves nothing itself.
package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed dist
var files embed.FS

// buildIDLen is the length of a build id: 48 bits tell builds apart that a page
// could meet in its life.
const buildIDLen = 12

// Dist returns the page's files: index.html, app.js, app.css, favicon.svg.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic("BUG: " + err.Error()) // the name is a valid path
	}
	return dist
}

// BuildID returns a hash over the names and content of all files of Dist. It is
// computed on the first call.
func BuildID() string { return buildID() }

var buildID = sync.OnceValue(func() string { return hashFiles(Dist()) })

// buildMeta comes before the id in index.html. The build writes the id there, so
// that a page knows its own; it is hashed with zeros in the id's place.
const buildMeta = `name="weir-build" content="`

// hashFiles frames each file by its name and length, so that no two different
// trees hash alike. vite.config.ts does the same.
func hashFiles(fsys fs.FS) string {
	sum := sha256.New()
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if name == "index.html" {
			content = blankID(content)
		}
		_, _ = fmt.Fprintf(sum, "%s\n%d\n", name, len(content))
		_, _ = sum.Write(content)
		return nil
	})
	if err != nil {
		panic("BUG: " + err.Error()) // embedded files are always readable
	}
	return hex.EncodeToString(sum.Sum(nil))[:buildIDLen]
}

func blankID(page []byte) []byte {
	at := bytes.Index(page, []byte(buildMeta))
	if at < 0 || at+len(buildMeta)+buildIDLen > len(page) {
		return page
	}
	page = bytes.Clone(page)
	at += len(buildMeta)
	copy(page[at:at+buildIDLen], strings.Repeat("0", buildIDLen))
	return page
}
