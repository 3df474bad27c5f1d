package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// report collects what was measured beside what is required of it.
type report struct {
	out  io.Writer
	rows []row
}

// row is a figure; one without a rule is only told.
type row struct {
	section  string // a heading: nothing else counts
	what     string
	value    float64
	rule     rule
	must     float64
	stretch  float64 // 0: none
	decimals int
}

type rule int

const (
	told rule = iota
	atLeast
	below
	equal
)

func (r *report) section(format string, args ...any) {
	r.rows = append(r.rows, row{section: fmt.Sprintf(format, args...)})
}

func (r *report) note(what string, value float64) {
	r.rows = append(r.rows, row{what: what, value: value, decimals: 1})
}

func (r *report) atLeast(what string, value, must, stretch float64) {
	r.rows = append(r.rows, row{what: what, value: value, rule: atLeast, must: must, stretch: stretch})
}

func (r *report) below(what string, value, must float64) {
	r.rows = append(r.rows, row{what: what, value: value, rule: below, must: must})
}

func (r *report) equal(what string, value, must float64) {
	r.rows = append(r.rows, row{what: what, value: value, rule: equal, must: must})
}

func (f *row) holds() bool {
	switch f.rule {
	case atLeast:
		return f.value >= f.must
	case below:
		return f.value < f.must
	case equal:
		return f.value == f.must
	}
	return true
}

func (r *report) met() bool {
	return !slices.ContainsFunc(r.rows, func(f row) bool { return !f.holds() })
}

func (r *report) print() {
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	for i := range r.rows {
		f := &r.rows[i]
		if f.section != "" {
			fmt.Fprintf(w, "\n%s\tmeasured\tmust\t\n", f.section)
			continue
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", f.what, f.number(), f.required(), f.verdict())
	}
	_ = w.Flush()
}

func (f *row) number() string {
	if f.decimals > 0 && f.value < 100 {
		return strconv.FormatFloat(f.value, 'f', f.decimals, 64)
	}
	return thousands(f.value)
}

func (f *row) required() string {
	switch f.rule {
	case atLeast:
		return "≥ " + thousands(f.must) + " (stretch " + thousands(f.stretch) + ")"
	case below:
		return "< " + thousands(f.must)
	case equal:
		return "= " + thousands(f.must)
	}
	return ""
}

func (f *row) verdict() string {
	switch {
	case f.rule == told:
		return ""
	case !f.holds():
		return "NOT MET"
	case f.rule == atLeast && f.value >= f.stretch:
		return "ok, stretch"
	}
	return "ok"
}

// thousands rounds and groups digits: 1234567 is 1,234,567.
func thousands(v float64) string {
	s := strconv.FormatInt(int64(math.Round(v)), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// times are durations of one kind.
type times []time.Duration

// at returns the smallest time that so large a part of all does not exceed, in milliseconds.
func (t times) at(part float64) float64 {
	if len(t) == 0 {
		return 0
	}
	slices.Sort(t)
	i := int(math.Ceil(part*float64(len(t)))) - 1
	return float64(t[max(i, 0)]) / float64(time.Millisecond)
}
