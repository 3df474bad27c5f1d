package gate

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

type nobody struct{}

func (nobody) Publish([]record.Record) {}

// picky is a store that refuses batches with a record that it cannot take.
type picky struct {
	*storetest.Memory
	logger *string // of records that are refused, too; "": none are
}

var errPicky = errors.New("cannot take this")

func (p picky) Append(ctx context.Context, b store.Batch) error {
	for i := range b.Records {
		if strings.HasPrefix(b.Records[i].Message, "poison") || *p.logger != "" && b.Records[i].Logger == *p.logger {
			return errPicky
		}
	}
	return p.Memory.Append(ctx, b)
}

// fixture is a gate before a real intake and a store in memory.
type fixture struct {
	*Gate
	intake *intake.Intake
	store  *faulty.Store
	memory *storetest.Memory

	refused string // the logger of records that the store refuses
}

func open(t testing.TB, opts Options, in intake.Options) *fixture {
	t.Helper()
	f := &fixture{memory: storetest.NewMemory()}
	f.store = faulty.New(picky{f.memory, &f.refused})
	var err error
	if f.intake, err = intake.New(f.store, nobody{}, in); err != nil {
		t.Fatal(err)
	}
	f.Gate = New(f.intake, opts)
	t.Cleanup(func() { f.close(t) })
	return f
}

// close ends the intake, and checks that the ledger adds up and nothing is held.
func (f *fixture) close(t testing.TB) {
	t.Helper()
	if err := f.intake.Close(context.Background()); err != nil {
		t.Error(err)
	}
	for _, line := range f.intake.Ledger() {
		sum := line.Stored + line.Deduplicated + line.Pending
		for _, n := range line.Refused {
			sum += n
		}
		if sum != line.Received || line.Pending != 0 {
			t.Errorf("the ledger does not add up: %+v", line)
		}
	}
	for name, p := range map[string]*pool{"bodies": f.bodies, "large bodies": f.large} {
		if held, waiting, _ := p.load(); held != 0 || waiting != 0 || p.shares != 0 {
			t.Errorf("some of the room for %s was not given back", name)
		}
	}
	if !f.records.try(f.records.size) {
		t.Error("some of the room for records was not given back")
	} else {
		f.records.give(f.records.size)
	}
}

func (f *fixture) messages() []string {
	var out []string
	for _, r := range f.memory.Records() {
		out = append(out, r.Message)
	}
	return out
}

func (f *fixture) line(t testing.TB) intake.Counts {
	t.Helper()
	lines := f.intake.Ledger()
	if len(lines) != 1 {
		t.Fatalf("%d lines in the ledger: %+v", len(lines), lines)
	}
	return lines[0]
}

// request is a body from a sender.
func request(sender, encoding string, data []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(data))
	r.RemoteAddr = sender + ":1"
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	return r
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(data)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var door = Door{Protocol: "test", Encodings: []string{body.Gzip}}

func numbered(from, to int) []record.Record {
	var out []record.Record
	for i := from; i <= to; i++ {
		out = append(out, record.Record{Message: fmt.Sprint(i)})
	}
	return out
}

// wantNumbered tests that exactly these numbers are stored, in order.
func (f *fixture) wantNumbered(t testing.TB, to int) {
	t.Helper()
	got := f.messages()
	if len(got) != to {
		t.Fatalf("%d stored, want %d", len(got), to)
	}
	for i, m := range got {
		if m != fmt.Sprint(i+1) {
			t.Fatalf("record %d is %q", i+1, m)
		}
	}
}
