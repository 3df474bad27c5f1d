package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed index.html app.js app.css
var files embed.FS

// page is the browser page. It learns from an attribute where to post its own records.
func page(server string) (http.Handler, error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	t, err := template.ParseFS(files, "index.html")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, struct{ Server string }{strings.TrimSuffix(server, "/")}); err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	policy := "default-src 'self'; img-src data:; connect-src 'self' " + u.Scheme + "://" + u.Host
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		w.Write(b.Bytes())
	}), nil
}
