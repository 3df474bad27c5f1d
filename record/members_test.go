package record_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/weirlog/weir/record"
)

// inTwo is what MemberElements does, in two passes.
func inTwo(data []byte, key string) (elements []string, only bool, err error) {
	members, array := 0, []byte(nil)
	err = record.Members(data, func(name string, value []byte) bool {
		if name == key {
			members++
			if array == nil && bytes.HasPrefix(value, []byte("[")) {
				array = value
			}
		}
		return true
	})
	if err != nil || array == nil {
		return nil, false, err
	}
	err = record.Elements(array, func(value []byte) bool { elements = append(elements, string(value)); return true })
	return elements, members == 1, err
}

// compare walks over data in both ways.
func compare(t *testing.T, data []byte) {
	t.Helper()
	var got []string
	only, err := record.MemberElements(data, "logs", func(value []byte) bool { got = append(got, string(value)); return true })
	want, wantOnly, wantErr := inTwo(data, "logs")
	if fmt.Sprint(err) != fmt.Sprint(wantErr) || err != nil && only {
		t.Fatalf("%q: %t, %v; want %v", data, only, err, wantErr)
	}
	if err == nil && (only != wantOnly || !slices.Equal(got, want)) {
		t.Fatalf("%q: %q, %t; want %q, %t", data, got, only, want, wantOnly)
	}
	if !only || len(got) == 0 {
		return
	}
	n := 0
	only, err = record.MemberElements(data, "logs", func([]byte) bool { n++; return n < len(got) })
	if n != len(got) || !only || err != nil {
		t.Fatalf("%q, stopped: %d elements, %t, %v", data, n, only, err)
	}
}

// manyMembers are objects with the member logs, and what is none.
func manyMembers() []string {
	return []string{
		`{"logs":[{"a":1},"x",[2]]}`,
		` { "n" : [1] , "logs" : [ {"a":1} , 2 ] , "k" : {"logs":[3]} } `,
		`{"l\u006fgs":[1,2]}`,
		`{"logs":[]}`,
		`{"logs":[ ],"x":1}`,
		`{}`,
		`{"x":[1]}`,
		`{"logs":null}`,
		`{"logs":{"logs":[1]}}`,
		`{"logs":[1],"logs":[2]}`,
		`{"logs":5,"logs":[2]}`,
		`{"logs":[1],"logs":5}`,
		`{"logs":[1],"x":`,
		`{"logs":[1],"x":5]`,
		`{"logs":[1]} x`,
		`{"logs":[1,]}`,
		`{"logs":[1 2]}`,
		`{"logs":[1,2`,
		`{"logs":[1}`,
		`{"logs" [1]}`,
		`{"logs":[],}`,
		`{"logs":["\q"]}`,
		`{"\q":1,"logs":[]}`,
		`[1]`,
		``,
	}
}

func TestMemberElements(t *testing.T) {
	for _, text := range manyMembers() {
		compare(t, []byte(text))
	}
	var got []string
	only, err := record.MemberElements([]byte(`{"logs":[1,2,3],"logs"`), "logs", func(value []byte) bool {
		got = append(got, string(value))
		return len(got) < 2
	})
	if !only || err != nil || !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("%q, %t, %v", got, only, err)
	}
}

func FuzzMemberElements(f *testing.F) {
	for _, text := range manyMembers() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compare(t, data) })
}

// A body's records are read while its syntax is checked; Members tells which array counts
// when there are several.
func ExampleMemberElements() {
	body := []byte(`{"sender":"web-1","logs":[{"message":"one"},{"message":"two"}]}`)
	only, err := record.MemberElements(body, "logs", func(value []byte) bool {
		fmt.Println(string(value))
		return true
	})
	fmt.Println(only, err)
	// Output:
	// {"message":"one"}
	// {"message":"two"}
	// true <nil>
}
