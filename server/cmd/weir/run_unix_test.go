//go:build unix

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startAs is start with a process of its own session, so that the terminal of whoever
// runs the tests plays no part. It does not wait for a page.
func startAs(t *testing.T, configure func(*exec.Cmd), args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: &exec.Cmd{Path: self, Args: append([]string{"weir"}, args...), Env: append(os.Environ(), "CI=true")}, done: make(chan error, 1)}
	p.cmd.Stdout, p.cmd.Stderr = &locked{mu: &p.mu, buf: &p.stdout}, &locked{mu: &p.mu, buf: &p.stderr}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if configure != nil {
		configure(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(p.kill)
	return p
}

// page finds where the page is.
func (p *process) page() {
	p.t.Helper()
	untilSaid(p.t, p.errors, "http://")
	p.url = urlInNotice.FindString(p.errors())
}

// TestRunStoresAFlood: each stream's lines are stored in their order, all of them, and
// are passed through as they were.
func TestRunStoresAFlood(t *testing.T) {
	const n = 50_000 // of each stream
	data := t.TempDir()
	p := startAs(t, nil, "run", "--listen", "127.0.0.1:0", "--data", data, "--environment", "test", "--",
		"sh", "-c", fmt.Sprintf("seq -f 'line %%.0f' %d & seq -f 'err %%.0f' %d >&2; wait; exit 3", n, n))
	if code := p.wait(); code != 3 {
		t.Fatalf("ended with %d\n%.2000s", code, p.errors())
	}
	var want strings.Builder
	for i := range n {
		fmt.Fprintf(&want, "line %d\n", i+1)
	}
	if p.output() != want.String() {
		t.Errorf("%d bytes were passed through, want %d", len(p.output()), want.Len())
	}
	if got := strings.Count(p.errors(), "err "); got != n {
		t.Errorf("%d lines of stderr were passed through, want %d", got, n)
	}
	records := kept(t, data, "")
	next := map[any]int{}
	for _, r := range records {
		stream := attribute(r, "stream")
		next[stream]++
		if prefix := map[any]string{"stdout": "line ", "stderr": "err "}[stream]; r["message"] != prefix+strconv.Itoa(next[stream]) {
			t.Fatalf("record %d of %v says %v", next[stream], stream, r["message"])
		}
		if r["service"] != "sh" || r["environment"] != "test" {
			t.Fatalf("a record is of %v in %v", r["service"], r["environment"])
		}
	}
	if next["stdout"] != n || next["stderr"] != n {
		t.Errorf("stored: %v", next)
	}
}

func TestRunExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		command []string
		code    int
		says    string
	}{
		"success":        {[]string{"true"}, 0, ""},
		"failure":        {[]string{"sh", "-c", "exit 200"}, 200, ""},
		"SIGKILL":        {[]string{"sh", "-c", "kill -9 $$"}, 137, "sh was ended by signal 9 (killed)"},
		"SIGTERM":        {[]string{"sh", "-c", "kill $$"}, 143, "signal 15"},
		"not there":      {[]string{"./nosuchprogram"}, 127, "no such file"},
		"not in PATH":    {[]string{"nosuchprogram"}, 127, "not found"},
		"not executable": {[]string{"/etc/passwd"}, 126, "permission denied"},
		"a folder":       {[]string{"/"}, 126, "is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			p := startAs(t, nil, append([]string{"run", "--listen", "127.0.0.1:0", "--"}, c.command...)...)
			if code := p.wait(); code != c.code || !strings.Contains(p.errors(), c.says) {
				t.Errorf("ended with %d and said %q; want %d and %q", code, p.errors(), c.code, c.says)
			}
		})
	}
}

// TestRunPassesSignalsOn sends each signal once; the program gets it once.
func TestRunPassesSignalsOn(t *testing.T) {
	script := `for s in INT HUP QUIT USR1 USR2 WINCH; do trap "echo got $s" $s; done
trap 'echo got TERM; exit 7' TERM
echo ready
while :; do sleep 0.02; done`
	data := t.TempDir()
	p := startAs(t, nil, "run", "--listen", "127.0.0.1:0", "--data", data, "--", "sh", "-c", script)
	untilSaid(t, p.output, "ready")
	want := "ready\n"
	for _, s := range []struct {
		name   string
		signal syscall.Signal
	}{
		{"INT", syscall.SIGINT},
		{"HUP", syscall.SIGHUP},
		{"QUIT", syscall.SIGQUIT},
		{"USR1", syscall.SIGUSR1},
		{"USR2", syscall.SIGUSR2},
		{"WINCH", syscall.SIGWINCH},
		{"TERM", syscall.SIGTERM},
	} {
		if err := p.cmd.Process.Signal(s.signal); err != nil {
			t.Fatal(err)
		}
		want += "got " + s.name + "\n"
		untilSaid(t, p.output, "got "+s.name)
	}
	if code := p.wait(); code != 7 {
		t.Errorf("ended with %d\n%s", code, p.errors())
	}
	if p.output() != want {
		t.Errorf("the program said %q, want %q", p.output(), want)
	}
	if got := len(kept(t, data, "")); got != strings.Count(want, "\n") {
		t.Errorf("%d records are stored of %q", got, want)
	}
}

