package gate

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
)

var pipe = intake.Source{Protocol: "pipe"}

// TestKeepWaits while the store is away, tells people once, and loses nothing.
func TestKeepWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told bytes.Buffer
		f := open(t, Options{Log: slog.New(slog.NewTextHandler(&told, nil))}, intake.Options{})
		f.store.Always(faulty.FailBefore)
		time.AfterFunc(time.Minute, func() { f.store.Always(faulty.None) })
		start := time.Now()
		done, err := f.Keep(t.Context(), pipe, numbered(1, 25))
		if took := time.Since(start); done != 25 || err != nil || took < time.Minute || took > time.Minute+againMost {
			t.Fatalf("%d, %v after %v", done, err, took)
		}
		f.wantNumbered(t, 25)
		if text := told.String(); strings.Count(text, "WARN") != 1 || strings.Count(text, "stored again") != 1 {
			t.Errorf("people were told\n%s", text)
		}
		line := f.line(t)
		if line.Received != 25 || line.Stored != 25 || len(line.Refused) != 0 || len(line.Troubles) != 1 || line.Troubles[0].Count != 1 {
			t.Errorf("%+v", line)
		}
		f.close(t)
	})
}

// TestKeepStoresWhatItCan: a record that the store cannot take is kept as text, and its
// neighbours as they are, in order.
func TestKeepStoresWhatItCan(t *testing.T) {
	for _, at := range [][]int{{0}, {24}, {7}, {3, 4, 20}} {
		synctest.Test(t, func(t *testing.T) {
			f := open(t, Options{}, intake.Options{})
			batch := numbered(1, 25)
			for _, i := range at {
				batch[i] = record.Record{Message: "poison \x00\u00e4", Severity: record.SeverityError}
			}
			start := time.Now()
			done, err := f.Keep(t.Context(), pipe, batch)
			if done != 25 || err != nil || time.Since(start) != 0 {
				t.Fatalf("%d, %v after %v", done, err, time.Since(start))
			}
			got := f.memory.Records()
			if len(got) != 25 {
				t.Fatalf("%d stored", len(got))
			}
			for i, r := range got {
				poison := false
				for _, p := range at {
					poison = poison || p == i
				}
				_, marked := r.Lookup("metadata." + record.AttrRepaired)
				if poison != (strings.Contains(r.Message, `poison \\`) && marked && r.Severity == record.SeverityError) || !poison && r.Message != numbered(i+1, i+1)[0].Message {
					t.Errorf("record %d is %q, marked %v", i, r.Message, marked)
				}
			}
			line := f.line(t)
			if len(line.Troubles) != 1 || line.Troubles[0].What != intake.ReasonUnfit || line.Troubles[0].Count != uint64(len(at)) || line.Received != 25 || line.Stored != 25 {
				t.Errorf("%+v", line)
			}
			f.close(t)
		})
	}
}

// TestKeepEnds with its context, and tells what is stored.
func TestKeepEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{}, intake.Options{CommitRecords: 10})
		f.store.Next(faulty.None)
		f.store.Always(faulty.FailBefore)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		done, err := f.Keep(ctx, pipe, numbered(1, 25))
		if done != 10 || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "15 records") {
			t.Fatalf("%d, %v", done, err)
		}
		if line := f.line(t); line.Received != 25 || line.Stored != 10 || line.Refused[intake.ReasonCancelled] != 15 {
			t.Errorf("%+v", line)
		}
		f.close(t)
		if done, err := f.Keep(t.Context(), pipe, numbered(1, 5)); done != 0 || !errors.Is(err, intake.ErrClosed) {
			t.Errorf("%d, %v", done, err)
		}
		if line := f.line(t); line.Received != 30 || line.Refused[intake.ReasonClosed] != 5 {
			t.Errorf("%+v", line)
		}
	})
}

