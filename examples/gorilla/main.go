// Command gorilla uses Weir in a gorilla/mux service: the middleware around the router, so
// that requests without a route leave a record as well.
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
	r.HandleFunc("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "Fetching user", "user_id_param", mux.Vars(r)["id"])
		fmt.Fprintf(w, "{%q:%q}\n", "user_id", mux.Vars(r)["id"])
	}).Methods(http.MethodGet)
	r.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	// Around the router: what r.Use adds runs only for routes that are found, so a 404 or
	// 405 would leave no record.
	return weirhttp.Middleware(log, weirhttp.Options{Attrs: route(r)})(r)
}

// route returns the attribute route of a request. The middleware runs before the router
// has looked for it, so it is looked for here as well.
func route(router *mux.Router) func(*http.Request) []slog.Attr {
	return func(r *http.Request) []slog.Attr {
		var found mux.RouteMatch
		if !router.Match(r, &found) || found.Route == nil {
			return nil
		}
		template, err := found.Route.GetPathTemplate()
		if err != nil {
			return nil
		}
		return []slog.Attr{slog.String("route", template)}
	}
}
