package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/buger/jsonparser"
	"github.com/bytedance/sonic"
	gojson "github.com/goccy/go-json"
	"github.com/minio/simdjson-go"
	"github.com/tidwall/gjson"
	"github.com/valyala/fastjson"

	"github.com/weirlog/weir/record"
)

// decoder is a library that could read the bodies of the collector's clients.
type decoder struct {
	name string
	// body decodes {"logs":[…]} and reads every value in it; it returns how many records there are.
	body func(data []byte) (int, error)
	// member calls visit for each key of an object with its value as text.
	member func(data []byte, visit func(key, value string)) error
}

func decoders() []decoder {
	all := []decoder{
		{"weir/record (makes records)", recordBody, recordMember},
		{"encoding/json", treeBody(decodeStd), treeMember(decodeStd)},
		{"goccy/go-json", treeBody(decodeGoccy), treeMember(decodeGoccy)},
		{"bytedance/sonic", treeBody(decodeSonic), treeMember(decodeSonic)},
		{"minio/simdjson-go", simdBody, simdMember},
		{"valyala/fastjson", fastBody, fastMember},
		{"buger/jsonparser", jsonparserBody, jsonparserMember},
		{"tidwall/gjson", gjsonBody, gjsonMember},
	}
	return append(all, experimental()...)
}

var errShape = errors.New("not what was sent")

