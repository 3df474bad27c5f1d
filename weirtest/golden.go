package weirtest

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// UpdateEnv is the environment variable that makes Golden write its files: WEIR_UPDATE=1.
// It is not a flag, because a test that has one named -update could not import the
// package.
const UpdateEnv = "WEIR_UPDATE"

// Golden compares a text with testdata/NAME.golden, after Normalize. With WEIR_UPDATE=1
// it writes the file instead.
func Golden(t testing.TB, name string, got []byte) {
	t.Helper()
	if name == "" || !filepath.IsLocal(name) {
		t.Fatalf("weirtest: the golden file's name %q leads out of testdata", name)
	}
	file := filepath.Join("testdata", filepath.FromSlash(name)+".golden")
	got = Normalize(got)
	if on := os.Getenv(UpdateEnv); on != "" && on != "0" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatalf("weirtest: %v", err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatalf("weirtest: %v", err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("weirtest: %v (make it with %s=1 go test)", err, UpdateEnv)
	}
	if want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")); !bytes.Equal(got, want) {
		t.Errorf("%s differs (accept it with %s=1 go test):\n%s", file, UpdateEnv, difference(string(want), string(got)))
	}
}

// Normalize replaces what differs between runs and machines: times,
// source ids, the machine's name in "host", line numbers of calls,
// addresses, duration_ms, and the folders of the test, of its module, of Go and of temporary files. Lines end
// in \n.
func Normalize(text []byte) []byte {
	s := strings.ReplaceAll(string(text), "\r\n", "\n")
	for _, folder := range folders() {
		for _, form := range []string{folder.path, strings.ReplaceAll(folder.path, `\`, `\\`), filepath.ToSlash(folder.path)} {
			s = strings.ReplaceAll(s, form, folder.name)
		}
	}
	for _, n := range normals() {
		s = n.what.ReplaceAllString(s, n.with)
	}
	return []byte(s)
}

type normal struct {
	what *regexp.Regexp
	with string
}

func normals() []normal {
	n := func(what, with string) normal { return normal{regexp.MustCompile(what), with} }
	return []normal{
		n(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)`, "TIME"),
		n(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d([.,]\d+)?`, "TIME"),
		n(`(TMP[/\\]+Test[^/\\"\s]*?)\d{4,}([/\\]+\d{3})`, "$1$2"), // t.TempDir
		n(`"source_id":\s?"[^"]*"`, `"source_id":"SOURCE"`),
		n(`"host":\s?"[^"]*"`, `"host":"HOST"`),
		n(`"line_number":\s?\d+`, `"line_number":0`),
		n(`(\.(?:go|s)):\d+(?: \+0x[0-9a-f]+)?`, "$1:0"),
		n(`\b0x[0-9a-f]{6,}\b`, "0x0"), // addresses in traces
		n(`"duration_ms":\s?[0-9.e+-]+`, `"duration_ms":0`),
	}
}

type folder struct{ path, name string }

// folders are those whose names differ between machines, the deepest first.
func folders() []folder {
	var out []folder
	if dir, err := os.Getwd(); err == nil {
		out = append(out, folder{dir, "DIR"})
		for up := filepath.Dir(dir); up != dir; dir, up = up, filepath.Dir(up) {
			if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
				out = append(out, folder{up, "MODULE"})
				break
			}
		}
	}
	if root := runtime.GOROOT(); root != "" { //nolint:staticcheck // where this toolchain's files are is what traces have
		out = append(out, folder{root, "GOROOT"})
	}
	if tmp := filepath.Clean(os.TempDir()); len(tmp) > 1 {
		out = append(out, folder{tmp, "TMP"})
	}
	return out
}

// maxDifference is how many lines of each text a failure shows.
const maxDifference = 10

// difference shows two texts from the first line that differs on.
func difference(want, got string) string {
	w, g := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	same := 0
	for same < min(len(w), len(g)) && w[same] == g[same] {
		same++
	}
	var b strings.Builder
	part := func(title string, lines []string) {
		b.WriteString(title + "\n")
		for i, line := range lines {
			if i == maxDifference {
				b.WriteString("  …\n")
				break
			}
			b.WriteString("  " + strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	part("want, from the first line that differs:", w[same:])
	part("got:", g[same:])
	return b.String()
}
