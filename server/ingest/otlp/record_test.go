package otlp

import (
	"fmt"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"

	"github.com/weirlog/weir/record"
)

// read returns the JSON of the record that a LogRecord becomes, without an empty message.
func read(t testing.TB, w wire, data []byte) string {
	t.Helper()
	e, err := w.entry(data)
	if err != nil {
		t.Fatal(err)
	}
	r := e.record(&from{})
	record.Normalize(&r)
	text := string(record.AppendJSON(nil, plainly(r)))
	return strings.NewReplacer(`"message":"",`, "", `,"message":""}`, "}").Replace(text)
}

func TestJSONRecords(t *testing.T) {
	for name, c := range map[string]struct{ record, want string }{
		"nothing":              {`{}`, `{"severity":0}`},
		"nulls":                {`{"timeUnixNano":null,"body":null,"attributes":null,"traceId":null,"severityNumber":null,"flags":null}`, `{"severity":0}`},
		"unknown fields":       {`{"body":{"stringValue":"a","new":1},"newField":{"x":[1]}}`, `{"message":"a","severity":0}`},
		"numbers as numbers":   {`{"timeUnixNano":1763733600000000000,"severityNumber":"9","flags":"1"}`, `{"created_at":"2025-11-21T14:00:00.000000Z","level":"INFO","metadata":{"flags":1}}`},
		"number with exponent": {`{"timeUnixNano":1.7637336e18,"severityNumber":9}`, `{"created_at":"2025-11-21T14:00:00.000000Z","level":"INFO"}`},
		"last time":            {`{"timeUnixNano":"18446744073709551615","severityNumber":9}`, `{"created_at":"2554-07-21T23:34:33.709551Z","level":"INFO"}`},
		"time in words":        {`{"timeUnixNano":"today","severityNumber":9}`, `{"level":"INFO","metadata":{"time_unix_nano":"today","_repaired":["time_unix_nano: not a number of 64 bits without a sign"]}}`},
		"negative time":        {`{"timeUnixNano":-1,"severityNumber":9}`, `{"level":"INFO","metadata":{"time_unix_nano":-1,"_repaired":["time_unix_nano: not a number of 64 bits without a sign"]}}`},
		"names as in .proto":   {`{"time_unix_nano":"1763733600000000000","severity_number":13,"trace_id":"0102030405060708090a0b0c0d0e0f10","event_name":"e","dropped_attributes_count":1}`, `{"created_at":"2025-11-21T14:00:00.000000Z","level":"WARN","message":"e","trace_id":"0102030405060708090a0b0c0d0e0f10","metadata":{"event_name":"e","dropped_attributes_count":1}}`},
		"severity by name":     {`{"severityNumber":"SEVERITY_NUMBER_ERROR3"}`, `{"level":"ERROR","severity":19}`},
		"severity unspecified": {`{"severityNumber":"SEVERITY_NUMBER_UNSPECIFIED","severityText":"Notice"}`, `{"level":"INFO","metadata":{"level_text":"Notice"}}`},
		"severity unknown":     {`{"severityNumber":"SEVERITY_NUMBER_LOUD","severityText":"info"}`, `{"level":"INFO","metadata":{"severity_number":"SEVERITY_NUMBER_LOUD","_repaired":["severity_number: not a number, nor the name of one"]}}`},
		"severity too high":    {`{"severityNumber":25,"severityText":"Loud"}`, `{"level":"Loud","metadata":{"severity_number":25,"_repaired":["severity_number: not between 1 and 24: the level is that of the text"]},"severity":0}`},
		"severity negative":    {`{"severityNumber":-3}`, `{"metadata":{"severity_number":-3,"_repaired":["severity_number: not between 1 and 24: the level is that of the text"]},"severity":0}`},
		"text says no more":    {`{"severityNumber":10,"severityText":"INFO+1"}`, `{"level":"INFO","severity":10}`},
		"text says another":    {`{"severityNumber":9,"severityText":"ERROR"}`, `{"level":"INFO","metadata":{"level_text":"ERROR"}}`},
		"short trace id":       {`{"traceId":"ABCD","spanId":"xyz"}`, `{"trace_id":"abcd","metadata":{"_repaired":["trace_id: 2 bytes, not 16: kept as it came","span_id: not hexadecimal digits: kept as it came"]},"severity":0,"span_id":"xyz"}`},
		"base64 trace id":      {`{"traceId":"AQIDBAUGBwgJCgsMDQ4PEA=="}`, `{"trace_id":"AQIDBAUGBwgJCgsMDQ4PEA==","metadata":{"_repaired":["trace_id: not hexadecimal digits: kept as it came"]},"severity":0}`},
		"not a value":          {`{"body":"text","attributes":[{"key":"a","value":5}]}`, `{"message":"text","metadata":{"a":5,"_repaired":["body: not an AnyValue: kept as it came","a: not an AnyValue: kept as it came"]},"severity":0}`},
		"wrong values":         {`{"attributes":[{"key":"a","value":{"intValue":"x"}},{"key":"b","value":{"boolValue":"yes"}},{"key":"c","value":{"arrayValue":5}}]}`, `{"metadata":{"a":"x","b":"yes","c":5,"_repaired":["a: not what its name says: kept as it came","b: not what its name says: kept as it came","c: not what its name says: kept as it came"]},"severity":0}`},
		"attributes an object": {`{"attributes":{"a":1}}`, `{"metadata":{"attributes":{"a":1},"_repaired":["attributes: not a list of {key, value}: kept as it came"]},"severity":0}`},
		"attributes of texts":  {`{"attributes":["a",{},{"key":"k","value":{"stringValue":"v"}},"b"]}`, `{"metadata":{"k":"v","attributes":["a","b"],"_repaired":["attributes: not a list of {key, value}: kept as it came"]},"severity":0}`},
		"infinities":           {`{"attributes":[{"key":"a","value":{"doubleValue":"Infinity"}},{"key":"b","value":{"doubleValue":-Infinity}},{"key":"c","value":{"doubleValue":"1.5"}}]}`, `{"metadata":{"a":"Infinity","b":"-Infinity","c":1.5},"severity":0}`},
		"own names":            {`{"attributes":[{"key":"user.id","value":{"stringValue":"a"}},{"key":"user_id","value":{"stringValue":"b"}},{"key":"body","value":{"stringValue":"c"}},{"key":"flags","value":{"intValue":2}}],"flags":1,"body":{"kvlistValue":{"values":[{"key":"x","value":{"intValue":1}}]}}}`, `{"message":"{\"x\":1}","user_id":"b","metadata":{"user.id":"a","_conflict.body":"c","_conflict.flags":2,"body":{"x":1},"flags":1,"_repaired":["body: set already: the attribute is kept as _conflict.body","flags: set already: the attribute is kept as _conflict.flags"]},"severity":0}`},
		"second best names":    {`{"attributes":[{"key":"http.target","value":{"stringValue":"/t?q"}},{"key":"http.route","value":{"stringValue":"/r"}},{"key":"code.lineno","value":{"stringValue":"5"}},{"key":"enduser.id","value":{"intValue":"7"}}]}`, `{"user_id":"7","path":"/r","metadata":{"http.target":"/t?q","code.lineno":"5"},"severity":0}`},
		"exception only":       {`{"eventName":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"boom"}}]}`, `{"message":"boom","metadata":{"exception.message":"boom","event_name":"exception"},"severity":0}`},
		"empty object body":    {`{"body":{"kvlistValue":{}}}`, `{"message":"{}","severity":0}`},
		"message in body":      {`{"body":{"kvlistValue":{"values":[{"key":"message","value":{"stringValue":"m"}}]}}}`, `{"message":"m","severity":0}`},
		"NUL and surrogate":    {`{"body":{"stringValue":"a\u0000b\ud800"}}`, `{"message":"a` + "\uFFFDb\uFFFD\uFFFD\uFFFD" + `","metadata":{"_replaced":{"message":"1:00,3:ed,4:a0,5:80"}},"severity":0}`},
	} {
		if got := read(t, jsonWire(), []byte(c.record)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestInvalidText: what protobuf's own library refuses is kept.
func TestInvalidText(t *testing.T) {
	data := []byte{recordBody, 4, valueString, 2, 0xFF, 'a'}
	const want = `{"message":"` + "\uFFFD" + `a","metadata":{"_replaced":{"message":"0:ff"}},"severity":0}`
	if got := read(t, protobufWire(), data); got != want {
		t.Errorf("%s", got)
	}
}

// TestWrongKinds: a field of another kind than its number has is passed over.
func TestWrongKinds(t *testing.T) {
	data := []byte{recordBody &^ 7, 5, 1 << 3, 5, 9<<3 | 1, 1, 2, 3, 4, 5, 6, 7, 8, 15<<3 | 3, 1 << 3, 1, 15<<3 | 4, recordSeverity, 9}
	if got := read(t, protobufWire(), data); got != `{"level":"INFO"}` {
		t.Errorf("%s", got)
	}
}

func deepProto(depth int) *commonpb.AnyValue {
	v := &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: "x"}}
	for range depth {
		v = &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{Values: []*commonpb.KeyValue{{Key: "k", Value: v}}}}}
	}
	return v
}

