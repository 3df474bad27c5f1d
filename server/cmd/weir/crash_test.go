package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// TestNothingAcknowledgedIsLostByAKill kills the server while batches are being
// posted, over and over, and looks for every acknowledged record afterwards.
func TestNothingAcknowledgedIsLostByAKill(t *testing.T) {
	const rounds, senders, batchSize, killAfter = 5, 4, 20, 50
	data := t.TempDir()
	acknowledged := map[string]bool{}
	sent := map[string]bool{}

	for round := range rounds {
		p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
		var mu sync.Mutex
		var wg sync.WaitGroup
		batches := 0
		for sender := range senders {
			wg.Go(func() {
				for n := 0; ; n++ {
					batch := fmt.Sprintf("r%d-s%d-b%d", round, sender, n)
					var body strings.Builder
					for i := range batchSize {
						fmt.Fprintf(&body, `{"message":"record %d","batch":%q}`+"\n", i, batch)
					}
					mu.Lock()
					sent[batch] = true
					mu.Unlock()
					status, _, err := p.post("/api/v1/records", "application/x-ndjson", "", []byte(body.String()))
					if err != nil {
						return // the server is dead
					}
					if status != http.StatusOK {
						t.Errorf("batch %s: status %d", batch, status)
						return
					}
					mu.Lock()
					acknowledged[batch] = true
					batches++
					enough := batches == killAfter
					mu.Unlock()
					if enough {
						_ = p.cmd.Process.Signal(syscall.SIGKILL)
					}
				}
			})
		}
		wg.Wait()
		p.kill()
	}

	p := start(t, nil, "serve", "--listen", "127.0.0.1:0", "--data", data)
	found := map[string]int{}
	ids := map[string]bool{}
	for _, r := range p.records("") {
		found[r["metadata"].(map[string]any)["batch"].(string)]++
		id := r["id"].(string)
		if ids[id] {
			t.Errorf("id %s is there twice", id)
		}
		ids[id] = true
	}
	for batch := range acknowledged {
		if found[batch] != batchSize {
			t.Errorf("batch %s was acknowledged and has %d of %d records", batch, found[batch], batchSize)
		}
	}
	for batch, n := range found {
		if n != batchSize {
			t.Errorf("batch %s is torn: %d of %d records", batch, n, batchSize)
		}
		if !sent[batch] {
			t.Errorf("batch %s was never sent", batch)
		}
	}
	if len(acknowledged) < rounds*killAfter {
		t.Errorf("only %d batches were acknowledged: the kills came too early to prove anything", len(acknowledged))
	}
}
