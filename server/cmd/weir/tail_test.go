package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTailSurvivesRotationsAndKills writes a file that is rotated as logrotate does,
// while weir is killed and started again: every line is there.
func TestTailSurvivesRotationsAndKills(t *testing.T) {
	const lines, perFile, kills = 12_000, 1_500, 3
	data, dir := t.TempDir(), t.TempDir()
	log := filepath.Join(dir, "app.log")
	tail := func() *process {
		return start(t, nil, "tail", "--listen", "127.0.0.1:0", "--data", data, "--from-start", log+"*", filepath.Join(dir, "other*.log"))
	}
	p := tail()
	written := make(chan error, 1)
	next := make(chan struct{}) // a part may be written
	go func() { written <- writeAndRotate(log, lines, perFile, next) }()
	for range kills {
		for range lines / perFile / (kills + 1) {
			next <- struct{}{}
		}
		p.until(1)
		p.kill()
		p = tail()
	}
	close(next)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "other1.log"), []byte("appeared\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	waitForRecord(t, p, fmt.Sprintf(`"line %d"`, lines-1))
	waitForRecord(t, p, "service:other1.log appeared")
	times := make([]int, lines)
	twice := 0
	for _, r := range p.records("service:app.log*") {
		var n int
		if _, err := fmt.Sscanf(r["message"].(string), "line %d", &n); err != nil || attribute(r, "file") == nil {
			t.Fatalf("a record says %v", r)
		}
		if times[n]++; times[n] > 1 {
			twice++
		}
	}
	if i := slices.Index(times, 0); i >= 0 {
		t.Errorf("line %d is not there", i)
	}
	t.Logf("%d of %d lines came twice", twice, lines)
	if code := p.stop(syscall.SIGINT); code != exitDone {
		t.Errorf("Ctrl-C ended it with %d\n%s", code, p.errors())
	}
}

// writeAndRotate writes lines to a file, and gives it another name after each part.
func writeAndRotate(path string, lines, perFile int, next <-chan struct{}) error {
	for part := 0; part*perFile < lines; part++ {
		<-next
		if part > 0 {
			for n := part; n > 0; n-- { // app.log.1 becomes app.log.2, app.log becomes app.log.1
				from := fmt.Sprintf("%s.%d", path, n-1)
				if n == 1 {
					from = path
				}
				if err := os.Rename(from, fmt.Sprintf("%s.%d", path, n)); err != nil {
					return err
				}
			}
		}
		var text strings.Builder
		for i := range perFile {
			fmt.Fprintf(&text, "line %d\n", part*perFile+i)
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func waitForRecord(t *testing.T, p *process, query string) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(p.records(query)) == 0; {
		if time.Now().After(deadline) {
			t.Fatalf("nothing is found by %s\n%s", query, p.errors())
		}
	}
}

// TestTailTellsWhatItCannotFollow waits for a file, and says so.
func TestTailTellsWhatItCannotFollow(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "later.log")
	p := start(t, nil, "tail", "--listen", "127.0.0.1:0", "--print", log, dir)
	untilSaid(t, p.errors, log+": there is no such file yet")
	untilSaid(t, p.errors, dir+" is not followed: it is a folder")
	if err := os.WriteFile(log, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	untilSaid(t, p.output, "hello")
	waitForRecord(t, p, "service:later.log hello")
}
