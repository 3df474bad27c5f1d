package repeat

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/server/intake"
)

func TestRemembers(t *testing.T) {
	m := New(time.Minute, time.Now)
	for i, c := range []struct {
		sender, data string
		want         int
	}{{"a", "x", 0}, {"a", "x", 1}, {"b", "x", 0}, {"a", "y", 0}, {"a", "x", 2}} {
		b, err := m.Begin(t.Context(), c.sender, []byte(c.data))
		if err != nil || b.Stored != c.want {
			t.Errorf("%d: %+v %v", i, b, err)
		}
		b.Stored++
		m.End(b)
	}
	if m.Stats() != (Stats{Repeated: 2}) {
		t.Errorf("%+v", m.Stats())
	}
}

func TestIsBounded(t *testing.T) {
	const window = 2 * time.Minute
	synctest.Test(t, func(t *testing.T) {
		m := New(window, time.Now)
		for i := range MaxRemembered + 10 {
			once(t, m, fmt.Sprint(i))
		}
		if len(m.bodies) != MaxRemembered || len(m.order) != MaxRemembered || m.forgotten != 10 {
			t.Errorf("%d remembered, %d forgotten", len(m.bodies), m.forgotten)
		}
		<-time.After(window + time.Second)
		once(t, m, "")
		if len(m.bodies) != 1 || m.forgotten != 10 {
			t.Errorf("%d remembered, %d forgotten", len(m.bodies), m.forgotten)
		}
	})
}

func once(t *testing.T, m *Memory, data string) {
	t.Helper()
	b, err := m.Begin(t.Context(), "a", []byte(data))
	if err != nil {
		t.Fatal(err)
	}
	m.End(b)
}

// TestLeavesWhileWaiting: who does not wait for its turn does not keep the next one
// from it.
func TestLeavesWhileWaiting(t *testing.T) {
	m := New(time.Minute, time.Now)
	first, err := m.Begin(t.Context(), "a", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := m.Begin(ctx, "a", nil); !errors.Is(err, context.Canceled) || !errors.Is(err, intake.ErrUnavailable) {
		t.Error(err)
	}
	m.End(first)
	once(t, m, "")
}
