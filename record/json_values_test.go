package record

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestMaxValues: the objects and lists that have no room are kept as they were
// written, and the rest of the record is read.
func TestMaxValues(t *testing.T) {
	for _, c := range []struct{ in, want, repairs string }{
		{`{"msg":"m","a":[1,2,3]}`, `[a=[1 2 3] msg=m]`, ``},
		{`{"msg":"m","a":[1, 2,3,[4],5,6],"b":{"c":1}}`, `[a="[1, 2,3,[4],5,6]" b=[c=1] msg=m]`, `a: more than 5 values: kept as text`},
		{`{"a":{"b":[{"c":[1,2,{"d":1,"d":2}]},2]},"b":7}`, `[a="{\"b\":[{\"c\":[1,2,{\"d\":1,\"d\":2}]},2]}" b=7]`, `a: more than 5 values: kept as text`},
		{`{"a":[1,2],"b":[3,4],"c":[5,6]}`, `[a=[1 2] b=[3 4] c="[5,6]"]`, `c: more than 5 values: kept as text`},
		{`{"metadata":{"a":[1,2,3,4,5,6],"b":[1]}}`, `[a="[1,2,3,4,5,6]" b=[1]]`, `a: more than 5 values: kept as text`},
		{`{"message":[1,2,3,4,5,6]}`, `[] "[1,2,3,4,5,6]"`, `message: more than 5 values: kept as text`},
	} {
		r, repairs, err := ParseJSON([]byte(c.in), ParseOptions{MaxValues: 5})
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := boundedText(&r); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
		var told []string
		for _, rep := range repairs {
			told = append(told, rep.Field+": "+rep.Reason)
		}
		if got := strings.Join(told, "; "); got != c.repairs {
			t.Errorf("%s: repairs %q, want %q", c.in, got, c.repairs)
		}
	}
	for _, in := range []string{`{"a":[1,2,3,4,5,6`, `{"a":[1,2,3,4,5,6,}`, `{"a":[1,2,3,4,5,6]`, `{"a":[1,2,3,4,5,6] x}`} {
		if _, _, err := ParseJSON([]byte(in), ParseOptions{MaxValues: 5}); err == nil {
			t.Errorf("%s: no error", in)
		}
	}
}

// boundedText are the attributes, sorted, and the message.
func boundedText(r *Record) string {
	var parts []string
	for _, a := range r.Attrs {
		text := a.Value.String()
		if a.Value.Kind() == slog.KindString && strings.ContainsAny(text, "[{") {
			text = strconv.Quote(text)
		}
		parts = append(parts, a.Key+"="+text)
	}
	slices.Sort(parts)
	out := "[" + strings.Join(parts, " ") + "]"
	if r.Message != "" {
		out += " " + strconv.Quote(r.Message)
	}
	return out
}

// FuzzMaxValues: the bound decides how a record is kept, not whether it is one.
func FuzzMaxValues(f *testing.F) {
	f.Add([]byte(`{"a":[1,2,[3,{"b":4}],"x",null],"metadata":{"c":[1,2,3],"d":{"e":[]}},"msg":[1,2]}`), 3)
	f.Add([]byte(`{"a":[1,2,3,4,}`), 2)
	f.Add([]byte(`{"err":{"type":"T","stack":["s","t"]},"log":{"level":"error"}}`), 1)
	f.Fuzz(func(t *testing.T, data []byte, bound int) {
		r, repairs, err := ParseJSON(data, ParseOptions{Aliases: true})
		bounded, told, boundedErr := ParseJSON(data, ParseOptions{Aliases: true, MaxValues: bound})
		if (err == nil) != (boundedErr == nil) {
			t.Fatalf("%v without a bound, %v with one", err, boundedErr)
		}
		if err == nil && bound >= len(data) {
			if a, b := AppendJSON(nil, &r), AppendJSON(nil, &bounded); string(a) != string(b) || len(repairs) != len(told) {
				t.Errorf("%s without a bound, %s with one of %d", a, b, bound)
			}
		}
	})
}
