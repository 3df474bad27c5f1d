package page_test

import (
	"fmt"

	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/config/page"
)

func ExampleSinks() {
	c, err := config.Parse([]byte(`{"dashboard": {"address": "127.0.0.1:0", "open": false}}`), "weir.json", config.Options{Sinks: page.Sinks()})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range c.Effective() {
		if s.Key == "log.dashboard.address" {
			fmt.Println(s.Value)
		}
	}
	// Output: 127.0.0.1:0
}
