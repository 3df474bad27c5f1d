package main

import (
	"fmt"
	"io"
)

// report is where measurements print, and what of them is required.
type report struct {
	out      io.Writer
	findings []finding
}

// finding is a ratio within one run, or a count, beside what is required of it.
type finding struct {
	what    string
	value   float64
	must    float64
	stretch float64 // 0: none
	least   bool    // must is the least, not the most
}

// atLeast notes a ratio that should be large.
func (r *report) atLeast(what string, value, must, stretch float64) {
	r.findings = append(r.findings, finding{what, value, must, stretch, true})
}

// atMost notes a ratio that should be small.
func (r *report) atMost(what string, value, must, stretch float64) {
	r.findings = append(r.findings, finding{what, value, must, stretch, false})
}

// holds reports whether the requirement is met when it is slack times weaker: with 2,
// half of the ratio is enough.
func (f *finding) holds(slack float64) bool {
	if f.least {
		return f.value >= f.must/slack
	}
	return f.value <= f.must*slack
}

func (f *finding) verdict() string {
	better := finding{value: f.value, must: f.stretch, least: f.least}
	switch {
	case f.stretch != 0 && better.holds(1):
		return "stretch"
	case f.holds(1):
		return "yes"
	}
	return "NO"
}

// print lists what is required.
func (r *report) print() {
	if len(r.findings) == 0 {
		return
	}
	t := newTable("what is required, in this run", "", "measured", "must", "stretch", "met")
	for _, f := range r.findings {
		row, sign := t.row(f.what), "≤"
		if f.least {
			sign = "≥"
		}
		row.text(fmt.Sprintf("%.3g", f.value))
		row.text(fmt.Sprintf("%s %.3g", sign, f.must))
		row.text("")
		if f.stretch != 0 {
			row.cells[len(row.cells)-1] = fmt.Sprintf("%s %.3g", sign, f.stretch)
		}
		row.text(f.verdict())
	}
	t.print(r.out)
}
