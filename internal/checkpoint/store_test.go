package checkpoint

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

func sample(name string) *Checkpoint {
	return &Checkpoint{
		Name: name, Status: InProgress, Note: "best <so far> & more", Progress: 42.5,
		Saved:  time.Date(2026, 11, 20, 10, 0, 0, 123456000, time.UTC),
		Logger: "train", SourceID: "0123456789abcdef",
		Data: json.RawMessage(`{"loss":0.31,"step":9007199254740993}`),
	}
}

// The form of the file is a promise to other programs and later versions.
func TestFileForm(t *testing.T) {
	got, err := encode(sample("epoch-3"))
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "checkpoint.json")
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
		t.Errorf("got  %swant %s", got, want)
	}
}

// A13.
func TestSaveLoadListDelete(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "er")
	s := Open(dir)
	if list, bad, err := s.List(); len(list)+len(bad) > 0 || err != nil {
		t.Errorf("before the first save: %v %v %v", list, bad, err)
	}
	for i, name := range []string{"a", "b", "c"} {
		c := sample(name)
		c.Saved = c.Saved.Add(time.Duration(i) * time.Minute)
		if err := s.Save(c); err != nil {
			t.Fatal(err)
		}
	}
	again := sample("a")
	again.Saved, again.Status, again.Data = again.Saved.Add(time.Hour), Done, nil
	if err := s.Save(again); err != nil {
		t.Fatal(err)
	}
	got, err := Open(dir).Load("a")
	if err != nil || got.Status != Done || got.Data != nil || !got.Saved.Equal(again.Saved) {
		t.Errorf("a: %+v, %v", got, err)
	}
	if b, err := s.Load("b"); err != nil || string(b.Data) != `{"loss":0.31,"step":9007199254740993}` {
		t.Errorf("b: %+v, %v", b, err)
	}
	if got := names(t, s); got != "a c b" {
		t.Errorf("list: %s", got)
	}
	if err := s.Delete("c"); err != nil {
		t.Error(err)
	}
	if err := s.Delete("c"); !errors.Is(err, ErrNotFound) {
		t.Errorf("delete again: %v", err)
	}
	if _, err := s.Load("c"); !errors.Is(err, ErrNotFound) {
		t.Errorf("load what was deleted: %v", err)
	}
	if got := names(t, s); got != "a b" {
		t.Errorf("list: %s", got)
	}
}

func names(t *testing.T, s *Store) string {
	t.Helper()
	list, bad, err := s.List()
	if err != nil || len(bad) > 0 {
		t.Fatalf("list: %v, %v", bad, err)
	}
	var out []string
	for _, c := range list {
		out = append(out, c.Name)
	}
	return strings.Join(out, " ")
}

