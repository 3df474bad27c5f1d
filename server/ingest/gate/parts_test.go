package gate

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
)

// parts begins to store a request's records; done ends the request.
func (f *fixture) parts(t testing.TB) (p *Parts, done func()) {
	t.Helper()
	q, err := f.Open(request("a", "", []byte("x")), door)
	if err != nil {
		t.Fatal(err)
	}
	return q.Parts(t.Context()), q.Close
}

// add adds records until one is not taken.
func add(p *Parts, batch []record.Record) {
	for _, r := range batch {
		if p.Add(r) != nil {
			return
		}
	}
}

// TestParts: a body of many records is stored in parts, in order.
func TestParts(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	const n = 2*PartRecords + 7
	p, done := f.parts(t)
	defer done()
	checks := 0
	p.Check = func() (int, error) { checks++; return n, nil }
	add(p, numbered(1, n))
	got, err := p.End()
	if err != nil || got.Count != n || got.Duplicates != 0 || got.Last-got.First < n-1 || checks != 1 || p.Count() != n {
		t.Fatalf("%+v, %v, %d checks", got, err, checks)
	}
	f.wantNumbered(t, n)
	if appends, _ := f.store.Calls(); appends != 3 {
		t.Errorf("%d commits", appends)
	}
}

// TestOnePartIsNotChecked: what fits into one part is stored or not as a whole.
func TestOnePartIsNotChecked(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	p, done := f.parts(t)
	defer done()
	p.Check = func() (int, error) { t.Error("checked"); return 0, nil }
	add(p, numbered(1, PartRecords))
	if got, err := p.End(); err != nil || got.Count != PartRecords {
		t.Fatalf("%+v, %v", got, err)
	}
	p, done = f.parts(t)
	defer done()
	add(p, numbered(1, 5))
	p.Fail(Bad(CodeBadBody, errors.New("it breaks off"), ""))
	if got, err := p.End(); err == nil || got.Count != 0 || len(f.memory.Records()) != PartRecords {
		t.Fatalf("%+v, %v", got, err)
	}
	p, done = f.parts(t)
	defer done()
	if got, err := p.End(); err != nil || got.Count != 0 {
		t.Fatalf("nothing: %+v, %v", got, err)
	}
}

// TestCheckRefuses a body before its first part is stored.
func TestCheckRefuses(t *testing.T) {
	const n = PartRecords + 1
	for name, c := range map[string]struct {
		check func() (int, error)
		key   *intake.Key
		code  string
	}{
		"broken":   {func() (int, error) { return 0, Bad(CodeBadJSON, errors.New("it breaks off"), "") }, nil, CodeBadJSON},
		"too many": {func() (int, error) { return 30_001, nil }, nil, CodeTooLarge},
		"key":      {func() (int, error) { return n, nil }, &intake.Key{Source: "s", First: 1, Last: n + 1}, CodeBadKey},
		"counted":  {nil, nil, CodeTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, Options{PerBody: 30_000}, intake.Options{})
			p, done := f.parts(t)
			defer done()
			p.Check, p.Key = c.check, c.key
			add(p, numbered(1, 30_001))
			got, err := p.End()
			var why *Refusal
			if !errors.As(err, &why) || why.Code != c.code {
				t.Fatalf("%+v, %v", got, err)
			}
			if n := len(f.memory.Records()); n != got.Count || c.check != nil && n != 0 {
				t.Errorf("%d stored, %d told", n, got.Count)
			}
		})
	}
}

// TestSkip: what is stored of a body is counted, and the rest is stored.
func TestSkip(t *testing.T) {
	for _, c := range []struct{ n, skip int }{
		{5, 0},
		{5, 2},
		{5, 5},
		{5, 9},
		{PartRecords + 5, 1},
		{PartRecords + 5, PartRecords},
		{PartRecords + 5, PartRecords + 3},
		{PartRecords + 5, PartRecords + 5},
	} {
		for _, when := range []string{"first", "at the end", "in the check"} {
			f := open(t, Options{}, intake.Options{})
			p, done := f.parts(t)
			switch when {
			case "first":
				p.Skip = c.skip
			case "in the check":
				p.Check = func() (int, error) { p.Skip = c.skip; return c.n, nil }
			case "at the end":
				if c.n > PartRecords {
					done()
					continue // a part is stored by then
				}
			}
			add(p, numbered(1, c.n))
			if c.n <= PartRecords {
				p.Skip = c.skip
			}
			got, err := p.End()
			done()
			skipped := min(c.skip, c.n)
			if err != nil || got.Count != c.n || got.Duplicates != skipped || got.First == 0 && skipped < c.n {
				t.Errorf("%d of %d, told %s: %+v, %v", c.skip, c.n, when, got, err)
			}
			stored := f.messages()
			if len(stored) != c.n-skipped || len(stored) > 0 && stored[0] != numbered(skipped+1, skipped+1)[0].Message {
				t.Errorf("%d of %d, told %s: %d stored, from %v", c.skip, c.n, when, len(stored), stored[:min(1, len(stored))])
			}
			if line := f.line(t); line.Received != uint64(c.n) || line.Deduplicated != uint64(skipped) {
				t.Errorf("%+v", line)
			}
		}
	}
}

