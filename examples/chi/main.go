// Command chi uses Weir in a chi service: the middleware as it is.
//
//	go run ./chi
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/go-chi/chi/v5"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/examples/internal/serve"
	"github.com/weirlog/weir/weirhttp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8083", "where to listen (`address`)")
	flag.Parse()
	log := weir.New("chi-service")
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
	r := chi.NewRouter()
	r.Use(weirhttp.Middleware(log, weirhttp.Options{})) // chi tells the route by itself
	r.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
		log.InfoContext(r.Context(), "Fetching user", "user_id_param", chi.URLParam(r, "id"))
		fmt.Fprintf(w, "{%q:%q}\n", "user_id", chi.URLParam(r, "id"))
	})
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	return r
}
