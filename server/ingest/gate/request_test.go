package gate

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/intake"
)

func TestOpen(t *testing.T) {
	plain := []byte("a body")
	for name, c := range map[string]struct {
		encoding string
		data     []byte
		door     Door
		status   int // 0: taken
		code     string
		hint     string
	}{
		"plain":          {"", plain, door, 0, "", ""},
		"packed":         {"gzip", zipped(t, plain), door, 0, "", ""},
		"in any case":    {"GZip", zipped(t, plain), door, 0, "", ""},
		"told otherwise": {"br", plain, Door{Encoding: body.Identity}, 0, "", ""},
		"always packed":  {"", zipped(t, plain), Door{Encoding: body.Gzip}, 0, "", ""},
		"unknown":        {"br", plain, door, 400, CodeBadEncoding, "Content-Encoding may be gzip or absent"},
		"none allowed":   {"gzip", plain, Door{}, 400, CodeBadEncoding, "without Content-Encoding"},
		"not packed":     {"gzip", plain, door, 400, CodeBadEncoding, "what its Content-Encoding says"},
		"large":          {"", make([]byte, 1001), door, 413, CodeTooLarge, "--max-body"},
		"a bomb":         {"gzip", zipped(t, make([]byte, 5001)), door, 413, CodeTooLarge, "--max-decoded"},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, Options{Body: body.Limits{Sent: 1000, Unpacked: 5000}}, intake.Options{})
			q, err := f.Open(request("10.0.0.1", c.encoding, c.data), c.door)
			if c.status == 0 {
				if err != nil || !bytes.Equal(q.Data, plain) || q.Source.Sender != "10.0.0.1" {
					t.Fatalf("%v", err)
				}
				q.Close()
				q.Close()
				return
			}
			var why *Refusal
			if !errors.As(err, &why) || why.Status != c.status || why.Code != c.code || !strings.Contains(why.Hint, c.hint) || why.Temporary() {
				t.Fatalf("%+v", err)
			}
			if got := f.line(t).Troubles; len(got) != 1 || got[0].What != c.code || got[0].Message == "" {
				t.Errorf("noted as %+v", got)
			}
		})
	}
}

// send stores n records of one request.
func (f *fixture) send(r *http.Request, n int) (stored int, err error) {
	q, err := f.Open(r, door)
	if err != nil {
		return 0, err
	}
	defer q.Close()
	p := q.Parts(r.Context())
	for _, one := range numbered(1, n) {
		if p.Add(one) != nil {
			break
		}
	}
	got, err := p.End()
	return got.Count, err
}

func TestAdmit(t *testing.T) {
	f := open(t, Options{Origins: []string{"https://app.example"}}, intake.Options{})
	for origin, want := range map[string]bool{"": true, "https://app.example": true, "http://localhost:5173": true, "https://evil.example": false} {
		r := request("a", "", nil)
		r.Header.Set("Origin", origin)
		if origin == "" {
			r.Header.Del("Origin")
		}
		var why *Refusal
		if got := f.Admit(httptest.NewRecorder(), r, func(e *Refusal) { why = e }); got != want || want != (why == nil) || why != nil && (why.Status != 403 || why.Code != "bad_origin") {
			t.Errorf("%q: %v %+v", origin, got, why)
		}
	}
}

func TestSender(t *testing.T) {
	for from, want := range map[string]string{"10.0.0.1:5": "10.0.0.1", "[::1]:5": "::1", "@": "@"} {
		if got := Sender(&http.Request{RemoteAddr: from}); got != want {
			t.Errorf("%q is %q", from, got)
		}
	}
}

// TestTroubleIsTold in the ledger and to people.
func TestTroubleIsTold(t *testing.T) {
	f := open(t, Options{}, intake.Options{})
	source := intake.Source{Protocol: "test", Sender: "x"}
	f.Trouble(source, "lost", "the connection broke")
	f.Lose(source, 3)
	f.SetState(source, "connected")
	line := f.line(t)
	if line.State != "connected" || line.Refused[intake.ReasonOverflow] != 3 || line.Received != 3 || len(line.Troubles) != 1 || line.Troubles[0].Message != "the connection broke" {
		t.Errorf("%+v", line)
	}
}
