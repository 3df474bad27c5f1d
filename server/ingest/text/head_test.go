package text

import (
	"slices"
	"strings"
	"testing"
)

// oneHead reads a line behind others, whose time is not told.
func oneHead(t *testing.T, lines ...string) string {
	t.Helper()
	p := NewParser(testOptions())
	for _, line := range lines[:len(lines)-1] {
		p.Parse([]byte(line))
	}
	var b strings.Builder
	r := p.Parse([]byte(lines[len(lines)-1]))
	describe(&b, &r)
	_, rest, _ := strings.Cut(b.String(), " ")
	return strings.Replace(strings.TrimSpace(rest), "\n  ", " ", 1)
}

// TestBrackets: what is in brackets or in front of a colon is a thread or logger only
// where a layout says so, and never all that a line says.
func TestBrackets(t *testing.T) {
	const at = "2024-01-02 03:04:05 "
	for in, want := range map[string]string{
		at + "ERROR [disk full, giving up]":                   `"ERROR" "[disk full, giving up]"`,
		at + "INFO [done] ":                                   `"INFO" "[done] "`,
		at + "INFO [GET] /x":                                  `"INFO" "[GET] /x"`,
		at + "INFO [1/3] step":                                `"INFO" "[1/3] step"`,
		at + "INFO [a] [b] text":                              `"INFO" "[a] [b] text"`,
		at + "INFO [GET]: done (ok)":                          `"INFO" "[GET]: done (ok)"`,
		at + "INFO [main] com.example.App: up":                `"INFO" logger="com.example.App" thread="main" "up"`,
		at + "INFO [main] com.example.App - up":               `"INFO" logger="com.example.App" thread="main" "up"`,
		at + "INFO [main] com.example.App: ":                  `"INFO" "[main] com.example.App: "`,
		at + "INFO [main:Class@7] - up":                       `"INFO" logger="Class" line_number=7 thread="main" "up"`,
		at + "INFO [main:Class@7] - ":                         `"INFO" "[main:Class@7] - "`,
		at + "INFO [user@7] hello":                            `"INFO" "[user@7] hello"`,
		at + "INFO [x]: up (kafka.Server)":                    `"INFO" thread="x" "up (kafka.Server)"`,
		at + "INFO 4711 --- [main] App : up":                  `"INFO" pid=4711 thread="main" "App : up"`,
		at + "[main] INFO up":                                 `"INFO" thread="main" "up"`,
		at + "INFO example.com: host down":                    `"INFO" "example.com: host down"`,
		at + "INFO main.go: bad":                              `"INFO" "main.go: bad"`,
		at + "INFO v1.2 - released":                           `"INFO" "v1.2 - released"`,
		at + "INFO app.db: ready":                             `"INFO" logger="app.db" "ready"`,
		at + "INFO app.db:   ready":                           `"INFO" logger="app.db" "  ready"`,
		at + "INFO app.db:":                                   `"INFO" "app.db:"`,
		at + "   indented":                                    `"" "   indented"`,
		at + "- item":                                         `"" "item"`,
		at + "  - item":                                       `"" "  - item"`,
		"[2024-01-02 03:04:05]  indented":                     `"" " indented"`,
		`ERROR:C:\temp\x.log missing`:                         `"ERROR" "C:\\temp\\x.log missing"`,
		"ERROR:file:/srv/x missing":                           `"ERROR" "file:/srv/x missing"`,
		"ERROR:http://x.example/ is away":                     `"ERROR" "http://x.example/ is away"`,
		"ERROR:main.go:12: bad":                               `"ERROR" "main.go:12: bad"`,
		"ERROR:failed:":                                       `"ERROR" "failed:"`,
		"ERROR:app.db:failed":                                 `"ERROR" logger="app.db" "failed"`,
		"ERROR:app.db:12 failed":                              `"ERROR" logger="app.db" "12 failed"`,
		"\t2024-01-02 03:04:05 ERROR indented":                `"ERROR" "indented"`,
		"\t2024-01-02 03:04:05 indented":                      `"" "\t2024-01-02 03:04:05 indented"`,
		"\tERROR indented":                                    `"" "\tERROR indented"`,
		"  \x1b[31m2024-01-02 03:04:05\x1b[0m ERROR coloured": `"ERROR" "coloured"`,
	} {
		if got := oneHead(t, in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// TestKnownThread: what was a thread by the layout is one in later lines.
func TestKnownThread(t *testing.T) {
	const at = "2024-01-02 03:04:05 "
	for _, first := range []string{at + "INFO [main] com.example.App: up", at + "[main] INFO up", at + "INFO 4711 --- [ main] App : up"} {
		if got := oneHead(t, first, at+"WARN [main] no logger"); got != `"WARN" thread="main" "no logger"` {
			t.Errorf("behind %q: %s", first, got)
		}
		if got := oneHead(t, first, at+"WARN [main]"); got != `"WARN" "[main]"` {
			t.Errorf("behind %q: %s", first, got)
		}
		if got := oneHead(t, first, at+"WARN [GET] /x"); got != `"WARN" "[GET] /x"` {
			t.Errorf("behind %q: %s", first, got)
		}
	}
	p := NewParser(testOptions())
	for i := range maxThreads + 10 {
		p.Parse([]byte(at + "[" + strings.Repeat("x", i%(2*maxThreadName)) + "-" + string(rune('A'+i)) + "] INFO up"))
	}
	if len(p.threads) > maxThreads || len(p.threads) < maxThreads/4 {
		t.Errorf("%d names are kept", len(p.threads))
	}
}

// TestDuplicateKeys: every value of a line of pairs has a name of its own.
func TestDuplicateKeys(t *testing.T) {
	for in, want := range map[string]string{
		"msg=m x=1 x=2 _conflict.x=3":               `_conflict.x.2=2 _conflict.x=3 x=1`,
		"msg=m x=1 x=2 x=3":                         `_conflict.x.2=3 _conflict.x=2 x=1`,
		"msg=m x.2=1 x.2=2 x=3 x=4 x=5":             `_conflict.x.2=2 _conflict.x.3=5 _conflict.x=4 x.2=1 x=3`,
		"msg=m _conflict.x=1 _conflict.x=2 x=3 x=4": `_conflict._conflict.x=2 _conflict.x.2=4 _conflict.x=1 x=3`,
	} {
		p := NewParser(testOptions())
		r := p.Parse([]byte(in))
		var got []string
		for _, a := range r.Attrs {
			got = append(got, a.Key+"="+a.Value.String())
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", in, got, want)
		}
	}
}
