package gate

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/intake"
)

// TestStoreHangs: a request does not wait for ever. Its records keep their room until the
// store says what became of them, and with a key they are right when they come again.
func TestStoreHangs(t *testing.T) {
	for name, key := range map[string]*intake.Key{
		"no key":  nil,
		"numbers": {Source: "s", First: 1, Last: 5},
		"text":    {Text: "k", Digest: "d"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := open(t, Options{}, intake.Options{})
				try := func() (intake.Receipt, error) {
					ctx, leave := context.WithTimeout(t.Context(), time.Second) // the client leaves
					defer leave()
					q, err := f.Open(request("a", "", []byte("x")).WithContext(ctx), door)
					if err != nil {
						t.Fatal(err)
					}
					defer q.Close()
					p := q.Parts(ctx)
					if key != nil {
						own := *key
						p.Key = &own
					}
					add(p, numbered(1, 5))
					return p.End()
				}
				release := f.store.Hold()
				for i := range 2 {
					start := time.Now()
					got, err := try()
					var why *Refusal
					if !errors.As(err, &why) || why.Status != http.StatusServiceUnavailable || !why.Temporary() || got.Count != 0 ||
						!strings.Contains(why.Message, "may still be stored") || time.Since(start) != DefaultMaxStore {
						t.Fatalf("try %d: %+v, %v after %v", i, got, err, time.Since(start))
					}
				}
				synctest.Wait()
				want := int64(recordStep) // that of a repetition with a key is given back: it had no turn
				if key == nil {
					want *= 2
				}
				if f.records.try(f.records.size-want+1) || !f.records.try(f.records.size-want) {
					t.Error("records that are on their way keep another room than theirs")
				}
				f.records.give(f.records.size - want)
				if held, _, _ := f.bodies.load(); held != 0 {
					t.Errorf("bodies take %d", held)
				}
				release()
				synctest.Wait()
				if key != nil {
					if got, err := try(); err != nil || got.Count != 5 || got.Duplicates != 5 {
						t.Errorf("%+v, %v", got, err)
					}
					f.wantNumbered(t, 5)
				}
				if n := f.left.Load(); n != 10 {
					t.Errorf("%d records were left", n)
				}
				f.close(t)
			})
		})
	}
}

// TestPanicKeepsNoRoom: a request whose parser panics has no End.
func TestPanicKeepsNoRoom(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	p, done := f.parts(t)
	add(p, numbered(1, 5))
	done()
	if !f.records.try(f.records.size) {
		t.Fatal("it keeps room")
	}
	f.records.give(f.records.size)
}

// fails is an intake that panics.
type fails struct{ Intake }

func (fails) Accept(context.Context, intake.Source, []record.Record) (intake.Receipt, error) {
	panic("no")
}

// TestPanicEndsTheRequest, not the server.
func TestPanicEndsTheRequest(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	f.Gate.intake = fails{f.intake}
	p, done := f.parts(t)
	defer done()
	add(p, numbered(1, 5))
	defer func() {
		if recover() != "no" {
			t.Error("it did not panic")
		}
	}()
	_, _ = p.End()
}
