package otlp

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/ingest/gate"
	"github.com/weirlog/weir/server/store/faulty"
)

var jsonIDs = regexp.MustCompile(`"(traceId|spanId)": "([0-9a-fA-F]*)"`)

// asProto has OpenTelemetry's own library read OTLP JSON, whose ids alone differ from
// what protobuf's mapping has, and returns it as protobuf.
func asProto(t testing.TB, data []byte) []byte {
	t.Helper()
	data = jsonIDs.ReplaceAllFunc(data, func(m []byte) []byte {
		parts := jsonIDs.FindSubmatch(m)
		id, err := hex.DecodeString(string(parts[2]))
		if err != nil {
			t.Fatal(err)
		}
		return []byte(`"` + string(parts[1]) + `": "` + base64.StdEncoding.EncodeToString(id) + `"`)
	})
	var logs logspb.LogsData // has the fields of an ExportLogsServiceRequest
	if err := protojson.Unmarshal(data, &logs); err != nil {
		t.Fatal(err)
	}
	return marshalProto(t, &logs)
}

// TestSample: both encodings of the same request are the same records.
func TestSample(t *testing.T) {
	sample := readFile(t, "sample.json")
	for contentType, data := range map[string][]byte{
		typeJSON: sample, typeJSON + "; charset=utf-8": sample,
		typeProto: asProto(t, sample),
	} {
		d := open(t, 100, gate.Options{})
		w := d.post(contentType, "", data)
		if w.Code != http.StatusOK || contentType != typeProto && w.Body.String() != "{}" || contentType == typeProto && w.Body.Len() > 0 {
			t.Fatalf("%s: %d %s", contentType, w.Code, w.Body)
		}
		if got, _, _ := strings.Cut(contentType, ";"); w.Header().Get("Content-Type") != got {
			t.Errorf("answered in %s", w.Header().Get("Content-Type"))
		}
		golden(t, "sample.golden", d.stored())
	}
}

func TestEncodings(t *testing.T) {
	data := readFile(t, "sample.json")
	var g, z bytes.Buffer
	gw := gzip.NewWriter(&g)
	zw, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{gw, zw} {
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for encoding, packed := range map[string][]byte{"": data, "gzip": g.Bytes(), "GZIP": g.Bytes(), "zstd": z.Bytes()} {
		d := open(t, 100, gate.Options{})
		if w := d.post(typeJSON, encoding, packed); w.Code != http.StatusOK || len(d.memory.Records()) != 8 {
			t.Errorf("%q: %d %s", encoding, w.Code, w.Body)
		}
	}
}

// TestErrors: each error has the status of the specification, and a Status in the
// request's encoding.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		contentType, encoding string
		body                  string
		status                int
		code                  int32
		says                  string
	}{
		"broken JSON":          {typeJSON, "", `{"resourceLogs":[`, 400, codeInvalidArgument, "no OTLP JSON"},
		"JSON of another form": {typeJSON, "", `{"resourceLogs":5}`, 400, codeInvalidArgument, "resourceLogs"},
		"an array":             {typeJSON, "", `[]`, 400, codeInvalidArgument, "the body"},
		"records no array":     {typeJSON, "", `{"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]}`, 400, codeInvalidArgument, "logRecords"},
		"a resource is text":   {typeJSON, "", `{"resourceLogs":[{"resource":"x"}]}`, 400, codeInvalidArgument, "resource"},
		"broken protobuf":      {typeProto, "", "\x0a\xff\x01", 400, codeInvalidArgument, "no OTLP protobuf"},
		"JSON as protobuf":     {typeProto, "", `{"resourceLogs":[]}`, 400, codeInvalidArgument, "no OTLP protobuf"},
		"another type":         {"text/plain", "", "x", 415, codeInvalidArgument, "application/x-protobuf"},
		"no type":              {"", "", "x", 415, codeInvalidArgument, "Content-Type"},
		"too large":            {typeJSON, "", strings.Repeat(" ", 2001), 413, codeResourceExhausted, "--max-body"},
		"not gzip":             {typeProto, "gzip", "x", 400, codeInvalidArgument, "gzip"},
		"unknown encoding":     {typeProto, "br", "x", 400, codeInvalidArgument, "zstd"},
		"only bad records":     {typeJSON, "", `{"resourceLogs":[{"scopeLogs":[{"logRecords":[1,"x"]}]}]}`, 400, codeInvalidArgument, "2 of 2"},
		"only a bad record":    {typeProto, "", "\x0a\x06\x12\x04\x12\x02\x0a\x05", 400, codeInvalidArgument, "1 of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, 100, gate.Options{Body: body.Limits{Sent: 2000, Unpacked: 20_000}})
			w := d.post(c.contentType, c.encoding, []byte(c.body))
			got := statusIn(t, w, c.contentType == typeProto)
			if w.Code != c.status || got.Code != c.code || !strings.Contains(got.Message, c.says) {
				t.Errorf("%d %v", w.Code, got)
			}
			if len(d.memory.Records()) > 0 {
				t.Error("something was stored")
			}
		})
	}
}

