package weir_test

import (
	"errors"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
)

func Example() {
	// Without a sink the console gets all on stderr; here it has a form without the time.
	form := format.Console(format.ConsoleOptions{Color: format.ColorNever, NoTime: true})
	log := weir.New("shop",
		weir.WithSink(console.New(os.Stdout, console.Options{Format: form})),
		weir.WithResource(record.Resource{Environment: "test"}),
		weir.WithoutSource())
	defer log.Close()

	orders := log.With("user_id", "u-42")
	orders.Info("order placed", "order", 4711, "total", 12.5)
	orders.Error("payment failed", "err", errors.New("card declined"))
	// Output:
	// INFO  shop order placed user_id=u-42 order=4711 total=12.5
	// ERROR shop payment failed user_id=u-42 err="card declined"
}
