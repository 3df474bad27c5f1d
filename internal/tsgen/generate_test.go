package main

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

var update = flag.Bool("update", false, "write the golden file")

type part struct {
	Name string `json:"name"`
}

type sample struct {
	Records  []record.Record  `json:"records"`
	Last     record.Position  `json:"last"`
	At       time.Time        `json:"at,omitzero"`
	Parts    []part           `json:"parts,omitempty"`
	One      *part            `json:"one"`
	Maybe    []*int           `json:"maybe"`
	Counts   map[string]int64 `json:"counts"`
	Any      any              `json:"any"`
	Data     []byte           `json:"data"`
	Plain    bool
	Hidden   string `json:"-"`
	internal int
}

func TestGenerate(t *testing.T) {
	got, err := generate([]reflect.Type{reflect.TypeFor[sample](), reflect.TypeFor[part]()})
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "sample.ts")
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_ = sample{}.internal
}

func TestUnlistedTypeIsAnError(t *testing.T) {
	_, err := generate([]reflect.Type{reflect.TypeFor[sample]()})
	if err == nil || !strings.Contains(err.Error(), "sample.Parts") {
		t.Error(err)
	}
}

// TestAPIIsWhole finds the exported structs of dashboard/api.go that are not
// generated.
func TestAPIIsWhole(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../dashboard/api.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]bool)
	for _, typ := range api() {
		listed[typ.Name()] = true
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !spec.Name.IsExported() {
			return true
		}
		if _, ok := spec.Type.(*ast.StructType); ok {
			found++
			if !listed[spec.Name.Name] {
				t.Errorf("%s is not in the list of main.go", spec.Name.Name)
			}
		}
		return true
	})
	if found == 0 {
		t.Error("dashboard/api.go has no types: the test looks in the wrong place")
	}
}

func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wire.gen.ts")
	if err := run([]string{"-o", path, "-check"}, os.Stderr); err == nil {
		t.Error("a missing file is up to date")
	}
	if err := run([]string{"-o", path}, os.Stderr); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-o", path, "-check"}, os.Stderr); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"-o", path, "-check"}, os.Stderr); err == nil {
		t.Error("an old file is up to date")
	}
}