// BenchmarkDecode decodes one body of batchRecords records.
func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"logs":[`)
	c := newContent(1)
	for i := range batchRecords {
		if i > 0 {
			body = append(body, ',')
		}
		e := c.next()
		body = asCollector(body, &e, i)
	}
	body = append(body, "]}"...)
	for _, d := range append(decoders(), decoder{name: "weir/record (syntax only)", body: recordSyntax}) {
		b.Run(d.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			before, err := cpuTime(os.Getpid())
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if n, err := d.body(body); n != batchRecords || err != nil {
					b.Fatal(n, err)
				}
			}
			after, err := cpuTime(os.Getpid())
			if err != nil {
				b.Fatal(err)
			}
			// With the collector's share, which runs beside; and what else the machine does is not in it.
			b.ReportMetric(float64(after-before)/float64(b.N*batchRecords), "cpu-ns/record")
		})
	}
}

// TestDecoderSemantics prints which decoders keep what clients really send. Only ours must.
func TestDecoderSemantics(t *testing.T) {
	all := decoders()
	checks := []struct {
		name, doc string
		kept      func(values []string) bool
	}{
		{"both of two keys are seen", `{"v":"1","v":"2"}`, func(v []string) bool { return len(v) == 2 || strings.Join(v, "") == "2 (told)" }},
		{"of two keys the last counts", `{"v":"1","v":"2"}`, func(v []string) bool { return len(v) > 0 && strings.HasPrefix(v[len(v)-1], "2") }},
		{"a number of 30 digits is exact", `{"v":123456789012345678901234567890}`, func(v []string) bool { return len(v) == 1 && v[0] == "123456789012345678901234567890" }},
		{"uint64 is exact", `{"v":18446744073709551615}`, func(v []string) bool { return len(v) == 1 && v[0] == "18446744073709551615" }},
		{"NaN is taken", `{"v":NaN}`, func(v []string) bool { return len(v) == 1 && strings.EqualFold(v[0], "nan") }},
		{"-Infinity is taken", `{"v":-Infinity}`, func(v []string) bool { return len(v) == 1 && strings.HasPrefix(v[0], "-Inf") }},
		{"a lone surrogate is kept", `{"v":"a\ud800b"}`, func(v []string) bool { return len(v) == 1 && v[0] == "a\xed\xa0\x80b" }},
		{"a byte that is no UTF-8 is kept", "{\"v\":\"a\xffb\"}", func(v []string) bool { return len(v) == 1 && v[0] == "a\xffb" }},
		{"a raw control character is taken", "{\"v\":\"a\x01b\"}", func(v []string) bool { return len(v) == 1 && v[0] == "a\x01b" }},
		{"garbage behind the object is found", `{"v":"1"} x`, nil},
	}
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 0, 1, ' ', tabwriter.Debug)
	for _, d := range all {
		fmt.Fprintf(w, "\t%s", d.name)
	}
	fmt.Fprintln(w)
	for _, c := range checks {
		fmt.Fprint(w, c.name)
		for _, d := range all {
			var values []string
			err := d.member([]byte(c.doc), func(key, value string) {
				if key == "v" {
					values = append(values, value)
				}
			})
			good := err == nil && c.kept != nil && c.kept(values)
			if c.kept == nil {
				good = err != nil
			}
			if !good && strings.HasPrefix(d.name, "weir") {
				t.Errorf("%s: %q, %v", c.name, values, err)
			}
			fmt.Fprintf(w, "\t%s", map[bool]string{true: "yes", false: "no"}[good])
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	t.Log("\n" + out.String())
}

// Ours: what the collector's handler does with a body.

func recordBody(data []byte) (n int, err error) {
	var logs []byte
	if err := record.Members(data, func(key string, value []byte) bool { logs = value; return true }); err != nil {
		return 0, err
	}
	resources := &record.Interner{}
	err = record.Elements(logs, func(entry []byte) bool {
		_, _, failed := record.ParseJSON(entry, record.ParseOptions{Resources: resources})
		n++
		return failed == nil
	})
	return n, err
}

// recordSyntax only walks over the body, twice: what is left of recordBody is the making of records.
func recordSyntax(data []byte) (n int, err error) {
	var logs []byte
	if err := record.Members(data, func(key string, value []byte) bool { logs = value; return true }); err != nil {
		return 0, err
	}
	err = record.Elements(logs, func([]byte) bool { n++; return true })
	return n, err
}

func recordMember(data []byte, visit func(key, value string)) error {
	r, repairs, err := record.ParseJSON(data, record.ParseOptions{})
	if err != nil {
		return err
	}
	told := ""
	if len(repairs) > 0 {
		told = " (told)"
	}
	for _, a := range r.Attrs {
		visit(a.Key, record.ValueText(a.Value)+told)
	}
	return nil
}

// Decoders that make a tree of maps, with numbers as text.

func decodeStd(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errShape
	}
	return v, nil
}

func decodeGoccy(data []byte) (any, error) {
	d := gojson.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errShape
	}
	return v, nil
}

// sonicAPI is made once: it compiles what it needs.
var sonicAPI = sonic.Config{UseNumber: true, CopyString: true}.Froze()

func decodeSonic(data []byte) (any, error) {
	var v any
	err := sonicAPI.Unmarshal(data, &v)
	return v, err
}

func treeBody(decode func([]byte) (any, error)) func([]byte) (int, error) {
	return func(data []byte) (int, error) {
		v, err := decode(data)
		if err != nil {
			return 0, err
		}
		top, _ := v.(map[string]any)
		logs, ok := top["logs"].([]any)
		if !ok {
			return 0, errShape
		}
		for _, one := range logs {
			readTree(one)
		}
		return len(logs), nil
	}
}

func treeMember(decode func([]byte) (any, error)) func([]byte, func(string, string)) error {
	return func(data []byte, visit func(key, value string)) error {
		v, err := decode(data)
		if err != nil {
			return err
		}
		top, ok := v.(map[string]any)
		if !ok {
			return errShape
		}
		for key, value := range top {
			visit(key, fmt.Sprint(value))
		}
		return nil
	}
}

// readTree looks at every value, so that none can be left undecoded.
func readTree(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		for key, one := range v {
			n += len(key) + readTree(one)
		}
	case []any:
		for _, one := range v {
			n += readTree(one)
		}
	case string:
		n = len(v)
	default:
		n = 1
	}
	return n
}

// simdjson-go: a tape that is walked; the memory of the one before is used again.

var simdTapes = sync.Pool{New: func() any { return new(simdjson.ParsedJson) }}

func simdBody(data []byte) (int, error) {
	tape, err := simdjson.Parse(data, simdTapes.Get().(*simdjson.ParsedJson))
	if err != nil {
		return 0, err
	}
	defer simdTapes.Put(tape)
	n := 0
	err = tape.ForEach(func(i simdjson.Iter) error {
		e, err := i.FindElement(nil, "logs")
		if err != nil {
			return err
		}
		list, err := e.Iter.Array(nil)
		if err != nil {
			return err
		}
		list.ForEach(func(i simdjson.Iter) {
			readTape(&i)
			n++
		})
		return nil
	})
	return n, err
}

func readTape(i *simdjson.Iter) (n int) {
	switch i.Type() {
	case simdjson.TypeObject:
		object, err := i.Object(nil)
		if err != nil {
			return 0
		}
		_ = object.ForEach(func(key []byte, i simdjson.Iter) { n += len(keep(string(key))) + readTape(&i) }, nil)
	case simdjson.TypeArray:
		list, err := i.Array(nil)
		if err != nil {
			return 0
		}
		list.ForEach(func(i simdjson.Iter) { n += readTape(&i) })
	case simdjson.TypeString:
		text, _ := i.String()
		n = len(text)
	case simdjson.TypeInt, simdjson.TypeUint, simdjson.TypeFloat:
		f, _ := i.Float()
		n = int(f)
	}
	return n
}

func simdMember(data []byte, visit func(key, value string)) error {
	tape, err := simdjson.Parse(data, nil)
	if err != nil {
		return err
	}
	return tape.ForEach(func(i simdjson.Iter) error {
		object, err := i.Object(nil)
		if err != nil {
			return err
		}
		return object.ForEach(func(key []byte, i simdjson.Iter) {
			v, err := i.Interface()
			if err == nil {
				visit(string(key), fmt.Sprint(v))
			}
		}, nil)
	})
}

// fastjson: a tree of its own in memory that is used again.

var fastParsers fastjson.ParserPool

func fastBody(data []byte) (int, error) {
	p := fastParsers.Get()
	defer fastParsers.Put(p)
	v, err := p.ParseBytes(data)
	if err != nil {
		return 0, err
	}
	logs := v.GetArray("logs")
	for _, one := range logs {
		readFast(one)
	}
	return len(logs), nil
}

// readFast copies the texts, as whoever keeps records must: the parser's memory is used again.
func readFast(v *fastjson.Value) (n int) {
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, one *fastjson.Value) { n += len(string(key)) + readFast(one) })
	case fastjson.TypeArray:
		for _, one := range v.GetArray() {
			n += readFast(one)
		}
	case fastjson.TypeString:
		n = len(keep(string(v.GetStringBytes())))
	case fastjson.TypeNumber:
		n = int(v.GetFloat64())
	}
	return n
}

func fastMember(data []byte, visit func(key, value string)) error {
	var p fastjson.Parser
	v, err := p.ParseBytes(data)
	if err != nil {
		return err
	}
	object, err := v.Object()
	if err != nil {
		return err
	}
	object.Visit(func(key []byte, one *fastjson.Value) {
		text := one.String()
		if one.Type() == fastjson.TypeString {
			text = string(one.GetStringBytes())
		}
		visit(string(key), text)
	})
	return nil
}

// jsonparser: callbacks with pieces of the body.

func jsonparserBody(data []byte) (int, error) {
	n := 0
	_, err := jsonparser.ArrayEach(data, func(one []byte, kind jsonparser.ValueType, _ int, _ error) {
		readPieces(one, kind)
		n++
	}, "logs")
	return n, err
}

func readPieces(value []byte, kind jsonparser.ValueType) (n int) {
	switch kind {
	case jsonparser.Object:
		_ = jsonparser.ObjectEach(value, func(key, one []byte, kind jsonparser.ValueType, _ int) error {
			n += len(keep(string(key))) + readPieces(one, kind)
			return nil
		})
	case jsonparser.Array:
		_, _ = jsonparser.ArrayEach(value, func(one []byte, kind jsonparser.ValueType, _ int, _ error) { n += readPieces(one, kind) })
	case jsonparser.String:
		text, _ := jsonparser.ParseString(value)
		n = len(text)
	case jsonparser.Number:
		f, _ := jsonparser.ParseFloat(value)
		n = int(f)
	}
	return n
}

func jsonparserMember(data []byte, visit func(key, value string)) error {
	return jsonparser.ObjectEach(data, func(key, one []byte, kind jsonparser.ValueType, _ int) error {
		text := string(one)
		if kind == jsonparser.String {
			var err error
			if text, err = jsonparser.ParseString(one); err != nil {
				return err
			}
		}
		visit(string(key), text)
		return nil
	})
}

// gjson: does not check the syntax unless asked to.

func gjsonBody(data []byte) (int, error) {
	if !gjson.ValidBytes(data) {
		return 0, errShape
	}
	n := 0
	gjson.GetBytes(data, "logs").ForEach(func(_, one gjson.Result) bool {
		readResult(one)
		n++
		return true
	})
	return n, nil
}

func readResult(v gjson.Result) (n int) {
	if v.IsObject() || v.IsArray() {
		v.ForEach(func(key, one gjson.Result) bool {
			n += len(key.Str) + readResult(one)
			return true
		})
		return n
	}
	return len(v.Str) + int(v.Num)
}

func gjsonMember(data []byte, visit func(key, value string)) error {
	if !gjson.ValidBytes(data) {
		return errShape
	}
	gjson.ParseBytes(data).ForEach(func(key, one gjson.Result) bool {
		text := one.Raw
		if one.Type == gjson.String {
			text = one.Str
		}
		visit(key.Str, text)
		return true
	})
	return nil
}

// keep makes the compiler copy: a record's texts outlive the body.
func keep(s string) string {
	v := slog.StringValue(s)
	return v.String()
}
