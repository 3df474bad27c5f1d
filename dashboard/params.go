package dashboard

import (
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// params reads query parameters; the first error stays.
type params struct {
	values url.Values
	now    time.Time
	err    *apiError
}

func newParams(values url.Values) *params { return &params{values: values, now: time.Now()} }

func (p *params) fail(e *apiError) {
	if p.err == nil {
		p.err = e
	}
}

// filter reads q. A text that does not parse is searched as it is, and plainText
// says why.
func (p *params) filter() (f *query.Filter, plainText string) {
	q := p.values.Get("q")
	if len(q) > maxQueryBytes {
		p.fail(badRequest("bad_request", "q is too long", "a query has at most "+strconv.Itoa(maxQueryBytes)+" bytes"))
		return nil, ""
	}
	f, err := query.Parse(q, p.now)
	if err != nil {
		return query.PlainText(q), err.Error()
	}
	return f, ""
}

// time reads since or until.
func (p *params) time(name string) time.Time {
	text := p.values.Get(name)
	if text == "" {
		return time.Time{}
	}
	t, err := view.TimeBound(text, p.now)
	if err != nil {
		p.fail(badRequest("bad_time", name+": the value is "+err.Error(), "write "+name+"=15m or "+name+"=2026-11-20T10:00:00Z"))
	}
	return t
}

// number reads a count in [least, most]; what is more is most.
func (p *params) number(name string, least, most, absent int) int {
	text := p.values.Get(name)
	if text == "" {
		return absent
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n < uint64(least) {
		p.fail(badRequest("bad_request", name+" is not a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most), "leave it out for the default"))
		return absent
	}
	return int(min(n, uint64(most)))
}

// place reads a cursor or an id. id tells which: a cursor lies after its
// position, an id is the record itself.
func (p *params) place(name, text string) (c hub.Cursor, id bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n > 0 {
		return hub.Cursor{Position: record.Position(n)}, true
	}
	c, err := hub.ParseCursor(text)
	if err != nil {
		p.fail(badRequest("bad_cursor", name+": "+err.Error(), "or pass a record's id; leave it out to begin at the end"))
	}
	return c, false
}

// bounds reads before and after as exclusive bounds on positions.
func (p *params) bounds() (after, before record.Position) {
	if text := p.values.Get("after"); text != "" {
		c, _ := p.place("after", text)
		after = c.Position
	}
	if text := p.values.Get("before"); text != "" {
		c, id := p.place("before", text)
		before = c.Position
		if !id && before < math.MaxInt64 {
			before++
		}
	}
	return after, before
}

// order reads the order of a search.
func (p *params) order() view.Order {
	switch p.values.Get("order") {
	case "", "desc":
		return view.NewestFirst
	case "asc":
		return view.OldestFirst
	case "time":
		return view.ByTime
	}
	p.fail(badRequest("bad_request", "order is none of desc, asc, time", "leave it out for the newest first"))
	return view.NewestFirst
}
