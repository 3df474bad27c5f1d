package ship

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"
	"unicode"
)

// outcome is what became of a request.
type outcome uint8

const (
	// delivered: the server has the records.
	delivered outcome = iota
	// later: it may take them another time. Everything that is not sure to stay as it is is
	// of this kind, a wrong token and a wrong path too: somebody will mend it.
	later
	// refused: this server will never take this body.
	refused
)

// verdict is the outcome of one request and what is known about it.
type verdict struct {
	outcome   outcome
	status    int           // of the answer; 0: there was none
	after     time.Duration // what the server asked to wait
	suspect   bool          // it failed in a way that may be the batch's own fault
	duplicate int           // of the records: the server had them already
	why       error         // nil when delivered
}

// maxAnswer is how much of an answer is read. The ones that matter have 200 bytes.
const maxAnswer = 64 << 10

const (
	weirPath      = "/api/v1/records"
	collectorPath = "/logs"
	userAgent     = "weir-ship"
)

// post sends a packed batch once.
func (s *Sink) post(b *batch) verdict {
	path := weirPath
	if b.protocol == ProtocolCollector {
		path = collectorPath
	}
	r, err := http.NewRequest(http.MethodPost, s.server.String()+path, bytes.NewReader(b.body))
	if err != nil {
		return verdict{outcome: later, why: err}
	}
	if b.protocol == ProtocolWeir {
		r.Header.Set("Content-Type", "application/x-ndjson")
		r.Header.Set("Idempotency-Key", b.String())
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if b.encoding != "" {
		r.Header.Set("Content-Encoding", b.encoding)
	}
	s.counters.change(func(c *Stats) { c.SentBytes += uint64(len(b.body)) })
	status, header, answer, reached, err := s.exchange(r)
	if err != nil {
		return verdict{outcome: later, suspect: reached, why: err}
	}
	v := verdict{status: status, after: retryAfter(header.Get("Retry-After"), time.Now())}
	switch {
	case status == http.StatusOK && b.protocol == ProtocolCollector:
		return v // its clients do not look further either
	case status == http.StatusOK:
		return checkAnswer(v, answer, b.records())
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnsupportedMediaType, status == http.StatusUnprocessableEntity:
		v.outcome = refused
	default:
		v.outcome = later
		v.suspect = status == http.StatusInternalServerError
	}
	v.why = explain(status, answer)
	return v
}

// exchange sends a request with the token and reads the answer. reached tells
// whether there was a connection, after which the server may have got everything.
func (s *Sink) exchange(r *http.Request) (status int, header http.Header, answer []byte, reached bool, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.opts.Timeout)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { reached = true }})
	r = r.WithContext(ctx)
	r.Header.Set("User-Agent", userAgent)
	if s.opts.Token != "" {
		r.Header.Set("Authorization", "Bearer "+s.opts.Token)
	}
	res, err := s.client.Do(r)
	if err != nil {
		reached = reached && !errors.Is(err, errRedirect) && s.ctx.Err() == nil
		return 0, nil, nil, reached, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && res.StatusCode == http.StatusOK {
		return 0, nil, nil, s.ctx.Err() == nil, fmt.Errorf("read the answer: %w", err)
	}
	return res.StatusCode, res.Header, answer, true, nil
}

// checkAnswer makes sure that it was a Weir server that answered 200, for it, and that
// it has all records: a hotel's login page says 200 too.
func checkAnswer(v verdict, answer []byte, records int) verdict {
	var got struct {
		Status       string `json:"status"`
		Count        int    `json:"count"`
		Deduplicated int    `json:"deduplicated"`
	}
	if err := json.Unmarshal(answer, &got); err != nil || got.Status != "ok" || got.Count != records {
		v.outcome = later
		v.why = fmt.Errorf("the answer is not a Weir server's: %s", brief(string(answer)))
		return v
	}
	v.duplicate = got.Deduplicated
	return v
}

// explain makes an error of an answer, with the server's own words if it has some.
func explain(status int, answer []byte) error {
	var known struct {
		Error struct {
			Message string `json:"message"`
			Hint    string `json:"hint"`
		} `json:"error"`
		Detail string `json:"detail"`
	}
	text := ""
	if json.Unmarshal(answer, &known) == nil {
		text = known.Detail
		if known.Error.Message != "" {
			text = known.Error.Message
			if known.Error.Hint != "" {
				text += " (" + known.Error.Hint + ")"
			}
		}
	}
	if text == "" {
		text = string(answer)
	}
	err := fmt.Errorf("the server answered %d %s", status, http.StatusText(status))
	if text = brief(text); text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		err = fmt.Errorf("%w; is Options.Token right?", err)
	}
	return err
}

// brief is the beginning of a text from elsewhere, on one line.
func brief(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + " ..."
}
