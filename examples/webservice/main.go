// Command webservice is an HTTP service whose records belong to requests: with their
// path, client and trace, streamed into a response while the work goes on, and shown on
// a live page of the service's own.
//
//	go run ./webservice
//	curl -i localhost:8080/hello/Ada
//	curl -N localhost:8080/import            the records of this request, as they come
//	curl -N localhost:8080/debug/log         those of the whole program
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/examples/internal/serve"
	"github.com/weirlog/weir/sink/console"
	"github.com/weirlog/weir/weirhttp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8080", "where to listen (`address`)")
	flag.Parse()
	log := weir.New("webservice", weir.WithSink(console.New(os.Stderr, console.Options{})))
	err := serve.Run(log, *listen, routes(log))
	if err != nil {
		log.Err(context.Background(), err, "the service ends")
	}
	log.Close()
	if err != nil {
		os.Exit(1)
	}
}

func routes(log *weir.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", index)
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		// The record carries path, method, ip, user_agent and trace_id of the request.
		log.InfoContext(r.Context(), "greeting", "name", r.PathValue("name"))
		fmt.Fprintf(w, "Hello, %s.\n", r.PathValue("name"))
	})
	mux.HandleFunc("GET /relay", relay(log))
	mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })

	mux.Handle("GET /import", weirhttp.Stream(log, weirhttp.StreamOptions{
		Title: "Import", Opening: "Starting import...", Closing: "Import finished.",
	}, importRows))
	mux.Handle("GET /debug/log", weirhttp.StreamAll(log, weirhttp.StreamAllOptions{}))
	mux.Handle("/debug/weir/", http.StripPrefix("/debug/weir", dashboard.Handler(log)))

	return weirhttp.Middleware(log, weirhttp.Options{
		Skip: func(r *http.Request) bool { return r.URL.Path == "/healthz" },
	})(mux)
}

func index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><title>webservice</title><ul>
<li><a href="hello/Ada">a greeting</a><li><a href="relay">a request to itself, in one trace</a>
<li><a href="import">an import, as it goes</a><li><a href="import?fail=1">one that fails</a>
<li><a href="panic">a panic</a><li><a href="debug/log">the log</a><li><a href="debug/weir/">the live page</a></ul>`)
}

// importRows logs as any code does; who asked sees it line by line.
func importRows(r *http.Request, log *weir.Logger) error {
	for row := range 10 {
		select {
		case <-r.Context().Done(): // the client has left
			return context.Cause(r.Context())
		case <-time.After(300 * time.Millisecond):
		}
		switch {
		case row == 6 && r.URL.Query().Has("fail"):
			return errors.New("row 6: the table <clients> is gone")
		case row%4 == 3:
			log.Warn(fmt.Sprintf("row %d has no e-mail address", row), "row", row)
		default:
			log.Info(fmt.Sprintf("row %d imported", row), "row", row)
		}
	}
	return nil
}

// relay asks this service itself. The trace goes along, so a search for trace_id finds
// the records of both requests.
func relay(log *weir.Logger) http.HandlerFunc {
	client := &http.Client{Transport: weirhttp.Transport(nil), Timeout: 5 * time.Second}
	return func(w http.ResponseWriter, r *http.Request) {
		request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://"+r.Context().Value(http.LocalAddrContextKey).(fmt.Stringer).String()+"/hello/relay", nil)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer, err := client.Do(request)
		if err != nil {
			log.Err(r.Context(), err, "relay failed")
			http.Error(w, "the other service does not answer", http.StatusBadGateway)
			return
		}
		answer.Body.Close()
		fmt.Fprintf(w, "It answered %s in the trace %s.\n", answer.Status, answer.Header.Get("X-Trace-Id"))
	}
}
