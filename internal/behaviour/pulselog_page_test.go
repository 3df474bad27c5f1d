package behaviour_test

import (
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/sink/slogsink"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirtest"
)

// withPage lets a test have a live page, wherever it runs.
func withPage(t *testing.T) {
	t.Helper()
	t.Setenv("CI", "")
	t.Setenv("WEIR_DASHBOARD", "")
}

// TestA1ArgumentsOfLogger: name, host and port, auto_open, dashboard, checkpoint_path, level,
// queue_size and overflow.
func TestA1ArgumentsOfLogger(t *testing.T) {
	withPage(t)
	dir := t.TempDir()
	out := &said{}
	log, _ := weirtest.New(t, weir.WithErrorOutput(out),
		dashboard.Auto(dashboard.Address("127.0.0.1:0"), dashboard.NoOpen()),
		weir.WithCheckpointDir(dir), weir.WithLevel(weir.LevelDebug),
		weir.WithMaxRecords(100_000), weir.WithOverflow(weir.DropOldest))
	if announced(t, out); log.Name() != weirtest.Name || log.Stats().QueueCapacity != 100_000 {
		t.Errorf("name %s, %+v", log.Name(), log.Stats())
	}
	if !log.Enabled(t.Context(), weir.LevelDebug) || log.Enabled(t.Context(), weir.LevelTrace) {
		t.Error("the level is not DEBUG")
	}
	mustDo(t, log.Save(t.Context(), weir.Checkpoint{Name: "epoch-1"}))
	if files, err := os.ReadDir(dir); err != nil || len(files) == 0 {
		t.Errorf("the checkpoints are elsewhere: %v", err)
	}
}

// TestA2PortTakenGoesToTheNext: two programs with the same address both have a page.
func TestA2PortTakenGoesToTheNext(t *testing.T) {
	withPage(t)
	address := "127.0.0.1:0"
	var urls []string
	for range 2 {
		out := &said{}
		weirtest.New(t, weir.WithErrorOutput(out), dashboard.Auto(dashboard.Address(address), dashboard.NoOpen()))
		urls = append(urls, announced(t, out))
		address = strings.TrimPrefix(urls[0], "http://")
	}
	if urls[0] == urls[1] || !strings.Contains(get(t, urls[1]), "<html") {
		t.Errorf("the pages are %q", urls)
	}
}

// TestA11FanOut: the page and handlers of the program's own get each record.
func TestA11FanOut(t *testing.T) {
	withPage(t)
	var plain, handled said
	out := &said{}
	log, c := weirtest.New(t, weir.WithErrorOutput(out), dashboard.Auto(dashboard.Address("127.0.0.1:0"), dashboard.NoOpen()),
		weir.WithSink(writer.New(&plain, text(t, "%(levelname)s %(message)s %(k)s", format.TextOptions{})),
			slogsink.New(slog.NewTextHandler(&handled, nil), slogsink.WithoutSource())))
	url := announced(t, out)
	log.Warn("to all", "k", "v")
	mustDo(t, log.Flush(t.Context()))
	weirtest.AssertLogged(t, c, weir.LevelWarn, "to all", slog.String("k", "v"))
	if got := plain.String(); got != "WARNING to all v\n" {
		t.Errorf("the writer has %q", got)
	}
	if got := handled.String(); !strings.Contains(got, `level=WARN msg="to all" k=v`) {
		t.Errorf("the handler has %q", got)
	}
	if got := get(t, url+"/api/v1/records?q=k:v"); !strings.Contains(got, `"message":"to all"`) {
		t.Errorf("the page has %s", got)
	}
}

// TestA12PageNeedsNobodyElse: the page is in the program, without a CDN; a divider and a
// tag reach it. (What it does in a browser is tested in ui/e2e.)
func TestA12PageNeedsNobodyElse(t *testing.T) {
	withPage(t)
	out := &said{}
	log, _ := weirtest.New(t, weir.WithErrorOutput(out), dashboard.Auto(dashboard.Address("127.0.0.1:0"), dashboard.NoOpen()))
	url := announced(t, out)
	html := get(t, url)
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(html, -1)
	if len(links) == 0 {
		t.Fatalf("the page is %s", html)
	}
	for _, l := range links {
		if strings.Contains(l[1], "//") {
			t.Errorf("the page asks for %s", l[1])
		}
		if strings.Contains(l[1], "api/") {
			continue // the text that grows, for a browser without JavaScript
		}
		if get(t, url+"/"+strings.TrimLeft(l[1], "./")) == "" {
			t.Errorf("%s is empty", l[1])
		}
	}
	log.Tagged("training").Info("tagged")
	log.Divider("epoch boundary")
	mustDo(t, log.Flush(t.Context()))
	if got := get(t, url+"/api/v1/records?q=tag:training"); !strings.Contains(got, `"tag":"training"`) {
		t.Errorf("no tag: %s", got)
	}
	if got := get(t, url+"/api/v1/records?q=kind:divider"); !strings.Contains(got, "epoch boundary") {
		t.Errorf("no divider: %s", got)
	}
}
