// Command collectordemo is the log-collector's demo application: a small service with a
// browser page. The service ships its records to a server; the page posts its own
// straight to the same server, in the trace of the request that it makes.
//
//	weir serve                                       (or weir demo)
//	WEIR_SERVER=http://127.0.0.1:5678 go run ./collectordemo
//
// Then open http://127.0.0.1:3001, press the buttons, and look at the server's page.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/examples/internal/serve"
	"github.com/weirlog/weir/sink/console"
	"github.com/weirlog/weir/sink/ship"
	"github.com/weirlog/weir/weirhttp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:3001", "where to listen (`address`)")
	flag.Parse()
	server := cmp.Or(os.Getenv("WEIR_SERVER"), os.Getenv("LOG_SERVER_URL"), "http://127.0.0.1:5678")
	if err := run(*listen, server); err != nil {
		fmt.Fprintln(os.Stderr, "collectordemo:", err)
		os.Exit(1)
	}
}

func run(listen, server string) error {
	index, err := page(server)
	if err != nil {
		return err
	}
	shipping, err := ship.New(server, ship.Options{Token: os.Getenv("WEIR_TOKEN")})
	if err != nil {
		return err
	}
	log := weir.New("demo-backend", weir.WithSink(console.New(os.Stderr, console.Options{}), shipping))
	defer log.Close() // ships what is left
	log.Info("demo started", "server", server)

	app := &app{log: log, todos: newTodos()}
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", index)
	mux.Handle("GET /app.js", http.FileServerFS(files))
	mux.Handle("GET /app.css", http.FileServerFS(files))
	app.routes(mux)
	err = serve.Run(log, listen, weirhttp.Middleware(log, weirhttp.Options{Received: true, UserID: true})(mux))
	if err != nil {
		log.Err(context.Background(), err, "the demo ends")
	}
	return err
}
