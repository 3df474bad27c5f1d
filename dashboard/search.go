package dashboard

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// MarshalJSON writes the records' projections.
func (r Records) MarshalJSON() ([]byte, error) { return appendRecords(nil, r), nil }

func appendRecords(dst []byte, records []record.Record) []byte {
	dst = append(dst, '[')
	for i := range records {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = record.AppendJSON(dst, &records[i])
	}
	return append(dst, ']')
}

// appendJSON writes a page without letting encoding/json go over the records
// again, which would take longer than writing them.
func (p Page) appendJSON(dst []byte) []byte {
	records := p.Records
	p.Records = nil
	rest, err := json.Marshal(p)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	dst = append(dst, `{"records":`...)
	dst = appendRecords(dst, records)
	return append(dst, bytes.TrimPrefix(rest, []byte(`{"records":[]`))...)
}

// search answers GET /api/v1/records.
func (d *Dashboard) search(w http.ResponseWriter, r *http.Request) {
	p := newParams(r.URL.Query())
	var q view.Query
	var page Page
	q.Filter, page.PlainText = p.filter()
	q.Since, q.Until = p.time("since"), p.time("until")
	q.After, q.Before = p.bounds()
	q.Limit = p.number("limit", 1, view.MaxLimit, view.DefaultLimit)
	q.Order = p.order()
	if p.err != nil {
		writeError(w, *p.err)
		return
	}
	page.Cursor = d.backend.Hub().Cursor().String()
	found, err := d.backend.Search(r.Context(), q)
	if err != nil {
		writeError(w, describe(err))
		return
	}
	page.Records, page.Complete, page.Reason = found.Records, found.Complete, found.Reason
	if found.Next > 0 {
		page.Next = next(found.Next, q.Order)
	}
	if !found.ScannedUntil.IsZero() {
		page.ScannedUntil = formatTime(found.ScannedUntil)
	}
	d.send(w, page.appendJSON(nil))
}

// next is the cursor to go on from: a bound below which, or above which, the next
// page lies.
func next(p record.Position, order view.Order) string {
	if order == view.NewestFirst {
		p--
	}
	return hub.Cursor{Position: p}.String()
}

// record answers GET /api/v1/records/{id}.
func (d *Dashboard) record(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		writeError(w, *badRequest("bad_request", "this is not a record's id", "an id is a number, as in the field id of a record"))
		return
	}
	found, err := d.backend.Record(r.Context(), record.Position(id))
	if err != nil {
		writeError(w, describe(err))
		return
	}
	d.send(w, record.AppendJSON(nil, &found))
}

// send answers with JSON that may be large to a client that may be slow.
func (d *Dashboard) send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	out := d.newWriter(w)
	if out.write(append(body, '\n')) == nil {
		out.finish()
	}
}

// formatTime writes a time as records do.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