// TestPartsFail: what is stored from the front is told, and with a key the same body is
// stored to its end later.
func TestPartsFail(t *testing.T) {
	const n = 2*PartRecords + 9
	for name, key := range map[string]intake.Key{
		"numbers": {Source: "s", First: 1, Last: n},
		"text":    {Text: "k", Digest: "d"},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, Options{}, intake.Options{})
			try := func() (intake.Receipt, error) {
				p, done := f.parts(t)
				defer done()
				own := key
				p.Key = &own
				p.Check = func() (int, error) { return n, nil }
				add(p, numbered(1, n))
				return p.End()
			}
			f.store.Next(faulty.None, faulty.FailBefore)
			got, err := try()
			var why *Refusal
			if !errors.As(err, &why) || why.Status != http.StatusServiceUnavailable || got.Count != PartRecords {
				t.Fatalf("%+v, %v", got, err)
			}
			f.store.Next(faulty.AmbiguousCommitted, faulty.FailBefore)
			if got, err = try(); err == nil || got.Count != 2*PartRecords || got.Duplicates != PartRecords {
				t.Fatalf("%+v, %v", got, err)
			}
			if got, err = try(); err != nil || got.Count != n || got.Duplicates != 2*PartRecords {
				t.Fatalf("%+v, %v", got, err)
			}
			if got, err = try(); err != nil || got.Count != n || got.Duplicates != n {
				t.Fatalf("%+v, %v", got, err)
			}
			f.wantNumbered(t, n)
		})
	}
}

// TestKeyFits: a key that numbers other records than there are stores nothing.
func TestKeyFits(t *testing.T) {
	for _, last := range []uint64{4, 6} {
		f := open(t, Options{}, intake.Options{})
		p, done := f.parts(t)
		p.Key = &intake.Key{Source: "s", First: 1, Last: last}
		add(p, numbered(1, 5))
		_, err := p.End()
		done()
		var why *Refusal
		if !errors.As(err, &why) || why.Code != CodeBadKey || len(f.memory.Records()) != 0 {
			t.Errorf("1 to %d: %v", last, err)
		}
	}
}

// TestRecordsWait: who finds no room for another record stores those that it has, so
// that it never waits for what it holds itself.
func TestRecordsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := open(t, Options{Records: 2 * recordStep}, intake.Options{})
		a, doneA := f.parts(t)
		b, doneB := f.parts(t)
		add(a, numbered(1, recordStep))
		add(b, numbered(1, recordStep))
		if err := a.Add(record.Record{Message: "65"}); err != nil { // stores 64, and takes room again
			t.Fatal(err)
		}
		if got := len(f.memory.Records()); got != recordStep {
			t.Fatalf("%d stored", got)
		}
		c, doneC := f.parts(t)
		start := time.Now()
		err := c.Add(record.Record{})
		if !errors.Is(err, errFull) || time.Since(start) != DefaultMaxWait {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := c.Add(record.Record{}); !errors.Is(err, errFull) || c.Count() != 1 {
			t.Errorf("it takes more after an error: %v, %d", err, c.Count())
		}
		var why *Refusal
		if _, err := c.End(); !errors.As(err, &why) || !why.Temporary() {
			t.Error(err)
		}
		for _, p := range []*Parts{a, b} {
			if _, err := p.End(); err != nil {
				t.Error(err)
			}
		}
		doneA()
		doneB()
		doneC()
		f.close(t)
	})
}

// TestRestart: records that are not stored yet are read anew, also after an error.
func TestRestart(t *testing.T) {
	const n = 2*PartRecords + 7
	again := errors.New("look at it again")
	f := open(t, Options{PerBody: n}, intake.Options{})
	p, done := f.parts(t)
	p.Check = func() (int, error) { return 0, again }
	add(p, numbered(501, 500+n))
	if err := p.Add(record.Record{}); !errors.Is(err, again) {
		t.Fatal(err)
	}
	p.Restart()
	p.Check = func() (int, error) { return n, nil }
	add(p, numbered(1, n))
	if got, err := p.End(); err != nil || got.Count != n || p.Count() != n {
		t.Fatalf("%+v, %v", got, err)
	}
	done()
	f.wantNumbered(t, n)
	if !f.records.try(f.records.size) {
		t.Error("it keeps room")
	}
	f.records.give(f.records.size)
	defer func() {
		if recover() == nil {
			t.Error("records that are stored are added again")
		}
	}()
	p.Restart()
}
