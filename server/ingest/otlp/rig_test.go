package otlp

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/intake"
	"github.com/weirlog/weir/server/store/faulty"
	"github.com/weirlog/weir/server/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

type nobody struct{}

func (nobody) Publish([]record.Record) {}

// rig is both ways in before a store in memory.
type rig struct {
	*Handler
	gate   *gate.Gate
	store  *faulty.Store
	memory *storetest.Memory
	intake *intake.Intake
}

func open(t testing.TB, commit int, opts gate.Options) *rig {
	t.Helper()
	memory := storetest.NewMemory()
	st := faulty.New(memory)
	in, err := intake.New(st, nobody{}, intake.Options{CommitRecords: commit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	g := gate.New(in, opts)
	return &rig{New(g), g, st, memory, in}
}

func (d *rig) post(contentType, encoding string, data []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, Path, bytes.NewReader(data))
	r.Header.Set("Content-Type", contentType)
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// troubles returns how often each trouble of a protocol was noted.
func (d *rig) troubles(protocol string) map[string]uint64 {
	all := make(map[string]uint64)
	for _, line := range d.intake.Ledger() {
		if line.Protocol != protocol {
			continue
		}
		for _, n := range line.Troubles {
			all[n.What] += n.Count
		}
	}
	return all
}

// stored returns the JSON of what is stored, a record on a line, without what the
// server adds.
func (d *rig) stored() []byte {
	var out []byte
	for _, r := range d.memory.Records() {
		out = append(record.AppendJSON(out, plainly(r)), '\n')
	}
	return out
}

// plainly takes away what depends on when the test runs.
func plainly(r record.Record) *record.Record {
	r.ID = 0
	if r.Time.Equal(r.Observed) {
		r.Time = time.Time{}
	}
	r.Observed = time.Time{}
	return &r
}

func marshalProto(t testing.TB, m proto.Message) []byte {
	t.Helper()
	data, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile("testdata/"+name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := readFile(t, name); !bytes.Equal(got, want) {
		t.Errorf("run with -update and look at the difference; got\n%s", got)
	}
}
