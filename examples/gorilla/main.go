// Command gorilla uses Weir in a gorilla/mux service: the middleware as it is.
//
//	go run ./gorilla
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/gorilla/mux"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/examples/internal/serve"
	"github.com/weirlog/weir/weirhttp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8084", "where to listen (`address`)")
	flag.Parse()
	log := weir.New("gorilla-service")
	err := serve.Run(log, *listen, handler(log))
	if err != nil {
		log.Err(context.Background(), err, "the service ends")
	}
	log.Close()
	if err != nil {
		os.Exit(1)
	}
}

func handler(log *weir.Logger) http.Handler {
	r := mux.NewRouter()
	// Use runs for routes that are found; gorilla knows the route by then.
	r.Use(weirhttp.Middleware(log, weirhttp.Options{Attrs: route}))
	r.HandleFunc("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "Fetching user", "user_id_param", mux.Vars(r)["id"])
		fmt.Fprintf(w, "{%q:%q}\n", "user_id", mux.Vars(r)["id"])
	})
	r.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	return r
}

func route(r *http.Request) []slog.Attr {
	if found := mux.CurrentRoute(r); found != nil {
		if template, err := found.GetPathTemplate(); err == nil {
			return []slog.Attr{slog.String("route", template)}
		}
	}
	return nil
}
