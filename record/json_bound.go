package record

import (
	"log/slog"
	"strconv"
)

// bounded reads an attribute's object or array, and keeps it as its text when it has
// more values than the record has room for.
func (p *parser) bounded(c byte) (slog.Value, bool) {
	start, count, repairs, attrs, values := p.i, p.count, len(p.repairs), len(p.attrs), len(p.values)
	v, ok := p.valueAt(c, 0)
	if ok || !p.full {
		return v, ok
	}
	clear(p.attrs[attrs:])
	clear(p.values[values:])
	p.attrs, p.values, p.repairs = p.attrs[:attrs], p.values[:values], p.repairs[:repairs]
	p.i, p.count, p.full = start, count, false
	if !p.skip() {
		return slog.Value{}, false
	}
	p.repair(p.key, "more than "+strconv.Itoa(p.max)+" values: kept as text")
	return slog.StringValue(p.s[start:p.i]), true
}
