package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	// The measurements start copies of their own program, which is this one.
	if done, err := asChild(os.Args[1:]); done {
		exit(err)
		return
	}
	os.Exit(m.Run())
}

// TestSameWork: what is compared writes one JSON object a call, with the same
// attributes.
func TestSameWork(t *testing.T) {
	want := map[string][]string{
		"message":       {},
		"3 attributes":  {"ms", "n", "path"},
		"10 attributes": {"bytes", "cached", "err", "id", "method", "ms", "n", "path", "status", "took"},
	}
	for _, s := range subjectsThat(func(s *subject) bool { return !s.floor }) {
		for _, source := range []bool{false, true} {
			for _, l := range loads() {
				keys, ok := want[l.name]
				if !ok {
					continue
				}
				f, err := create(t.TempDir(), &s, false)
				if err != nil {
					t.Fatal(err)
				}
				in := s.open(f, source)
				l.pick(&in)(7)
				in.disabled(7)
				in.settle()
				in.close()
				if n := f.written(); n != 1 {
					t.Fatalf("%s: %d lines are counted for one call", s.name, n)
				}
				text, err := f.content()
				if err != nil {
					t.Fatal(err)
				}
				checkLine(t, s.name, text, keys)
				f.remove()
			}
		}
	}
}

func checkLine(t *testing.T, name string, text []byte, keys []string) {
	t.Helper()
	lines := bytes.Split(bytes.TrimSpace(text), []byte{'\n'})
	if len(lines) != 1 {
		t.Fatalf("%s: %d lines for one call: %s", name, len(lines), text)
	}
	var m map[string]any
	if err := json.Unmarshal(lines[0], &m); err != nil {
		t.Fatalf("%s: %v in %s", name, err, lines[0])
	}
	if metadata, ok := m["metadata"].(map[string]any); ok {
		for k, v := range metadata {
			m[k] = v
		}
	}
	for _, k := range keys {
		if _, ok := m[k]; !ok {
			t.Errorf("%s: no %s in %s", name, k, lines[0])
		}
	}
	if !slices.Contains([]any{m["message"], m["msg"]}, any(message)) {
		t.Errorf("%s: no message in %s", name, lines[0])
	}
}

// TestMeasurementsRun runs all measurements, but briefly: a percentile of so few calls, on a
// machine that does other things, says nothing. What is counted must hold all the
// same.
func TestMeasurementsRun(t *testing.T) {
	for _, m := range measurements() {
		t.Run(m.name, func(t *testing.T) {
			var out bytes.Buffer
			r := &report{out: &out}
			if err := m.run(r, t.TempDir(), 0.02); err != nil {
				t.Fatalf("%v\n%s", err, out.Bytes())
			}
			r.print()
			for _, f := range r.findings {
				counted := f.must == 0 || strings.HasPrefix(f.what, "flood")
				if counted && !f.holds(1) {
					t.Errorf("%s: %v, must be at most %v\n%s", f.what, f.value, f.must, out.Bytes())
				}
			}
		})
	}
}

// TestCallsAreCheap holds half of what is required of a call's cost: medians of bursts that
// were measured in turns survive a busy machine.
func TestCallsAreCheap(t *testing.T) {
	times, err := timeCalls(t.TempDir(), false, 25)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := &report{out: &out}
	printCalls(r, times, "without source")
	requireCalls(r, times, "without source")
	for _, f := range r.findings {
		if !f.holds(2) {
			t.Errorf("%s: %.2f, must be %.2f, half of it at least\n%s", f.what, f.value, f.must, out.Bytes())
		}
	}
}

func TestThousands(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 999: "999", 1000: "1,000", 1234567.4: "1,234,567", -999: "-999", -123456: "-123,456"} {
		if got := thousands(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		f    finding
		want string
	}{
		{finding{value: 6, must: 5, stretch: 8, least: true}, "yes"},
		{finding{value: 9, must: 5, stretch: 8, least: true}, "stretch"},
		{finding{value: 4, must: 5, stretch: 8, least: true}, "NO"},
		{finding{value: 1.4, must: 1.5, stretch: 1.25}, "yes"},
		{finding{value: 1.2, must: 1.5, stretch: 1.25}, "stretch"},
		{finding{value: 1, must: 0}, "NO"},
		{finding{value: 0, must: 0}, "yes"},
	} {
		if got := c.f.verdict(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.f, got, c.want)
		}
	}
}

func TestSample(t *testing.T) {
	s := newSample([]float64{5, 1, 4, 2, 3, 3})
	got := fmt.Sprint(s.at(0), s.at(0.5), s.at(1), s.above(3), s.above(0), s.above(9), sample(nil).at(0.5))
	if want := "1 3 5 2 6 0 0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if r := paired([]float64{2, 9, 3}, []float64{1, 3, 0}); r != 3 {
		t.Errorf("paired: %v", r)
	}
}