func deepJSON(depth int) string {
	return strings.Repeat(`{"kvlistValue":{"values":[{"key":"k","value":`, depth) + `{"stringValue":"x"}` + strings.Repeat(`}]}}`, depth)
}

// TestDeep: both encodings are read as deep as records are kept. What is deeper is kept
// as it was encoded.
func TestDeep(t *testing.T) {
	for _, depth := range []int{1, 10, 15, 16, 17, 33, 63, 64} {
		want := fmt.Sprintf(`{"metadata":{"a":%s"x"%s},"severity":0}`, strings.Repeat(`{"k":`, depth), strings.Repeat("}", depth))
		data := marshalProto(t, &logspb.LogRecord{Attributes: []*commonpb.KeyValue{{Key: "a", Value: deepProto(depth)}}})
		if got := read(t, protobufWire(), data); got != want {
			t.Errorf("%d deep, protobuf: %s", depth, got)
		}
		if got := read(t, jsonWire(), []byte(`{"attributes":[{"key":"a","value":`+deepJSON(depth)+`}]}`)); got != want {
			t.Errorf("%d deep, JSON: %s", depth, got)
		}
	}
	data := marshalProto(t, &logspb.LogRecord{Attributes: []*commonpb.KeyValue{{Key: "a", Value: deepProto(66)}}})
	for name, got := range map[string]string{
		"protobuf": read(t, protobufWire(), data),
		"JSON":     read(t, jsonWire(), []byte(`{"attributes":[{"key":"a","value":`+deepJSON(66)+`}]}`)),
	} {
		if !strings.Contains(got, `"_repaired":["a: deeper than 64 levels: kept as encoded"]`) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, depth := range []int{1_000, 90_000} { // only that it ends
		_ = read(t, jsonWire(), []byte(`{"body":`+deepJSON(depth)+`}`))
	}
}

// TestTooManyValues: a record of a few hundred kilobytes can hold more values than
// would be good for the server.
func TestTooManyValues(t *testing.T) {
	values := make([]*commonpb.AnyValue, maxValues)
	for i := range values {
		values[i] = &commonpb.AnyValue{}
	}
	list := &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{Values: values}}}
	if _, err := protoEntry(marshalProto(t, &logspb.LogRecord{Body: list})); err == nil || err.Error() != "more than 100000 values in one record" {
		t.Error(err)
	}
	if _, err := jsonEntry([]byte(`{"body":{"arrayValue":{"values":[` + strings.Repeat("{},", maxValues) + `{}]}}}`)); err == nil || err.Error() != "more than 100000 values in one record" {
		t.Error(err)
	}
	commas := strings.Repeat(`,\"`, maxValues)
	if e, err := jsonEntry([]byte(`{"body":{"stringValue":"` + commas + `"}}`)); err != nil || len(e.body.String()) != 2*maxValues {
		t.Error("a text with many commas was refused", err)
	}
}
