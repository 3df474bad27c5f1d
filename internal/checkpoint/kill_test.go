package checkpoint

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// childFolder is the variable that makes the test's program one that saves until it
// is killed.
const childFolder = "WEIR_TEST_CHECKPOINTS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		saveForEver(dir)
	}
	os.Exit(m.Run())
}

// saveForEver tells the number of each save that has returned.
func saveForEver(dir string) {
	s := Open(dir)
	for n := 1; ; n++ {
		c := &Checkpoint{Name: "job", Status: InProgress, Note: fmt.Sprint(n), Data: dataOf(fmt.Sprint(n))}
		if err := s.Save(c); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// dataOf makes data of some size, all of which the number decides.
func dataOf(note string) json.RawMessage {
	return json.RawMessage(`"` + strings.Repeat(note+" ", 20_000) + `"`)
}

// A13. A process that is killed while it saves leaves the last whole checkpoint.
func TestKilledWhileSaving(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for round := range 8 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), childFolder+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		told := 0
		// Each round ends after another number of saves, somewhere in the next one.
		lines := bufio.NewScanner(out)
		for told < 3+round && lines.Scan() {
			if _, err := fmt.Sscan(lines.Text(), &told); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			if _, err := fmt.Sscan(lines.Text(), &told); err != nil {
				break // the last line may be cut
			}
		}
		_ = cmd.Wait() // says that it was killed
		c, err := Open(dir).Load("job")
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		var n int
		if _, err := fmt.Sscan(c.Note, &n); err != nil {
			t.Fatal(err)
		}
		if n < told || string(c.Data) != string(dataOf(c.Note)) {
			t.Errorf("round %d: save %d is there, %d had returned", round, n, told)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil || len(left) != 1 {
		t.Errorf("files: %v, %v", left, err)
	}
}
