package weirtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/weirtest"
)

func TestGolden(t *testing.T) {
	log, c := weirtest.New(t)
	log.Info("order placed", "order", 4711, "file", filepath.Join(t.TempDir(), "x.log"), "duration_ms", 1.25)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	log.Warn("slow", "stack_trace", "main.run(0xc000123456)\n\t"+dir+"/main.go:12 +0x1d\n")
	weirtest.Golden(t, "capture", []byte(c.Text(format.JSON(format.JSONOptions{}))))
	weirtest.Golden(t, "console", []byte(c.Text(format.Console(format.ConsoleOptions{}))))
}

func TestGoldenWritesAndCompares(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv(weirtest.UpdateEnv, "1")
	golden := func(text string) *failure {
		return failing(func(t testing.TB) { weirtest.Golden(t, "sub/a", []byte(text)) })
	}
	if f := golden("one\ntwo\n"); len(f.texts) > 0 {
		t.Fatal(f.text())
	}
	t.Setenv(weirtest.UpdateEnv, "0")
	if f := golden("one\r\ntwo\r\n"); len(f.texts) > 0 {
		t.Error(f.text())
	}
	f := golden("one\n2\nthree\n")
	if got := f.text(); !strings.HasPrefix(got, filepath.Join("testdata", "sub", "a.golden")+" differs (accept it with WEIR_UPDATE=1 go test):\nwant, from the first line that differs:\n  two\n") ||
		!strings.HasSuffix(got, "got:\n  2\n  three\n  \n") {
		t.Error(got)
	}
	if err := os.Remove(filepath.Join("testdata", "sub", "a.golden")); err != nil {
		t.Fatal(err)
	}
	if f = golden("x"); !f.ended || !strings.Contains(f.text(), "make it with WEIR_UPDATE=1") {
		t.Error(f.text())
	}
	for _, name := range []string{"", "../a", "/a"} {
		if f = failing(func(t testing.TB) { weirtest.Golden(t, name, nil) }); !f.ended {
			t.Errorf("the name %q is accepted", name)
		}
	}
}

func TestNormalize(t *testing.T) {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"2026-11-20T10:00:00.123456Z a 2026-11-20T10:00:00+01:00 b 2026-11-20 10:00:00,123 INFO": "TIME a TIME b TIME INFO",
		`{"source_id":"abc","host":"box","line_number":12,"duration_ms":1.5e-3,"seq":7}`:         `{"source_id":"SOURCE","host":"HOST","line_number":0,"duration_ms":0,"seq":7}`,
		dir + "/a_test.go:12 +0x1d\r\n" + filepath.Dir(dir) + "/b.go:7":                          "DIR/a_test.go:0\nMODULE/b.go:0",
		os.TempDir() + "/TestA1234567/001/x":                                                     "TMP/TestA/001/x",
		"GET /api/v1/x port 127.0.0.1:8080":                                                      "GET /api/v1/x port 127.0.0.1:8080",
	} {
		if got := string(weirtest.Normalize([]byte(in))); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
