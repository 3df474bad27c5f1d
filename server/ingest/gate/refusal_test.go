package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/weirlog/weir/server/ingest/body"
	"github.com/weirlog/weir/server/intake"
)

func TestRefusalOf(t *testing.T) {
	own := Bad(CodeBadJSON, errors.New("x"), "y")
	for _, c := range []struct {
		err       error
		status    int
		code      string
		temporary bool
		hinted    bool
	}{
		{own, 400, CodeBadJSON, false, true},
		{fmt.Errorf("wrapped: %w", own), 400, CodeBadJSON, false, true},
		{&body.TooLargeError{Limit: 1}, 413, CodeTooLarge, false, true},
		{&body.TooLargeError{Limit: 1, Unpacked: true}, 413, CodeTooLarge, false, true},
		{tooMany(1), 413, CodeTooLarge, false, true},
		{&body.EncodingError{Encoding: "br"}, 400, CodeBadEncoding, false, true},
		{intake.ErrBadKey, 400, CodeBadKey, false, true},
		{fmt.Errorf("accept: %w", intake.ErrKeyReused), 422, CodeKeyReused, false, true},
		{intake.ErrUnavailable, 503, CodeUnavailable, true, true},
		{intake.ErrBusy, 503, CodeUnavailable, true, true},
		{intake.ErrClosed, 503, CodeUnavailable, true, true},
		{fmt.Errorf("%w: %w", errFull, context.DeadlineExceeded), 503, CodeUnavailable, true, true},
		{context.Canceled, 503, CodeUnavailable, true, true},
		{fmt.Errorf("read the body: %w", os.ErrDeadlineExceeded), 408, CodeBadRequest, false, true},
		{errors.New("read the body: reset"), 400, CodeBadRequest, false, false},
	} {
		got := refusalOf(c.err)
		if got.Status != c.status || got.Code != c.code || got.Temporary() != c.temporary || (got.Hint != "") != c.hinted || got.Error() == "" {
			t.Errorf("%v became %+v", c.err, got)
		}
		head := http.Header{}
		got.SetHeader(head)
		if (head.Get("Retry-After") != "") != c.temporary {
			t.Errorf("%v: %v", c.err, head)
		}
	}
	head := http.Header{}
	(&Refusal{RetryAfter: time.Nanosecond}).SetHeader(head)
	if head.Get("Retry-After") != "1" {
		t.Errorf("%v", head)
	}
	if !errors.Is(refusalOf(fmt.Errorf("accept: %w", intake.ErrBusy)), intake.ErrBusy) {
		t.Error("the cause is lost")
	}
}