func statusIn(t *testing.T, w *httptest.ResponseRecorder, inProto bool) *rpcstatus.Status {
	t.Helper()
	var got rpcstatus.Status
	read, want := protojson.Unmarshal, typeJSON
	if inProto {
		read, want = proto.Unmarshal, typeProto
	}
	if err := read(w.Body.Bytes(), &got); err != nil || w.Header().Get("Content-Type") != want {
		t.Fatalf("%v: %q in %s", err, w.Body, w.Header().Get("Content-Type"))
	}
	return &got
}

func TestMethods(t *testing.T) {
	d := open(t, 100, gate.Options{})
	for _, m := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		w := httptest.NewRecorder()
		d.ServeHTTP(w, httptest.NewRequest(m, Path, nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d %v", m, w.Code, w.Header())
		}
	}
}

// TestPages: OpenTelemetry's SDK for browsers asks first; pages that are not known may
// not send.
func TestPages(t *testing.T) {
	d := open(t, 100, gate.Options{Origins: []string{"https://app.example"}})
	ask := func(method, origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, Path, strings.NewReader("{}"))
		r.Header.Set("Origin", origin)
		r.Header.Set("Content-Type", typeJSON)
		if method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", "POST")
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	for _, m := range []string{http.MethodOptions, http.MethodPost} {
		if w := ask(m, "https://app.example"); w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "https://app.example" {
			t.Errorf("%s: %d %v", m, w.Code, w.Header())
		}
	}
	if w := ask(http.MethodPost, "https://evil.example"); w.Code != 403 || statusIn(t, w, false).Code != codePermissionDenied {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestPartialSuccess: a record that cannot be read does not cost the others, and the
// sender is told.
func TestPartialSuccess(t *testing.T) {
	d := open(t, 100, gate.Options{})
	w := d.post(typeJSON, "", []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}},"text",{"body":{"stringValue":"b"}},7]}]}]}`))
	var answer struct {
		PartialSuccess struct{ RejectedLogRecords, ErrorMessage string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || answer.PartialSuccess.RejectedLogRecords != "2" ||
		answer.PartialSuccess.ErrorMessage != "2 of 4 records were not taken: record 2: not a JSON object; record 4: not a JSON object" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	good := marshalProto(t, &logspb.LogRecord{SeverityText: "c"})
	var records []byte
	for _, data := range [][]byte{good, {0x0A}, good, {0x32, 5, 0x0A, 3, 'a', 'b', 'c', 0x12}, {0xFF}, {0x2A, 1, 0x0A}, {0x4A, 0x05}} {
		records = append(append(records, 0x12, byte(len(data))), data...)
	}
	scopes := append([]byte{0x12, byte(len(records))}, records...)
	w = d.post(typeProto, "", append([]byte{0x0A, byte(len(scopes))}, scopes...))
	rejected, message := partialOf(t, w.Body.Bytes())
	if w.Code != http.StatusOK || rejected != 5 || !strings.Contains(message, "of 7 records") || !strings.HasSuffix(message, "; and others") {
		t.Errorf("%d: %d, %q", w.Code, rejected, message)
	}
	if got := d.troubles(Protocol)[CodeBadRecord]; got != 2 {
		t.Errorf("%d troubles", got)
	}
}

// partialOf reads an ExportLogsServiceResponse.
func partialOf(t *testing.T, data []byte) (rejected uint64, message string) {
	t.Helper()
	outer := newCursor(data)
	for outer.next() {
		inner := outer.sub()
		for inner.next() {
			switch inner.tag {
			case 1<<3 | kindVarint:
				rejected = inner.number
			case 2<<3 | kindBytes:
				message = inner.string()
			}
		}
	}
	return rejected, message
}

// TestNotNow: what may be taken later is answered so, and nothing is stored.
func TestNotNow(t *testing.T) {
	d := open(t, 100, gate.Options{})
	d.store.Always(faulty.FailBefore)
	sample := readFile(t, "sample.json")
	w := d.post(typeJSON, "", sample)
	if got := statusIn(t, w, false); w.Code != 503 || w.Header().Get("Retry-After") == "" || got.Code != codeUnavailable {
		t.Errorf("%d %v %v", w.Code, w.Header(), got)
	}

	now := time.Unix(1_700_000_000, 0)
	d = open(t, 100, gate.Options{Rate: 4, Clock: func() time.Time { return now }})
	if w := d.post(typeJSON, "", sample); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = d.post(typeProto, "", asProto(t, sample))
	got := statusIn(t, w, true)
	if w.Code != 429 || w.Header().Get("Retry-After") != "2" || got.Code != codeResourceExhausted || len(got.Details) != 1 {
		t.Errorf("%d %v %v", w.Code, w.Header(), got)
	}
}

// TestLargeBody: a body that is stored in parts stores nothing when its end is broken,
// and says what is stored when the store goes away in between.
func TestLargeBody(t *testing.T) {
	records := strings.Repeat(`{"body":{"stringValue":"x"}},`, 249) + `{"body":{"stringValue":"last"}}`
	whole := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[` + records + `]}]}]}`
	small := gate.Options{Records: 64}
	d := open(t, 64, small)
	if w := d.post(typeJSON, "", []byte(whole)); w.Code != 200 || len(d.memory.Records()) != 250 {
		t.Fatalf("%d %s, %d stored", w.Code, w.Body, len(d.memory.Records()))
	}
	d = open(t, 64, small)
	if w := d.post(typeJSON, "", []byte(whole[:len(whole)-2]+"x]}")); w.Code != 400 || len(d.memory.Records()) != 0 {
		t.Errorf("%d %s, %d stored", w.Code, w.Body, len(d.memory.Records()))
	}
	d = open(t, 64, small)
	data := asProto(t, []byte(whole))
	if w := d.post(typeProto, "", append(data, 0x0A, 0x05)); w.Code != 400 || len(d.memory.Records()) != 0 {
		t.Errorf("%d, %d stored", w.Code, len(d.memory.Records()))
	}
	d.store.Next(faulty.None, faulty.FailBefore)
	w := d.post(typeProto, "", data)
	if got := statusIn(t, w, true); w.Code != 503 || !strings.Contains(got.Message, "the first 64 records") || len(d.memory.Records()) != 64 {
		t.Errorf("%d %v, %d stored", w.Code, got, len(d.memory.Records()))
	}
	d = open(t, 64, gate.Options{PerBody: 3})
	if w := d.post(typeProto, "", []byte("\x0a\x00\x0a\x04\x12\x00\x12\x00")); w.Code != 400 || !strings.Contains(w.Body.String(), "more than 3 resources and scopes") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	d = open(t, 64, gate.Options{PerBody: 249})
	if w := d.post(typeProto, "", data); w.Code != 413 || len(d.memory.Records()) != 0 {
		t.Errorf("%d, %d stored", w.Code, len(d.memory.Records()))
	}
}

// TestFlipped: a body with a byte changed is taken or refused, in clear words.
func TestFlipped(t *testing.T) {
	d := open(t, 1000, gate.Options{})
	sample := readFile(t, "sample.json")
	noise := rand.New(rand.NewPCG(1, 2))
	for contentType, data := range map[string][]byte{typeJSON: sample, typeProto: asProto(t, sample)} {
		refused := 0
		for i := 0; i < len(data); i += 5 {
			flipped := bytes.Clone(data)
			flipped[i] ^= byte(1 << noise.IntN(8))
			switch w := d.post(contentType, "", flipped); w.Code {
			case http.StatusOK:
			case http.StatusBadRequest:
				refused++
				if statusIn(t, w, contentType == typeProto).Message == "" {
					t.Error("refused without a reason")
				}
			default:
				t.Errorf("%d %s", w.Code, w.Body)
			}
		}
		if refused == 0 {
			t.Errorf("%s: nothing was refused", contentType)
		}
	}
}
