package collector

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// TestPythonOddValues: whatever Python's json writes is kept.
func TestPythonOddValues(t *testing.T) {
	s := weirserver.Start(t)
	out := run(t, "python3", "testdata/python/odd.py", s.URL+"/")
	if !strings.Contains(out, `[{"status": "ok", "count": 12, "repaired": `) {
		t.Fatalf("answered %s", out)
	}
	var found struct {
		Records []json.RawMessage `json:"records"` // numbers as they are
	}
	if err := s.Get("/api/v1/records?order=asc&q=service:odd", &found); err != nil {
		t.Fatal(err)
	}
	got := found.Records
	if len(got) != 12 {
		t.Fatalf("%d records", len(got))
	}
	var undated struct {
		Observed string `json:"observed_at"`
	}
	if err := json.Unmarshal(got[8], &undated); err != nil {
		t.Fatal(err)
	}
	for i, parts := range [][]string{
		{`"message":"nan"`, `"value":"NaN"`, `"up":"Infinity"`, `"down":"-Infinity"`},
		{`"message":"big"`, `123456789012345678901234567890`, `-9223372036854775809`},
		{`"message":"half a pair ` + "\ufffd", `"_replaced"`},
		{`nul ` + "\ufffd" + ` here`, `"_replaced"`},
		{`"message":"null fields"`, `"level":"INFO"`},
		{`"message":"numeric user"`, `"user_id":"42"`},
		{`"message":"in milliseconds"`, `"created_at":"2026-11-21T00:11:43.603000Z"`},
		{`"message":"in seconds"`, `"created_at":"2026-11-21T00:11:43.603000Z"`},
		{`"message":"not dated"`, `"created_at":"` + undated.Observed + `"`},
		{`"message":"a level of its own"`, `"level":"AUDIT"`},
		{`"not":"a text"`, `"long"`, `"no object"`, `"_repaired":[`},
		{`한국어 😀 <b>&`},
	} {
		for _, part := range parts {
			if !strings.Contains(string(got[i]), part) {
				t.Errorf("%q is not in %s", part, got[i])
			}
		}
	}
}

// TestPythonExit: a program that ends sends its whole queue in one request.
func TestPythonExit(t *testing.T) {
	s := weirserver.Start(t, "--log-level", "debug")
	if out := strings.TrimSpace(run(t, "python3", "testdata/python/exit.py", s.URL)); out != `[{"status": "ok", "count": 10000}]` {
		t.Fatalf("answered %s", out)
	}
	got := s.Records("service:exit")
	if len(got) != 10_000 || got[9_999]["message"] != "line 9999" {
		t.Fatalf("%d stored", len(got))
	}
	if log := s.Log(); !strings.Contains(log, "Received 10000 records") {
		t.Errorf("the server's log does not tell:\n%s", log)
	}
}

// TestNodeOverARestart: Node's client tries again until the server is back; nothing is
// lost.
func TestNodeOverARestart(t *testing.T) {
	s := weirserver.Start(t)
	const n = 30_000
	c := exec.Command("node", "testdata/node/main.mjs", s.URL, fmt.Sprint(n))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	t.Cleanup(func() { _ = c.Process.Kill() })
	s.WaitFor("service:node", 1)
	s.Kill()
	s.Restart()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("the program does not end")
	}
	seen := make(map[float64]int)
	const step = 2000 // some are there twice: their answer was lost
	for from := 0; from < n; from += step {
		for _, r := range s.Records(fmt.Sprintf("service:node number:>=%d number:<%d", from, from+step)) {
			number, _ := metadata(r)["number"].(float64)
			seen[number]++
		}
	}
	for i := 1; i < n; i++ {
		if seen[float64(i)] == 0 {
			t.Fatalf("line %d is lost; %d are there", i, len(seen))
		}
	}
	first := s.Records(`service:node message:first`)
	if len(first) == 0 || first[0]["user_id"] != "7" || first[0]["file_path"] == nil || text(metadata(first[0])["nested"]) != `{"a":[1,null,true]}` {
		t.Errorf("%s", text(first))
	}
}
