// Package loki tests the server with the client that Promtail is made of.
package loki

import (
	"fmt"
	"io"
	"testing"
	"time"

	kitlog "github.com/go-kit/log"
	"github.com/grafana/loki-client-go/loki"
	"github.com/grafana/loki/pkg/push"
	"github.com/prometheus/common/model"

	"github.com/weirlog/weir/clients/weirserver"
)

// promtail is a client that sends soon and does not give up.
func promtail(t *testing.T, s *weirserver.Server, inJSON bool) *loki.Client {
	t.Helper()
	cfg, err := loki.NewDefaultConfig(s.URL + "/loki/api/v1/push")
	if err != nil {
		t.Fatal(err)
	}
	cfg.BatchWait, cfg.BatchSize = 50*time.Millisecond, 4<<10 // many batches
	cfg.BackoffConfig.MinBackoff, cfg.BackoffConfig.MaxBackoff, cfg.BackoffConfig.MaxRetries = 20*time.Millisecond, 200*time.Millisecond, 1000
	cfg.TenantID, cfg.EncodeJson = "team-a", inJSON
	client, err := loki.NewWithLogger(cfg, kitlog.NewLogfmtLogger(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestPromtail(t *testing.T) {
	s := weirserver.Start(t)
	at := time.Now().UTC().Truncate(time.Microsecond)
	for name, inJSON := range map[string]bool{"proto": false, "json": true} {
		client := promtail(t, s, inJSON)
		labels := model.LabelSet{"service_name": model.LabelValue(name), "host": "h\"1", "env": "staging", "filename": "/var/log/x.log"}
		for i, line := range []string{
			"plain 한국어 😀",
			`{"level":"error","msg":"card declined","user_id":"u1"}`,
			"level=warn msg=\"slow query\" took=1.5s",
		} {
			metadata := push.LabelsAdapter{{Name: "trace_id", Value: "0af7651916cd43dd8448eb211c80319c"}, {Name: "pod", Value: "p"}}
			if err := client.HandleWithMetadata(labels, at.Add(time.Duration(i)*time.Millisecond), line, metadata); err != nil {
				t.Fatal(err)
			}
		}
		got := s.WaitFor("service:"+name, 3)
		client.Stop()
		for i, want := range []struct{ level, message string }{{"", "plain 한국어 😀"}, {"ERROR", "card declined"}, {"WARN", "slow query"}} {
			r := got[i]
			level, _ := r["level"].(string)
			metadata, _ := r["metadata"].(map[string]any)
			if level != want.level || r["message"] != want.message || r["host"] != `h"1` || r["environment"] != "staging" || r["tenant_id"] != "team-a" || metadata["filename"] != "/var/log/x.log" {
				t.Errorf("%s: %v", name, r)
			}
			if r["created_at"] != at.Add(time.Duration(i)*time.Millisecond).Format("2006-01-02T15:04:05.000000Z") {
				t.Errorf("%s: %v", name, r)
			}
			if !inJSON && (r["trace_id"] != "0af7651916cd43dd8448eb211c80319c" || metadata["pod"] != "p") { // its JSON has no metadata
				t.Errorf("%s: %v", name, r)
			}
		}
		if got[1]["user_id"] != "u1" {
			t.Errorf("%v", got[1])
		}
	}
	for _, source := range s.Sources("loki") {
		if source.Stored != 6 || source.Sender != "127.0.0.1" || source.Agent[:9] != "promtail/" || len(source.Troubles) != 0 {
			t.Errorf("%+v", source)
		}
	}
}

// TestPromtailOverKill: the server is killed while lines come, and started again. None
// is lost; those of a batch whose answer was lost may come twice.
func TestPromtailOverKill(t *testing.T) {
	const lines = 50_000
	s := weirserver.Start(t)
	client := promtail(t, s, false)
	sent := make(chan error, 1)
	go func() {
		labels := model.LabelSet{"app": "killed"}
		begin := time.Now()
		for i := range lines {
			if err := client.Handle(labels, begin.Add(time.Duration(i)), fmt.Sprintf("line %05d", i)); err != nil {
				sent <- err
				return
			}
		}
		client.Stop()
		sent <- nil
	}()
	s.WaitFor("service:killed", 1000)
	s.Kill()
	s.Restart()
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	seen := make(map[any]int)
	s.Until("all lines", func() bool {
		clear(seen)
		for part := range lines / 1000 { // a search has at most 10,000 records, and some come twice
			for _, r := range s.Records(fmt.Sprintf(`service:killed message:/^line %02d/`, part)) {
				seen[r["message"]]++
			}
		}
		return len(seen) >= lines
	})
	twice := 0
	for _, n := range seen {
		twice += n - 1
	}
	t.Logf("%d of %d lines came twice", twice, lines)
}
