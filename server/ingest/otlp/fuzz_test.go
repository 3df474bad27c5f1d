package otlp

import (
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/proto"

	logspb "go.opentelemetry.io/proto/otlp/logs/v1"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/server/ingest/gate"
)

// keeper checks what is led to it.
type keeper struct {
	t      *testing.T
	wire   wire
	from   from
	shared record.Interner
	seen   int
	bad    int
}

func (k *keeper) resource(r *resource) error { k.from.describe(r, &k.shared); return nil }
func (k *keeper) scope(s *scope) error       { k.from.enter(s); return nil }

// record: what is read can be stored, and reads back.
func (k *keeper) record(data []byte) error {
	k.seen++
	e, err := k.wire.entry(data)
	if err != nil {
		k.bad++
		return nil
	}
	r := e.record(&k.from)
	record.Normalize(&r)
	text := record.AppendJSON(nil, &r)
	if !json.Valid(text) {
		k.t.Errorf("%q", text)
	}
	if _, _, err := record.ParseJSON(text, record.ParseOptions{}); err != nil {
		k.t.Errorf("%v: %q", err, text)
	}
	return nil
}

// FuzzProtobuf: a body is read or refused, and what OpenTelemetry's library reads is
// read, record by record.
func FuzzProtobuf(f *testing.F) {
	f.Add(asProto(f, readFile(f, "sample.json")))
	f.Add([]byte{})
	f.Add([]byte("\x0a\x06\x12\x04\x12\x02\x0a\x05"))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := keeper{t: t, wire: protobufWire()}
		err := walkProto(data, &k)
		all := counter{limit: gate.DefaultPerBody}
		if again := walkProto(data, &all); (err == nil) != (again == nil) || all.records != k.seen {
			t.Errorf("%v, then %v; %d records, then %d", err, again, k.seen, all.records)
		}
		var logs logspb.LogsData
		if proto.Unmarshal(data, &logs) != nil {
			return
		}
		want := 0
		for _, r := range logs.ResourceLogs {
			for _, s := range r.ScopeLogs {
				want += len(s.LogRecords)
			}
		}
		if err != nil || k.bad > 0 || k.seen != want {
			t.Errorf("%v: %d of %d records, %d bad", err, k.seen, want, k.bad)
		}
	})
}

// FuzzJSON: a body is read or refused.
func FuzzJSON(f *testing.F) {
	f.Add(readFile(f, "sample.json"))
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":` + deepJSON(20) + `},5,null]}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		k := keeper{t: t, wire: jsonWire()}
		err := walkJSON(data, &k)
		all := counter{limit: gate.DefaultPerBody}
		if again := walkJSON(data, &all); (err == nil) != (again == nil) || all.records != k.seen {
			t.Errorf("%v, then %v; %d records, then %d", err, again, k.seen, all.records)
		}
	})
}