// TestKeepPaces a sender that is over its rate instead of refusing it.
func TestKeepPaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{Rate: 10}, intake.Options{})
		start := time.Now()
		for range 5 {
			if done, err := f.Keep(t.Context(), pipe, numbered(1, 20)); done != 20 || err != nil {
				t.Fatal(done, err)
			}
		}
		if took := time.Since(start); took < 7*time.Second || took > 8*time.Second { // the first second's worth is free, the last batch's debt is not paid
			t.Errorf("100 records took %v", took)
		}
		f.close(t)
	})
}

// TestKeepOverAMomentsFault: a store that fails for one call costs nothing of a record.
func TestKeepOverAMomentsFault(t *testing.T) {
	for n := 1; n <= 3; n++ {
		f := open(t, Options{}, intake.Options{})
		f.store.Next(faulty.FailBefore)
		if done, err := f.Keep(t.Context(), pipe, numbered(1, n)); done != n || err != nil {
			t.Fatal(done, err)
		}
		f.wantNumbered(t, n)
		if line := f.line(t); len(line.Troubles) != 0 || line.Stored != uint64(n) {
			t.Errorf("%+v", line)
		}
	}
}

// TestPlainTextIsFound where the record would be, if that is not what the store cannot
// take.
func TestPlainTextIsFound(t *testing.T) {
	at := time.Date(2001, 2, 3, 4, 5, 6, 7000, time.UTC)
	for _, c := range []struct {
		logger, service string
		refused         string // by the store, beside the message
		wantLogger      string
		wantService     string
	}{
		{"app.db", "orders", "", "app.db", "orders"},
		{"app\x00db", "orders", "", "", "orders"},
		{"app.db", "orders\xff", "", "app.db", ""},
		{"app.db", "orders", "app.db", "", ""},
	} {
		f := open(t, Options{}, intake.Options{})
		f.refused = c.refused
		r := record.Record{Message: "poison", Time: at, Logger: c.logger, Resource: &record.Resource{Service: c.service}}
		if done, err := f.Keep(t.Context(), pipe, []record.Record{r}); done != 1 || err != nil {
			t.Fatal(done, err)
		}
		got := f.memory.Records()
		if len(got) != 1 || !strings.Contains(got[0].Message, "poison") || got[0].Logger != c.wantLogger || c.refused == "" && !got[0].Time.Equal(at) {
			t.Fatalf("%q: %+v", c.logger, got)
		}
		service := ""
		if got[0].Resource != nil {
			service = got[0].Resource.Service
		}
		if service != c.wantService {
			t.Errorf("of %q", service)
		}
	}
}

// TestKeepWhileStopping: a server that stops does not wait until a sender has paid its
// debt, nor long for a store that is away.
func TestKeepWhileStopping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{Rate: 1}, intake.Options{})
		if _, err := f.Keep(t.Context(), pipe, numbered(1, 1000)); err != nil {
			t.Fatal(err)
		}
		if f.Wait(pipe) < time.Minute {
			t.Fatal("it is not in debt")
		}
		time.AfterFunc(time.Second, f.Stopping)
		start := time.Now()
		if done, err := f.Keep(t.Context(), pipe, numbered(1, 5)); done != 5 || err != nil || time.Since(start) != time.Second {
			t.Errorf("%d, %v after %v", done, err, time.Since(start))
		}
		f.Stopping()
		if _, err := f.Keep(t.Context(), pipe, numbered(1, 5)); f.Wait(pipe) != 0 || err != nil || time.Since(start) != time.Second {
			t.Errorf("it is paced: %v after %v", err, time.Since(start))
		}
		f.store.Always(faulty.FailBefore)
		var closed time.Time
		time.AfterFunc(time.Minute, func() { closed = time.Now(); _ = f.intake.Close(context.Background()) })
		if _, err := f.Keep(t.Context(), pipe, numbered(1, 5)); !errors.Is(err, intake.ErrClosed) || time.Since(closed) > againFirst {
			t.Errorf("%v, %v after the end", err, time.Since(closed))
		}
		if n := f.paced.Load(); n != 5 {
			t.Errorf("%d were paced", n)
		}
	})
}
