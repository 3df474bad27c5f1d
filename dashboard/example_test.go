package dashboard_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/hub"
	"github.com/weirlog/weir/sink/null"
)

// find asks a page's API for the messages that a query finds.
func find(page, query string) []string {
	resp, err := http.Get(page + "/api/v1/records?q=" + url.QueryEscape(query))
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	var found struct {
		Records []struct {
			Message string `json:"message"`
		} `json:"records"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil {
		log.Fatal(err)
	}
	var messages []string
	for _, r := range found.Records {
		messages = append(messages, r.Message)
	}
	return messages
}

// A page beside the console is one option. Where it is, is printed; a browser opens it
// when the program runs at a terminal.
func ExampleAuto() {
	os.Unsetenv("CI") // there Auto does nothing

	var told strings.Builder // in a program: leave it out, and standard error tells
	l := weir.New("shop",
		weir.WithSink(null.New()), // in a program: leave it out for the console
		weir.WithErrorOutput(&told),
		dashboard.Auto(dashboard.Address("127.0.0.1:0"), dashboard.NoOpen()))
	l.Info("order placed", "order", 4711)
	l.Warn("stock is low", "item", "A-7")
	if err := l.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}

	page := strings.TrimSpace(strings.TrimPrefix(told.String(), "weir: live page on "))
	fmt.Println(find(page, "level:warn"))
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output: [stock is low]
}

// The page in a server that the program has anyway.
func ExampleHandler() {
	l := weir.New("shop", weir.WithSink(null.New()))
	page := dashboard.Handler(l, dashboard.Memory(hub.Options{MaxRecords: 10_000}))

	mux := http.NewServeMux()
	mux.Handle("/debug/weir/", http.StripPrefix("/debug/weir", page))
	server := httptest.NewServer(mux)
	defer server.Close()

	l.Info("order placed", "order", 4711)
	l.Warn("stock is low", "item", "A-7")
	if err := l.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}
	fmt.Println(find(server.URL+"/debug/weir", "order:4711"))

	req, err := http.NewRequest(http.MethodGet, server.URL+"/debug/weir/", http.NoBody)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Accept", "text/html") // as browsers do; curl gets plain text
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	html, err := io.ReadAll(resp.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status, strings.Contains(string(html), "<title>"))
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// [order placed]
	// 200 OK true
}
