package query_test

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

func ExampleParse() {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	q, err := query.Parse(`timeout level>=warn user.plan:pro -path:/healthz since:15m`, now)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := record.Record{
		Time: now, Severity: record.SeverityError, Message: "Timeout of the payment",
		Attrs: []slog.Attr{slog.Group("user", slog.String("plan", "pro"))},
	}
	fmt.Println(q.Match(&r), q.Since.Format(time.TimeOnly))
	r.Severity = record.SeverityInfo
	fmt.Println(q.Match(&r))
	// Output:
	// true 09:45:00
	// false
}

func ExampleParse_error() {
	_, err := query.Parse("level>=wran", time.Time{})
	fmt.Println(err)
	// Output: levels are TRACE, DEBUG, INFO, WARN, ERROR and FATAL
}
