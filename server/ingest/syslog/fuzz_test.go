package syslog

import (
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
)

// FuzzParse: every message becomes a record that can be stored, and what of it is not
// in a field is in the message.
func FuzzParse(f *testing.F) {
	for _, text := range messages(f) {
		f.Add([]byte(text))
	}
	p := testParser()
	f.Fuzz(func(t *testing.T, data []byte) {
		r := p.Parse(data, "192.0.2.1")
		if r.Resource == nil || r.Resource.Host == "" {
			t.Error("no host")
		}
		text := string(data)
		if !strings.ContainsAny(text, "{}") && !strings.HasSuffix(strings.TrimRight(text, " "), strings.TrimRight(r.Message, " ")) {
			t.Errorf("%q became %q", text, r.Message)
		}
		if r.Logger == "" && r.Time.IsZero() && len(r.Attrs) == 0 && r.Message != text && !strings.Contains(text, "{") {
			t.Errorf("%q was lost", text)
		}
		if !r.Time.IsZero() && (r.Time.Year() < -1 || r.Time.Year() > 10_000) {
			t.Errorf("the time is %v", r.Time)
		}
		record.Normalize(&r)
		if _, _, err := record.ParseJSON(record.AppendJSON(nil, &r), record.ParseOptions{}); err != nil {
			t.Error(err)
		}
	})
}
