// Command redis logs to Redis: published on a channel, and kept in a list of the newest
// thousand, in the form that python-redis-log's readers and Elva's page know.
//
//	go run ./redis -redis redis://127.0.0.1:6379
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/extra/redis"
	"github.com/weirlog/weir/sink/console"
)

func main() {
	url := flag.String("redis", "redis://127.0.0.1:6379", "the `URL` of a Redis server; a password is better in REDIS_PASSWORD")
	flag.Parse()
	if err := run(*url, os.Getenv("REDIS_PASSWORD")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(url, password string) error {
	channel, err := redis.New(url, redis.Options{Channel: "logs", Password: password})
	if err != nil {
		return err
	}
	list, err := redis.New(url, redis.Options{List: "newest", MaxLen: 1000, Password: password})
	if err != nil {
		return err
	}
	log := weir.New("shop", weir.WithSink(console.New(os.Stdout, console.Options{}), channel, list))
	log.Warn("100% of the stock of 한국 김치 is sold 😀", "order", 4711)
	log.Error("payment failed\nthe provider did not answer")
	return log.Close()
}
