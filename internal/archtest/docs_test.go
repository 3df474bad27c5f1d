package archtest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The Go code of README.md and docs/*.md is compiled, vetted, and formatted as gofmt does:
//
//   - A block ```go that begins with a package clause is a file.
//   - One of declarations is a file without its beginning: what it names is imported.
//   - Any other is the inside of a function with the parameters of usualInputs.
//   - A block ```go other is the code of another library, and only parsed.
const usualInputs = "ctx context.Context, log *weir.Logger, mux *http.ServeMux, w http.ResponseWriter, r *http.Request, err error"

// snippet is a block of code in a document.
type snippet struct {
	file, line string
	other      bool
	code       string
}

func snippets(t *testing.T) []snippet {
	t.Helper()
	documents, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []snippet
	block := regexp.MustCompile("(?ms)^```go( other)?\n(.*?)^```$")
	for _, doc := range append(documents, "../../README.md") {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllSubmatchIndex(text, -1) {
			line := bytes.Count(text[:m[4]], []byte("\n")) + 1
			out = append(out, snippet{filepath.Base(doc), fmt.Sprint(line), m[2] >= 0, string(text[m[4]:m[5]])})
		}
	}
	return out
}

func TestCodeOfDocumentsCompiles(t *testing.T) {
	all := snippets(t)
	if len(all) < 3 {
		t.Fatalf("only %d blocks were found: the pattern is wrong", len(all))
	}
	dir, known := t.TempDir(), importable(t)
	args := []string{"vet"}
	modules := []string{"../.."}
	for _, s := range all {
		if formatted, err := format.Source([]byte(s.code)); err != nil {
			t.Errorf("%s:%s: %v", s.file, s.line, err)
			continue
		} else if string(formatted) != s.code {
			t.Errorf("%s:%s: not as gofmt writes it:\n%s", s.file, s.line, formatted)
		}
		if s.other {
			continue
		}
		source, err := s.source(known)
		if err != nil {
			t.Errorf("%s:%s: %v", s.file, s.line, err)
			continue
		}
		pkg := strings.TrimSuffix(s.file, ".md") + "_line_" + s.line
		write(t, filepath.Join(dir, pkg, "snippet.go"), source)
		args = append(args, "./"+pkg)
		if strings.Contains(source, root+"/extra") && len(modules) == 1 {
			modules = append(modules, "../../extra")
		}
	}
	// A workspace of the documents' code and the modules that it uses, outside the tree.
	work := "go 1.25.0\nuse .\n"
	for _, m := range modules {
		module, err := filepath.Abs(m)
		if err != nil {
			t.Fatal(err)
		}
		work += fmt.Sprintf("use %q\n", module)
	}
	write(t, filepath.Join(dir, "go.work"), work)
	write(t, filepath.Join(dir, "go.mod"), "module documents\n\ngo 1.25.0\n")
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// source makes a file of a block.
func (s snippet) source(known map[string]string) (string, error) {
	if strings.HasPrefix(s.code, "package ") {
		return s.code, nil
	}
	body := s.code
	if _, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+body, 0); err != nil {
		used, err := declared(body)
		if err != nil {
			return "", err
		}
		body = "func _(" + usualInputs + ") {\n{\n" + body + used + "}\n}\n"
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+body, 0)
	if err != nil {
		return "", err
	}
	var imports strings.Builder
	seen := make(map[string]bool)
	for _, spec := range file.Imports {
		seen[path.Base(strings.Trim(spec.Path.Value, `"`))] = true
	}
	for _, id := range file.Unresolved {
		if from := known[id.Name]; from != "" && !seen[id.Name] {
			fmt.Fprintf(&imports, "import %q\n", from)
			seen[id.Name] = true
		}
	}
	return "package p\n" + imports.String() + body, nil
}

// declared uses what a block declares and may leave unused.
func declared(body string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+body+"}\n", 0)
	if err != nil {
		return "", err
	}
	var use strings.Builder
	for _, statement := range file.Decls[0].(*ast.FuncDecl).Body.List {
		assign, ok := statement.(*ast.AssignStmt)
		if !ok || assign.Tok != token.DEFINE {
			continue
		}
		for _, left := range assign.Lhs {
			if id, ok := left.(*ast.Ident); ok && id.Name != "_" {
				fmt.Fprintf(&use, "_ = %s\n", id.Name)
			}
		}
	}
	return use.String(), nil
}

// importable are the packages that blocks need not import, by their names.
func importable(t *testing.T) map[string]string {
	t.Helper()
	known := map[string]string{"weir": root, "extra": root + "/extra"}
	for _, std := range []string{"context", "errors", "fmt", "io", "log/slog", "net/http", "os", "time", "testing"} {
		known[path.Base(std)] = std
	}
	for _, p := range list(t, "../..", "./...") {
		rel := p.rel()
		if rel != "." && !strings.Contains(rel, "internal") && known[path.Base(rel)] == "" {
			known[path.Base(rel)] = p.ImportPath
		}
	}
	return known
}
