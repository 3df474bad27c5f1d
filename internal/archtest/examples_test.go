package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// source is the parsed code of one package.
type source struct {
	name     string
	fset     *token.FileSet
	files    []*ast.File
	tests    []*ast.File
	exported map[string]ast.Node // functions, types, and methods as Type.Method
}

func parse(t *testing.T, name string) *source {
	t.Helper()
	s := &source{name: name, fset: token.NewFileSet(), exported: make(map[string]ast.Node)}
	files, err := filepath.Glob(filepath.Join("../..", name, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of %s: %v", name, err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(s.fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			s.tests = append(s.tests, file)
			continue
		}
		s.files = append(s.files, file)
		for _, d := range file.Decls {
			s.export(d)
		}
	}
	return s
}

func (s *source) export(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			if !ast.IsExported(receiver(d)) {
				return
			}
			name = receiver(d) + "." + name
		}
		if d.Name.IsExported() {
			s.exported[name] = d
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				s.exported[spec.Name.Name] = spec
			}
		}
	}
}

// receiver is the name of a method's type.
func receiver(d *ast.FuncDecl) string {
	for x := d.Recv.List[0].Type; ; {
		switch e := x.(type) {
		case *ast.StarExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// Every exported name of the library has a comment, but for methods that say all with
// their names (String, Error, Unwrap). The comment of a struct is about its fields too, and that
// of an interface about its only method. The fields of structs of options, which people look
// up one by one, and the methods of larger interfaces have comments of their own, or lie in a
// block, without blank lines, that one stands above, or are called as their type, or are named
// in the comment of the whole.
func TestExportedNamesHaveComments(t *testing.T) {
	for _, p := range list(t, "../..", "./...") {
		if strings.Contains(p.rel(), "internal") || strings.Contains(p.rel(), "/cmd") {
			continue
		}
		s := parse(t, p.rel())
		for _, file := range s.files {
			for _, d := range file.Decls {
				s.checkComments(t, d)
			}
		}
	}
}

func (s *source) checkComments(t *testing.T, d ast.Decl) {
	t.Helper()
	missing := func(name string) { t.Errorf("%s: %s has no comment", s.name, name) }
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && !slices.Contains([]string{"String", "Error", "Unwrap"}, d.Name.Name) && (d.Recv == nil || ast.IsExported(receiver(d))) {
			missing(d.Name.Name)
		}
	case *ast.GenDecl:
		covered := d.Doc != nil
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				doc := spec.Doc
				if doc == nil {
					doc = d.Doc
				}
				if !spec.Name.IsExported() {
					continue
				}
				if doc == nil {
					missing(spec.Name.Name)
				}
				for _, name := range s.uncommented(spec, doc.Text()) {
					if slices.Contains(withoutComment[s.name], spec.Name.Name+"."+name) {
						continue
					}
					missing(spec.Name.Name + "." + name)
				}
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if name.IsExported() && !covered && spec.Doc == nil && spec.Comment == nil {
						missing(name.Name)
					}
				}
			}
		}
	}
}

// withoutComment are members whose comments stand elsewhere.
var withoutComment = map[string][]string{
	"dashboard": {"Levels.SetLevel", "Levels.ResetLevel"}, // at weir.Logger
}

// uncommented returns the members of a type that no comment is about.
func (s *source) uncommented(spec *ast.TypeSpec, doc string) []string {
	var members []*ast.Field
	switch x := spec.Type.(type) {
	case *ast.StructType:
		if strings.HasSuffix(spec.Name.Name, "Options") {
			members = x.Fields.List
		}
	case *ast.InterfaceType:
		if members = x.Methods.List; methods(members) < 2 {
			return nil
		}
	}
	var bare []string
	block, last := false, 0
	for _, m := range members {
		first := m.Pos()
		if m.Doc != nil {
			first = m.Doc.Pos()
		}
		if s.fset.Position(first).Line > last+1 {
			block = false
		}
		last = s.fset.Position(m.End()).Line
		block = block || m.Doc != nil
		if block || m.Comment != nil {
			continue
		}
		for _, name := range m.Names { // embedded ones speak for themselves
			if name.IsExported() && typeName(m.Type) != name.Name && !slices.Contains(strings.FieldsFunc(doc, notLetter), name.Name) {
				bare = append(bare, name.Name)
			}
		}
	}
	return bare
}

// methods counts the members of an interface that are not embedded.
func methods(members []*ast.Field) (n int) {
	for _, m := range members {
		n += len(m.Names)
	}
	return n
}

