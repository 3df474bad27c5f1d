package redis_test

import (
	"fmt"
	"log"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/extra"
	"github.com/weirlog/weir/extra/redis"
)

// What Elva's page shows: its channel, and a password for AUTH.
func ExampleNew() {
	sink, err := redis.New("redis://localhost:6379", redis.Options{Channel: "my:channel", Password: "foobie"})
	if err != nil {
		log.Fatal(err)
	}
	logger := weir.New("my.logger", weir.WithSink(sink))
	defer logger.Close()

	fmt.Println(sink.SinkName())
	// Output: redis channel my:channel at localhost:6379
}

// A list that keeps the newest thousand records.
func ExampleNew_list() {
	sink, err := redis.New("redis://localhost:6379/2", redis.Options{List: "logs", MaxLen: 1000})
	if err != nil {
		log.Fatal(err)
	}
	defer sink.Close()

	fmt.Println(sink.SinkName())
	// Output: redis list logs at localhost:6379
}

// Elva's configuration, as a settings file.
func ExampleSinks() {
	const file = `
[log.sinks.redis]
channel = "hermey"
address = "localhost:6379"
level = "debug"
`
	_, err := config.Parse([]byte(file), "weir.toml", config.Options{Sinks: redis.Sinks(), Decoders: []config.Decoder{extra.TOML()}})
	fmt.Println(err)
	// Output: <nil>
}
