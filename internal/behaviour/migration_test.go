package behaviour_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMigrationSnippets keeps docs/migration.md true: each snippet of Weir in its tables
// stands in an example or test of this package, where it compiles and runs.
func TestMigrationSnippets(t *testing.T) {
	files, err := filepath.Glob("example_*_test.go")
	mustDo(t, err)
	var source strings.Builder
	for _, name := range files {
		source.WriteString(readFile(t, name))
	}
	space := regexp.MustCompile(`\s+`)
	compiled := space.ReplaceAllString(source.String(), " ")
	document, err := os.ReadFile(filepath.Join("..", "..", "docs", "migration.md"))
	mustDo(t, err)
	tables, snippets := 0, 0
	for line := range strings.Lines(string(document)) {
		if strings.HasPrefix(line, "| ---") {
			tables++
		}
		cells := strings.Split(line, "|")
		if !strings.HasPrefix(line, "| ") || len(cells) != 4 || strings.HasPrefix(line, "| ---") {
			if strings.HasPrefix(line, "| ") && len(cells) != 4 {
				t.Errorf("not a row of two cells: %s", line)
			}
			continue
		}
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[2], -1) {
			if snippets++; !strings.Contains(compiled, space.ReplaceAllString(m[1], " ")) {
				t.Errorf("no example has %s", m[1])
			}
		}
	}
	if tables != 3 || snippets < 60 {
		t.Errorf("%d tables with %d snippets: the test looks at the wrong thing", tables, snippets)
	}
}
