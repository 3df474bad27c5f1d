package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"
)

// table is printed with aligned columns.
type table struct {
	title   string
	columns []string
	rows    []*tableRow
	notes   []string
}

type tableRow struct{ cells []string }

func newTable(title string, columns ...string) *table { return &table{title: title, columns: columns} }

func (t *table) column(name string) { t.columns = append(t.columns, name) }

// note is a line below the table.
func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

func (t *table) row(name string) *tableRow {
	r := &tableRow{cells: []string{name}}
	t.rows = append(t.rows, r)
	return r
}

func (r *tableRow) text(s string) { r.cells = append(r.cells, s) }

func (r *tableRow) number(v float64) { r.text(thousands(v)) }

// ratio is a number with what it is as a multiple of another.
func (r *tableRow) ratio(v, of float64) {
	r.text(fmt.Sprintf("%s (%.1f)", thousands(v), v/of))
}

func (t *table) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s\n", t.title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, c := range t.columns {
		fmt.Fprintf(w, "%s\t", c)
	}
	fmt.Fprintln(w)
	for _, r := range t.rows {
		for _, c := range r.cells {
			fmt.Fprintf(w, "%s\t", c)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	for _, n := range t.notes {
		fmt.Fprintln(out, n)
	}
}

// thousands rounds and groups digits: 1234567 is 1,234,567.
func thousands(v float64) string {
	s := strconv.FormatInt(int64(math.Round(v)), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