// typeName is the name of a named type, or of what a pointer points to.
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name
	case *ast.Ident:
		return x.Name
	}
	return ""
}

func notLetter(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

// trivial are methods that an interface asks for, which programs do not call, and texts.
var trivial = []string{
	"String", "Error", "Unwrap", "Format", "MarshalText", "UnmarshalText",
	"WriteBatch", "WriteLines", "AcceptsLines", "Immediate", "Viewer", "Viewers", "Lost", "Start", "SinkName", "Close",
	"Process", "Release", "Append", "InColor", "Enabled", "Handle", "WithAttrs", "WithGroup",
}

// TestExportedNamesHaveExamples: what a program calls is in a function ExampleXxx of its
// package, or in a helper beside one. A type is there when its name is, or when it belongs to
// what is: a parameter, a result, a field.
func TestExportedNamesHaveExamples(t *testing.T) {
	packages := []string{".", "format", "processor", "config", "config/page", "weirhttp", "weirtest", "adapter", "dashboard"}
	sinks, err := os.ReadDir("../../sink")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range sinks {
		packages = append(packages, "sink/"+d.Name())
	}
	for _, name := range packages {
		s := parse(t, name)
		used := s.used()
		for _, name := range slices.Sorted(maps.Keys(s.exported)) {
			method := name[strings.LastIndexByte(name, '.')+1:]
			if used[method] || slices.Contains(withoutExample[s.name], name) || method != name && slices.Contains(trivial, method) {
				continue
			}
			t.Errorf("%s: %s is in no example", s.name, name)
		}
		for _, name := range withoutExample[s.name] {
			if s.exported[name] == nil {
				t.Errorf("%s: there is no %s: take it off the list of those without an example", s.name, name)
			}
		}
	}
}

// used are the names in the examples of a package, and the types that come with them.
func (s *source) used() map[string]bool {
	used := make(map[string]bool)
	for _, file := range s.tests {
		if !slices.ContainsFunc(file.Decls, isExample) {
			continue
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && (isExample(f) || !strings.HasPrefix(f.Name.Name, "Test")) {
				for part := range strings.SplitSeq(strings.TrimPrefix(f.Name.Name, "Example"), "_") {
					used[part] = true
				}
				gather(used, f)
			}
		}
	}
	for grown := true; grown; { // a type brings those of its fields, and so on
		before := len(used)
		for name, node := range s.exported {
			if !used[name[strings.LastIndexByte(name, '.')+1:]] {
				continue
			}
			switch n := node.(type) {
			case *ast.FuncDecl:
				gather(used, n.Type)
			case *ast.TypeSpec:
				if fields, ok := n.Type.(*ast.StructType); ok {
					for _, f := range fields.Fields.List {
						gather(used, f.Type)
					}
				}
			}
		}
		grown = len(used) > before
	}
	return used
}

func gather(used map[string]bool, node ast.Node) {
	ast.Inspect(node, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			used[id.Name] = true
		}
		return true
	})
}

func isExample(d ast.Decl) bool {
	f, ok := d.(*ast.FuncDecl)
	return ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Example")
}

// withoutExample are names that need no example, or have none yet.
var withoutExample = map[string][]string{
	// What sinks and processors may be besides: the tests of those that are show how.
	".": {"Holder", "Immediate", "Late", "LineSink", "SelfNamed", "Starter", "Viewer", "Watched"},
	// Sinks, which has an example, holds it.
	"config/page": {"Sink"},
	// The forms of the page's answers, which browsers and the server use.
	"dashboard": {
		"Checkpoint", "CheckpointList", "CheckpointRequest", "Checkpoints", "ErrorBody", "ErrorDetail", "ExportRequest", "Gap",
		"LevelList", "LevelRequest", "Levels", "LoggerLevel", "Memory", "Page", "Ping", "Records", "Records.MarshalJSON", "Stats", "Status",
		// None yet.
		"Address", "Auto", "AutoOption", "Dashboard", "Dashboard.ServeHTTP", "Guard", "GuardOptions", "Handler", "New", "NoOpen", "Options", "WithOptions",
	},
	// None yet.
	"adapter":       {"JSONStats", "JSONWriter.Stats", "JSONWriter.Sync"},
	"sink/file":     {"Sink.Reopen"},
	"sink/jsonl":    {"New", "Sink"},
	"sink/null":     {"Sink.Batches", "Sink.Bytes"},
	"sink/ship":     {"Sink.Flush"},
	"sink/slogsink": {"WithResource"},
	"sink/writer":   {"WithClose", "WithSync", "WithoutFlush"},
	"weirhttp":      {"StatusLevel"},
}