// TestRunKeepsTheProgramOutOfItsGroup: a signal to a group, as supervisors send it, reaches the program
// once, by way of weir.
func TestRunKeepsTheProgramOutOfItsGroup(t *testing.T) {
	p := startAs(t, nil, "run", "--listen", "127.0.0.1:0", "--", "sh", "-c",
		`trap 'echo got TERM; n=1' TERM; echo ready; while [ -z "$n" ]; do sleep 0.02; done; sleep 0.3; exit 7`)
	untilSaid(t, p.output, "ready")
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(); code != 7 || strings.Count(p.output(), "got TERM") != 1 {
		t.Errorf("ended with %d and %q", code, p.output())
	}
}

func TestRunStays(t *testing.T) {
	p := startAs(t, nil, "run", "--stay", "--listen", "127.0.0.1:0", "--", "sh", "-c", "echo hello; exit 3")
	untilSaid(t, p.errors, "sh has ended with exit code 3; the page stays up until Ctrl-C")
	p.page()
	if got := p.records(""); len(got) != 1 || got[0]["message"] != "hello" {
		t.Errorf("the page has %v", got)
	}
	// A signal in the first moment after the end counts as one of those that ended the
	// program.
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); runtime.Gosched() {
		_ = p.cmd.Process.Signal(syscall.SIGINT)
		select {
		case err := <-p.done:
			p.done <- err
			if code := p.cmd.ProcessState.ExitCode(); code != 3 && code != -1 {
				t.Errorf("ended with %d\n%s", code, p.errors())
			}
			return
		case <-time.After(time.Second):
		}
	}
	t.Fatal("it did not end")
}

func TestRunTakesLongLines(t *testing.T) {
	data := t.TempDir()
	p := startAs(t, nil, "run", "--listen", "127.0.0.1:0", "--data", data, "--", "sh", "-c",
		`head -c 5000000 /dev/zero | tr '\0' x; echo; echo after; printf 'nul \000, byte \377, no end'`)
	if code := p.wait(); code != 0 {
		t.Fatalf("ended with %d\n%s", code, p.errors())
	}
	if got, want := p.output(), strings.Repeat("x", 5_000_000)+"\nafter\nnul \x00, byte \xff, no end"; got != want {
		t.Errorf("%d bytes were passed through, want %d", len(got), len(want))
	}
	records := kept(t, data, "")
	if len(records) != 3 || len(records[0]["message"].(string)) != 5_000_000 || records[1]["message"] != "after" {
		t.Errorf("%d records are stored", len(records))
	}
}

// TestRunDoesNotWaitForWhatStaysBehind: something holds the program's output open after
// its end, in silence or not; what the program wrote is stored all the same.
func TestRunDoesNotWaitForWhatStaysBehind(t *testing.T) {
	for name, script := range map[string]string{
		"silent":  `sleep 20 & seq 20000; exit 4`,
		"chatter": `(while :; do echo chatter; sleep 0.05; done) & seq 20000; exit 4`,
		"flood":   `seq 20000; yes "flood $(head -c 4000 /dev/zero | tr '\\0' x)" & exit 4`,
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			began := time.Now()
			p := startAs(t, nil, "run", "--quiet", "--listen", "127.0.0.1:0", "--data", data, "--", "sh", "-c", script)
			if code := p.wait(); code != 4 || !strings.Contains(p.errors(), "is not waited for") {
				t.Errorf("ended with %d\n%s", code, p.errors())
			}
			if took := time.Since(began); took > 18*time.Second {
				t.Errorf("it took %s", took)
			}
			numbers := regexp.MustCompile(`^[0-9]+$`)
			n := 0
			for _, r := range kept(t, data, "-flood -chatter") {
				if numbers.MatchString(r["message"].(string)) {
					n++
				}
			}
			if n != 20000 {
				t.Errorf("%d of the program's 20000 lines are stored", n)
			}
		})
	}
}

// TestPipeOutlivesItsReader closes the other end of weir's stdout, as head does.
func TestPipeOutlivesItsReader(t *testing.T) {
	for _, args := range [][]string{{}, {"run"}} {
		data, input := t.TempDir(), filepath.Join(t.TempDir(), "input")
		var text strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&text, "line %d\n", i)
		}
		if err := os.WriteFile(input, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := os.Open(input)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, "--exit", "--listen", "127.0.0.1:0", "--data", data)
		if args[0] == "run" {
			args = append(args, "--", "cat")
		}
		p := startAs(t, func(c *exec.Cmd) { c.Stdin, c.Stdout = in, w }, args...)
		w.Close()
		if line, err := bufio.NewReader(r).ReadString('\n'); line != "line 0\n" {
			t.Errorf("read %q, %v", line, err)
		}
		r.Close()
		if code := p.wait(); code != exitDone {
			t.Errorf("ended with %d\n%s", code, p.errors())
		}
		if got := strings.Count(p.errors(), "nobody reads stdout any more"); got != 1 {
			t.Errorf("%d notices:\n%s", got, p.errors())
		}
		if got := len(kept(t, data, "")); got != 20_000 {
			t.Errorf("%d records are stored", got)
		}
	}
}

// TestRunLeavesTheProgramItsSignals: what weir does about a reader that leaves is not
// handed down.
func TestRunLeavesTheProgramItsSignals(t *testing.T) {
	p := startAs(t, nil, "run", "--listen", "127.0.0.1:0", "--", "sh", "-c", "{ yes; echo $? >&2; } | head -1")
	if code := p.wait(); code != 0 || !strings.Contains(p.errors(), "141") || p.output() != "y\n" {
		t.Errorf("ended with %d: %q, %q", code, p.output(), p.errors())
	}
}
