//go:build unix

package behaviour_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/ship"
)

const (
	childServer = "WEIR_BEHAVIOUR_SERVER"
	childEnd    = "WEIR_BEHAVIOUR_END"
)

// TestChild is what a program does that TestDefectLASLastRecordsAreLost starts.
func TestChild(t *testing.T) {
	url := os.Getenv(childServer)
	if url == "" {
		return
	}
	sink, err := ship.New(url, ship.Options{FlushInterval: time.Hour})
	mustDo(t, err)
	log := weir.New("child", weir.WithSink(sink), weir.HandleSignals())
	for i := range 500 {
		log.Info("m", "i", i)
	}
	if os.Getenv(childEnd) == "exit" {
		log.Exit(3, "the end")
	}
	fmt.Println("ready")
	select {}
}

// TestDefectLASLastRecordsAreLost: the Python client lost everything at SIGTERM, the JS client
// at process.exit.
func TestDefectLASLastRecordsAreLost(t *testing.T) {
	for end, want := range map[string]int{"signal": 501, "exit": 501} {
		t.Run(end, func(t *testing.T) {
			server := newLogServer(t)
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
			child.Env = append(os.Environ(), childServer+"="+server.url, childEnd+"="+end)
			child.Stderr = t.Output()
			out, err := child.StdoutPipe()
			mustDo(t, err)
			mustDo(t, child.Start())
			for scan := bufio.NewScanner(out); scan.Scan(); {
				if scan.Text() == "ready" {
					mustDo(t, child.Process.Signal(syscall.SIGTERM))
				}
			}
			var failed *exec.ExitError
			if err := child.Wait(); !errors.As(err, &failed) {
				t.Errorf("the child ended with %v", err)
			}
			if n := len(server.all()); n != want {
				t.Errorf("%d of %d records arrived", n, want)
			}
		})
	}
}
