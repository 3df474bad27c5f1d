package dashboard

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/weirlog/weir/ui"
)

// assets are the page's files in memory, with their ETags.
type assets struct {
	files map[string]asset
	err   error
}

type asset struct {
	content []byte
	etag    string
	kind    string
}

func newAssets() *assets {
	a := &assets{files: map[string]asset{}}
	dist := ui.Dist()
	a.err = fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		a.files[name] = asset{content, `"` + hex.EncodeToString(sum[:12]) + `"`, contentType(name)}
		return nil
	})
	if _, ok := a.files["index.html"]; a.err == nil && !ok {
		a.err = errors.New("the page is not built in")
	}
	return a
}

// contentType does not ask the operating system for the types that a page is made
// of: registries are known to call scripts text/plain, which nosniff then refuses.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	default:
		if kind := mime.TypeByExtension(ext); kind != "" {
			return kind
		}
		return "application/octet-stream"
	}
}

// home answers GET /: the page for a browser, a sign of life for other clients.
func (d *Dashboard) home(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept")
	if !strings.Contains(strings.ToLower(r.Header.Get("Accept")), "text/html") {
		writeJSON(w, http.StatusOK, Status{"ok", "log-server"})
		return
	}
	if d.assets.err != nil {
		writeError(w, apiError{http.StatusServiceUnavailable, "unavailable", "the page cannot be shown: " + d.assets.err.Error(), "api/v1/tail?format=html works without it"})
		return
	}
	serveAsset(w, r, d.assets.files["index.html"])
}

// file answers for the page's other files, and for what does not exist.
func (d *Dashboard) file(w http.ResponseWriter, r *http.Request) {
	a, ok := d.assets.files[strings.TrimPrefix(r.URL.Path, "/")]
	if !ok {
		writeError(w, apiError{http.StatusNotFound, "not_found", "there is nothing at this path", "docs/wire.md lists the paths; what a program's own page cannot do, a server can: try weir serve"})
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", http.MethodGet)
		writeError(w, apiError{http.StatusMethodNotAllowed, "bad_method", "this path does not take " + r.Method, "it takes GET"})
		return
	}
	serveAsset(w, r, a)
}

// serveAsset sends a file that the browser keeps and asks about each time: the
// names stay the same over versions, so only the ETag tells them apart.
func serveAsset(w http.ResponseWriter, r *http.Request, a asset) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("ETag", a.etag)
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.content))
}