// Each name has a file of its own in the folder, wherever that is.
func TestAnyName(t *testing.T) {
	odd := []string{
		"epoch-3", "Epoch-3", "EPOCH-3", "..", ".", "../../etc/passwd", `..\..\boot.ini`, "/abs/path", "a/b", "a_b", "a b", " a", "a ",
		"con", "NUL", "aux.json", "C:", "x:stream", "*?<>|\"", "%2e%2e", ".hidden", ".saving-1", "~", "-rf", "ΟΔΟΣ", "οδος", "İstanbul",
		"\u00e9", "e\u0301", "日本語", "🚀", "a\u202eb", strings.Repeat("x", MaxNameBytes), strings.Repeat("x", MaxNameBytes-1), strings.Repeat("€", MaxNameBytes/3),
	}
	dir := t.TempDir()
	s := Open(filepath.Join(dir, "checkpoints"))
	files := map[string]string{}
	for _, name := range odd {
		file := FileName(name)
		if len(file) > 143 || file != filepath.Base(file) || strings.HasPrefix(file, ".saving") || file != strings.ToLower(file) {
			t.Errorf("%q: file %q", name, file)
		}
		if other, ok := files[file]; ok {
			t.Errorf("%q and %q have one file", name, other)
		}
		files[file] = name
		if err := s.Save(&Checkpoint{Name: name, Status: Done, Note: name}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range odd {
		if c, err := s.Load(name); err != nil || c.Name != name || c.Note != name {
			t.Errorf("%q: %+v, %v", name, c, err)
		}
	}
	if list, bad, err := s.List(); len(list) != len(odd) || len(bad) > 0 || err != nil {
		t.Errorf("%d of %d listed, %v, %v", len(list), len(odd), bad, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("outside the folder: %v, %v", entries, err)
	}
}

func TestWhatIsNotValid(t *testing.T) {
	s := Open(t.TempDir())
	for name, change := range map[string]func(*Checkpoint){
		"the name is empty":             func(c *Checkpoint) { c.Name = "" },
		"the name has 1025 bytes":       func(c *Checkpoint) { c.Name = strings.Repeat("x", MaxNameBytes+1) },
		"is not valid UTF-8":            func(c *Checkpoint) { c.Name = "a\xff" },
		"has control characters":        func(c *Checkpoint) { c.Name = "a\nb" },
		`the status is "done"`:          func(c *Checkpoint) { c.Status = "done" },
		"the progress is 100.1":         func(c *Checkpoint) { c.Progress = 100.1 },
		"the progress is -1":            func(c *Checkpoint) { c.Progress = -1 },
		"the progress is NaN":           func(c *Checkpoint) { c.Progress = math.NaN() },
		"the note has 16385 bytes":      func(c *Checkpoint) { c.Note = strings.Repeat("x", MaxNoteBytes+1) },
		"the data is not JSON":          func(c *Checkpoint) { c.Data = json.RawMessage("{") },
		"the data has 16777217 bytes":   func(c *Checkpoint) { c.Data = json.RawMessage(strings.Repeat("1", MaxDataBytes+1)) },
		"the year of its time is 10000": func(c *Checkpoint) { c.Saved = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		c := sample("x")
		change(c)
		if err := s.Save(c); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, err := os.ReadDir(s.Dir()); len(entries) > 0 || err != nil {
		t.Errorf("something was written: %v, %v", entries, err)
	}
	if _, err := s.Load(""); !errors.Is(err, ErrInvalid) {
		t.Errorf("load: %v", err)
	}
	if err := s.Delete("a\x00"); !errors.Is(err, ErrInvalid) {
		t.Errorf("delete: %v", err)
	}
}

// A13. What cannot be understood is told, and the others are there.
func TestDamagedFiles(t *testing.T) {
	s := Open(t.TempDir())
	if err := s.Save(sample("good")); err != nil {
		t.Fatal(err)
	}
	whole, err := encode(sample("x"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":   "",
		"zeros":   strings.Repeat("\x00", 100),
		"torn":    string(whole[:len(whole)/2]),
		"array":   "[]",
		"nothing": "{}",
		"newer":   `{"version":2,"name":"newer","status":"DONE"}`,
		"status":  `{"version":1,"name":"status","status":"GREAT"}`,
		"foreign": string(whole),
		"two":     string(whole) + string(whole),
	} {
		if err := os.WriteFile(filepath.Join(s.Dir(), FileName(name)), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := s.Load(name); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.Dir(), FileName("folder")), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load("folder"); !errors.Is(err, ErrDamaged) {
		t.Errorf("folder: %v", err)
	}
	huge, err := os.Create(filepath.Join(s.Dir(), FileName("huge")))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(huge.Truncate(1<<40), huge.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load("huge"); !errors.Is(err, ErrDamaged) {
		t.Errorf("huge: %v", err)
	}
	list, bad, err := s.List()
	if err != nil || len(list) != 1 || list[0].Name != "good" || len(bad) != 11 {
		t.Errorf("list: %v, %d bad: %v, %v", list, len(bad), bad, err)
	}
	if err := s.Save(sample("torn")); err != nil {
		t.Errorf("save over a damaged one: %v", err)
	}
	if err := s.Delete("newer"); err != nil {
		t.Errorf("delete a damaged one: %v", err)
	}
}

func TestUnwritableFolder(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := Open(filepath.Join(plain, "checkpoints"))
	if err := s.Save(sample("x")); err == nil || errors.Is(err, ErrInvalid) {
		t.Errorf("save: %v", err)
	}
}

func TestWhatKilledWritersLeftIsRemoved(t *testing.T) {
	s := Open(t.TempDir())
	old, fresh := filepath.Join(s.Dir(), tempPrefix+"1"), filepath.Join(s.Dir(), tempPrefix+"2")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	past := time.Now().Add(-2 * staleAfter)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(sample("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("the one that may be in use: %v", err)
	}
	if got := names(t, s); got != "x" {
		t.Errorf("list: %s", got)
	}
}

// The last save wins, and whoever reads meanwhile reads one of them, whole.
func TestConcurrentUse(t *testing.T) {
	dir := t.TempDir()
	const writers, rounds = 4, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			s := Open(dir)
			for i := range rounds {
				c := sample("shared")
				c.Note = fmt.Sprintf("%d/%d", w, i)
				c.Data = json.RawMessage(`"` + strings.Repeat(c.Note, 1000) + `"`)
				if err := s.Save(c); err != nil {
					t.Error(err)
				}
				if i%5 == 4 {
					if err := s.Delete("shared"); err != nil && !errors.Is(err, ErrNotFound) {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Go(func() {
		s := Open(dir)
		for range 20 * rounds {
			c, err := s.Load("shared")
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil || string(c.Data) != `"`+strings.Repeat(c.Note, 1000)+`"` {
				t.Errorf("%v", err)
				return
			}
		}
	})
	wg.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestFilesAreForTheirOwner(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // permissions are inherited there
	}
	s := Open(t.TempDir())
	if err := s.Save(sample("x")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(s.Dir(), FileName("x")))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func FuzzDecode(f *testing.F) {
	whole, err := encode(sample("x"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"version":1,"name":"x","status":"DONE","data":null}`))
	f.Add([]byte(`{"version":1,"name":"x","status":"DONE","progress":1e2,"saved":"2026-01-01T00:00:00+02:00","data":[1e999]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decode(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("not ErrDamaged: %v", err)
			}
			return
		}
		once, err := encode(c)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := decode(once)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		twice, err := encode(again)
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s is not %s: %v", once, twice, err)
		}
	})
}

func FuzzFileName(f *testing.F) {
	f.Add("../x")
	f.Fuzz(func(t *testing.T, name string) {
		file := FileName(name)
		if file != filepath.Base(file) || len(file) > 143 || strings.HasPrefix(file, tempPrefix) || strings.ContainsAny(file, `/\:*?"<>|`) {
			t.Fatalf("%q: %q", name, file)
		}
	})
}
