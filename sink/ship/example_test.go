package ship_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/ship"
)

// standIn answers as a Weir server does, and prints what comes.
func standIn() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fmt.Fprint(w, `{"role":"server"}`)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		_, numbers, _ := strings.Cut(r.Header.Get("Idempotency-Key"), "/")
		n := strings.Count(string(body), "\n")
		fmt.Printf("%s: %d records, numbers %s\n", r.URL.Path, n, numbers)
		fmt.Fprintf(w, `{"status":"ok","count":%d}`, n)
	}))
}

// A program ships to `weir serve`, and keeps what it cannot deliver.
func ExampleNew() {
	server := standIn() // weir serve --listen 127.0.0.1:5678
	defer server.Close()

	dir, err := os.MkdirTemp("", "spool-") // in a program: a directory that stays, or ship.SpoolUserCache
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	sink, err := ship.New(server.URL, ship.Options{Spool: dir})
	if err != nil {
		log.Fatal(err)
	}
	l := weir.New("shop", weir.WithSink(sink))
	l.Info("order placed", "order", 1042)
	l.Warn("stock is low", "item", "A-7", "left", 3)
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sink.Stats().Sent, "delivered")
	// Output:
	// /api/v1/records: 2 records, numbers 1-2
	// 2 delivered
}
