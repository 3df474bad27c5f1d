package redis

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/server/intake"
)

func TestBuffer(t *testing.T) {
	b := newBuffer(4, 1000)
	a, c := intake.Source{Sender: "a"}, intake.Source{Sender: "c"}
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	put := func(source intake.Source, text string, second int) bool {
		return b.add(published{source: source, message: message{text: text}}, at(second))
	}
	for i := range 4 {
		if !put(a, "x", i) {
			t.Fatal("there was room")
		}
	}
	if put(a, "x", 5) || put(c, "x", 6) || put(c, "x", 7) {
		t.Fatal("there was no room")
	}
	ctx := context.Background()
	taken := b.take(ctx, 1)
	if len(taken) != 1 || put(a, "x", 8) {
		t.Fatal("what is taken takes up room until it is stored")
	}
	b.done(taken)
	if put(a, "x", 9) {
		t.Fatal("one place is not half of them")
	}
	b.done(b.take(ctx, 1))
	if !put(a, "later", 10) {
		t.Fatal("half is free")
	}
	taken = b.take(ctx, 10)
	if len(taken) != 4 || taken[2].hole == nil || taken[3].message.text != "later" {
		t.Fatalf("%+v", taken)
	}
	h := taken[2].hole
	if h.lost[a] != 3 || h.lost[c] != 2 || !h.since.Equal(at(5)) || !h.until.Equal(at(9)) || h.reason != holeOverflow {
		t.Errorf("%+v", h)
	}
	if order := h.sources(); len(order) != 2 || order[0] != a {
		t.Errorf("%+v", order)
	}
	b.done(taken)
	if !put(a, strings.Repeat("x", 2000), 11) {
		t.Error("one message of any size has room")
	}
	if put(a, "x", 12) {
		t.Error("there are too many bytes")
	}
	b.close()
	if taken = b.take(ctx, 10); len(taken) != 2 || taken[1].hole == nil {
		t.Errorf("%+v", taken)
	}
	if taken = b.take(ctx, 10); len(taken) != 0 {
		t.Errorf("%+v", taken)
	}
}

func TestPauses(t *testing.T) {
	for failures := range 100 {
		want := pauseMost
		if failures < 9 {
			want = min(pauseFirst<<failures, pauseMost)
		}
		if got := pauseAfter(failures); got < want/2 || got >= want {
			t.Errorf("after %d failures: %v", failures, got)
		}
	}
}

func TestWithGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		longer, end := withGrace(ctx, time.Second)
		defer end()
		cancel()
		began := time.Now()
		<-longer.Done()
		if took := time.Since(began); took != time.Second {
			t.Errorf("it ended after %v", took)
		}
		_, endUnused := withGrace(context.Background(), time.Hour)
		endUnused()
	})
}

// TestSecretsInReplies: a server that repeats what it was sent does not spread it.
func TestSecretsInReplies(t *testing.T) {
	s, err := parseURL("redis://:hunter2@h?list=a")
	if err != nil {
		t.Fatal(err)
	}
	l := &link{source: s}
	if _, text := l.explain(errors.New("unknown command HELLO, with args: 3, AUTH, default, hunter2")); strings.Contains(text, "hunter2") {
		t.Error(text)
	}
}
