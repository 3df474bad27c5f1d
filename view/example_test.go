package view_test

import (
	"context"
	"fmt"
	"time"

	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/view"
)

// A page searches what is there, and follows what comes.
func ExampleFollow() {
	now := func() time.Time { return time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) }
	m := view.NewMemory(hub.Options{}, now)
	m.Commit([]record.Record{
		{Severity: record.SeverityInfo, Message: "order placed"},
		{Severity: record.SeverityError, Message: "payment failed"},
	})
	warnings, err := query.Parse("level>=warn", now())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	page, err := m.Search(ctx, view.Query{Filter: warnings})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range page.Records {
		fmt.Println("found:", r.Message)
	}
	feed, err := view.Follow(ctx, m, view.FollowOptions{Filter: warnings})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer feed.Close()
	m.Commit([]record.Record{{Severity: record.SeverityFatal, Message: "out of memory"}})
	for {
		frame, err := feed.Next(ctx, 10)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, r := range frame.Records {
			fmt.Println("came:", r.Message)
			return
		}
	}
	// Output:
	// found: payment failed
	// came: out of memory
}
