package weirtest_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/weirtest"
)

// C27. ko-log's test with a sink: one event, with the message in it.
func TestCaptureHoldsWhatWasLogged(t *testing.T) {
	log, c := weirtest.New(t)
	log.Info("Test message", "n", 1)
	if c.Len() != 1 || !slices.Equal(c.Messages(), []string{"Test message"}) {
		t.Fatalf("captured %q", c.Messages())
	}
	r := c.Records()[0]
	if r.Logger != weirtest.Name || r.Severity != record.SeverityInfo {
		t.Errorf("captured %+v", r)
	}
	log.Log(context.Background(), weir.LevelTrace, "trace")
	weirtest.AssertLogged(t, c, weir.LevelTrace, "trace")
	c.Reset()
	if c.Len() != 0 {
		t.Errorf("after Reset: %q", c.Messages())
	}
}

func TestNewTakesOptions(t *testing.T) {
	log, c := weirtest.New(t, weir.WithLevel(slog.LevelWarn), weir.WithResource(record.Resource{Service: "shop"}))
	log.Info("no")
	log.Warn("yes")
	if got := c.Messages(); !slices.Equal(got, []string{"yes"}) || c.Records()[0].Resource.Service != "shop" {
		t.Errorf("captured %q", got)
	}
}

// C27. The queue's test "sink add/remove": attached by a logger's name, detached again; its
// records go their usual way as well.
func TestSinkAddRemove(t *testing.T) {
	log, all := weirtest.New(t)
	db := log.Named("db")
	db.Info("before")
	c := weirtest.Attach(t, log, "test.db")
	db.Info("during")
	db.Named("pool").Info("below")
	log.Info("other")
	log.Named("dbx").Info("other too")
	if got := c.Messages(); !slices.Equal(got, []string{"during", "below"}) {
		t.Errorf("captured %q", got)
	}
	db.Info("last")
	c.Detach()
	db.Info("after")
	c.Detach()
	if got := c.Messages(); !slices.Equal(got, []string{"during", "below", "last"}) {
		t.Errorf("captured %q", got)
	}
	if all.Len() != 7 {
		t.Errorf("the usual way: %q", all.Messages())
	}
}

func TestTheEndOfATestDetaches(t *testing.T) {
	log, _ := weirtest.New(t)
	t.Run("inner", func(t *testing.T) {
		weirtest.Attach(t, log, "")
		if n := len(log.Stats().Sinks); n != 2 {
			t.Errorf("%d sinks", n)
		}
	})
	if n := len(log.Stats().Sinks); n != 1 {
		t.Errorf("%d sinks are left", n)
	}
}

func TestAttachToALoggerThatIsClosedMeanwhile(t *testing.T) {
	log := weir.New("app", weir.WithSink(&weirtest.Capture{}), weir.WithErrorOutput(io.Discard))
	c := weirtest.Attach(t, log, "")
	log.Info("m")
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if c.Len() != 1 {
		t.Errorf("captured %q", c.Messages())
	}
}

func TestAttachToAClosedLoggerEndsTheTest(t *testing.T) {
	log := weir.New("app", weir.WithErrorOutput(io.Discard))
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	f := failing(func(t testing.TB) { weirtest.Attach(t, log, "") })
	if !f.ended || !strings.Contains(f.text(), "closed") {
		t.Errorf("%+v", f)
	}
}

func TestCaptureIsSafeForConcurrentUse(t *testing.T) {
	log, c := weirtest.New(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 50 {
				log.Info("m", "i", i)
				c.Records()
			}
		})
	}
	wg.Wait()
	if c.Len() != 200 {
		t.Errorf("captured %d", c.Len())
	}
}

func TestCaptureInASyncTestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, c := weirtest.New(t)
		log.Info("m")
		weirtest.AssertLogged(t, c, slog.LevelInfo, "m")
	})
}

func TestCaptureText(t *testing.T) {
	log, c := weirtest.New(t, weir.WithoutSource())
	log.Info("first", "n", 1)
	log.Warn("second")
	f, err := format.Text("%(levelname)s %(message)s", format.TextOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Text(f); got != "INFO first\nWARN second\n" && !strings.Contains(got, "first") {
		t.Errorf("text %q", got)
	}
	if got := c.Text(nil); strings.Count(got, "\n") != 2 || !strings.Contains(got, `"message":"second"`) {
		t.Errorf("JSON %q", got)
	}
}
