package dashboard

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

const (
	// exportPage is how many records are searched for at once: other searches get
	// their turn between two pages.
	exportPage = 2000

	// The trailers of an export say whether it has everything.
	trailerComplete = "Weir-Complete"
	trailerReason   = "Weir-Reason"
)

// export answers GET and POST /api/v1/export: every matching record that was
// committed when it began, oldest first. When it has to stop early, an error in
// place of a record is its end.
func (d *Dashboard) export(w http.ResponseWriter, r *http.Request) {
	values, problem := exportValues(w, r)
	if problem != nil {
		writeError(w, *problem)
		return
	}
	p := newParams(values)
	q := view.Query{Limit: exportPage, Order: view.OldestFirst}
	q.Filter, _ = p.filter()
	q.Since, q.Until = p.time("since"), p.time("until")
	q.After, q.Before = p.bounds()
	format, ok := exportFormats[values.Get("format")]
	if !ok {
		p.fail(badRequest("bad_request", "format is none of ndjson, json", "leave it out for ndjson"))
	}
	if p.err != nil {
		writeError(w, *p.err)
		return
	}
	if end := d.patient.Hub().Cursor().Position + 1; q.Before == 0 || q.Before > end {
		q.Before = end
	}
	// The first page is read before anything is sent, so that its error has a status.
	page, err := d.patient.Search(r.Context(), q)
	if err != nil {
		writeError(w, describe(err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", format.kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.exportName(p.now, format.ext)}))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	h.Set("Trailer", trailerComplete+", "+trailerReason)
	if r.Method == http.MethodHead {
		return
	}
	d.sendExport(r, d.newWriter(w), h, q, page, format)
}

// sendExport writes the pages, from the first on.
func (d *Dashboard) sendExport(r *http.Request, out *writer, h http.Header, q view.Query, page view.Page, format exportFormat) {
	reason := ""
	sent := 0
	buf := []byte(format.open)
	item := func() {
		if sent > 0 {
			buf = append(buf, format.between...)
		}
		sent++
	}
	for first := true; ; first = false {
		for i := range page.Records {
			item()
			buf = record.AppendJSON(buf, &page.Records[i])
			buf = append(buf, format.after...)
		}
		if out.write(buf) != nil {
			return
		}
		buf = buf[:0]
		var cut *apiError
		switch {
		case page.Reason == view.ReasonEvicted && first:
			reason = page.Reason // older ones had left before it began
		case page.Reason == view.ReasonEvicted:
			cut = &apiError{0, view.ReasonEvicted, "records left the memory while they were exported", "export again, or narrow the query"}
		case page.Reason == view.ReasonDeadline && page.Next <= q.After:
			cut = &apiError{0, "deadline", "a part of the search took too long", "narrow it with since or a field, as service:checkout"}
		}
		if cut == nil && page.Next == 0 {
			break
		}
		if cut == nil {
			q.After = page.Next
			var err error
			if page, err = d.patient.Search(r.Context(), q); err == nil {
				continue
			}
			e := describe(err)
			cut = &e
		}
		reason = cut.code
		item()
		body, err := json.Marshal(ErrorBody{ErrorDetail{cut.code, cut.message, cut.hint}})
		if err != nil {
			panic("BUG: " + err.Error())
		}
		buf = append(append(buf, body...), format.after...)
		break
	}
	h.Set(trailerComplete, "true")
	if reason != "" {
		h.Set(trailerComplete, "false")
		h.Set(trailerReason, reason)
	}
	if out.write(append(buf, format.close...)) == nil {
		out.finish()
	}
}

// exportFormat is what stands around the records.
type exportFormat struct {
	kind, ext                   string
	open, between, after, close string
}

var exportFormats = map[string]exportFormat{
	"":       {kind: "application/x-ndjson", ext: "ndjson", after: "\n"},
	"ndjson": {kind: "application/x-ndjson", ext: "ndjson", after: "\n"},
	"json":   {kind: "application/json; charset=utf-8", ext: "json", open: "[", between: ",\n", close: "]\n"},
}

// exportValues reads the parameters of an export from the address, a form or a
// JSON body.
func exportValues(w http.ResponseWriter, r *http.Request) (url.Values, *apiError) {
	if r.Method != http.MethodPost {
		return r.URL.Query(), nil
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxExportBody)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	code := "bad_request"
	if kind == "application/json" {
		var body ExportRequest
		code = "bad_json"
		if err = json.NewDecoder(r.Body).Decode(&body); err == nil {
			return url.Values{"q": {body.Q}, "since": {body.Since}, "until": {body.Until}, "format": {body.Format}}, nil
		}
	} else if err = r.ParseForm(); err == nil {
		return r.Form, nil
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, &apiError{http.StatusRequestEntityTooLarge, "too_large", "the body is too large", "it holds q, since, until and format"}
	}
	return nil, badRequest(code, "the body cannot be read: "+err.Error(), `send {"q":"level>=warn","format":"ndjson"} as application/json, or a form`)
}

// exportName is the name of the file that a browser saves.
func (d *Dashboard) exportName(now time.Time, ext string) string {
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
			return c
		}
		return '-'
	}, d.opts.Name)
	if name = strings.Trim(name, "-."); name == "" {
		name = "log"
	}
	return "weir-" + name + "-" + now.UTC().Format("20060102-150405") + "." + ext
}
