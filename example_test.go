package weir_test

import (
	"errors"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/console"
)

func Example() {
	log := weir.New("shop",
		weir.WithSink(console.New(os.Stdout, console.Options{Color: console.ColorNever})),
		weir.WithResource(record.Resource{Environment: "test"}),
		weir.WithoutSource())
	defer log.Close()

	orders := log.With("user_id", "u-42")
	orders.Info("order placed", "order", 4711, "total", 12.5)
	orders.Error("payment failed", "err", errors.New("card declined"))
}
