package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirlog/weir"
)

// Decoder reads a form of settings files. JSON is there without being told; TOML
// and YAML are in the module github.com/weirlog/weir/extra.
type Decoder struct {
	// Extensions are the ends of file names, in small letters, as ".toml".
	Extensions []string
	// Decode reads a file. An error with a place is a *SyntaxError. It bounds what it
	// builds: the file may be of somebody else's making.
	Decode func(data []byte) (*Node, error)
}

// baseName is the settings file's name, before the extension.
const baseName = "weir"

// findFile returns the settings file: the one of Options.File, of WEIR_CONFIG, or
// the one in the working directory; "" when there is none. Two in the directory are
// refused, because nobody can tell which one counts.
func findFile(o Options, env *environment) (string, error) {
	if o.File != "" {
		return o.File, nil
	}
	if o.NoFile {
		return "", nil
	}
	if file, _ := env.get("WEIR_CONFIG"); file != "" {
		return file, nil
	}
	var found []string
	for _, d := range o.decoders() {
		for _, ext := range d.Extensions {
			info, err := os.Stat(baseName + ext)
			switch {
			case err == nil && !info.IsDir():
				found = append(found, baseName+ext)
			case err != nil && !errors.Is(err, fs.ErrNotExist):
				return "", fileError(baseName+ext, err)
			}
		}
	}
	if len(found) > 1 {
		return "", &weir.Error{
			Layer: weir.LayerConfiguration, Service: "Config", Category: weir.CategoryValidation, Severity: weir.SeverityError,
			Message:     "there are several settings files: " + strings.Join(found, ", "),
			UserMessage: "keep one, or name it in WEIR_CONFIG",
			Context:     map[string]any{"files": found},
		}
	}
	if len(found) == 0 {
		return "", nil
	}
	return found[0], nil
}

// decoders are those of the options, and JSON.
func (o Options) decoders() []Decoder {
	return append([]Decoder{JSON()}, o.Decoders...)
}

// decode reads a file's text by the end of its name.
func (o Options) decode(file string, data []byte) (*Node, error) {
	ext := strings.ToLower(filepath.Ext(file))
	var known []string
	for _, d := range slices.Backward(o.decoders()) { // one of the options may take JSON's place
		if slices.Contains(d.Extensions, ext) {
			return d.Decode(data)
		}
		known = append(known, d.Extensions...)
	}
	slices.Sort(known)
	hint := ""
	if ext == ".toml" || ext == ".yaml" || ext == ".yml" {
		hint = "; for this one give Options.Decoders the decoder of github.com/weirlog/weir/extra"
	}
	return nil, fmt.Errorf("no decoder reads %q files (there are %s%s)", ext, strings.Join(slices.Compact(known), ", "), hint)
}

// logSection returns the log's settings in a file: those below "log", beside which
// "server" may lie, the settings of weir serve; or the whole file.
func logSection(root *Node, r *report) *Node {
	if root.Kind == KindNull {
		return &Node{Kind: KindObject}
	}
	if root.Kind != KindObject {
		e := r.refuse(problem{line: root.Line, column: root.Column}, "log", "the file holds "+root.Kind.String()+", not an object", "", nil)
		r.at(e, root.Line, root.Column, "")
		return &Node{Kind: KindObject}
	}
	server := root.find("server")
	onlyServer := server != nil && server.Kind == KindObject && len(root.Members) == 1
	section := root.find("log")
	if section == nil {
		if onlyServer {
			return &Node{Kind: KindObject}
		}
		return root
	}
	for _, m := range root.Members {
		if m.Key != "log" && m.Key != "server" {
			e := r.refuse(problem{line: m.Line, column: m.Column}, m.Key, "there is no such section", didYouMean(m.Key, []string{"log", "server"}), nil)
			r.at(e, m.Line, m.Column, "")
		}
	}
	if section.Kind != KindObject {
		e := r.refuse(problem{line: section.Line, column: section.Column}, "log", "this is "+section.Kind.String()+", not an object", "", nil)
		r.at(e, section.Line, section.Column, "")
		return &Node{Kind: KindObject}
	}
	return section
}
