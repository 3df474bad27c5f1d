// Package elastic tests the server with clients of Elasticsearch: the official one for
// Go, and rsyslog's omelasticsearch.
package elastic

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esutil"

	"github.com/weirlog/weir/clients/weirserver"
)

func connect(t *testing.T, address string) *elasticsearch.Client {
	t.Helper()
	client, err := elasticsearch.NewClient(elasticsearch.Config{
		Addresses: []string{address}, CompressRequestBody: true, EnableCompatibilityMode: true,
		RetryOnStatus: []int{429, 502, 503, 504}, MaxRetries: 1000,
		RetryBackoff: func(int) time.Duration { return 20 * time.Millisecond },
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestGoClient: the client asks what it asks an Elasticsearch, and indexes in bulk, at
// the root and below the prefix.
func TestGoClient(t *testing.T) {
	s := weirserver.Start(t)
	for service, address := range map[string]string{"root": s.URL, "below": s.URL + "/elasticsearch"} {
		client := connect(t, address)
		info, err := client.Info()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(info.Body)
		if err != nil || info.StatusCode != 200 || !strings.Contains(string(text), `"You Know, for Search"`) {
			t.Fatalf("%s: %v %s", service, err, text)
		}
		if answer, err := client.Ping(); err != nil || answer.StatusCode != 200 {
			t.Errorf("%s: %v %v", service, answer, err)
		}
		if answer, err := client.Indices.PutIndexTemplate("logs", strings.NewReader(`{"index_patterns":["logs-*"]}`)); err != nil || answer.StatusCode != 200 {
			t.Errorf("%s: %v %v", service, answer, err)
		}
		if answer, err := client.Indices.Exists([]string{"logs-app"}); err != nil || answer.StatusCode != 404 {
			t.Errorf("%s: %v %v", service, answer, err)
		}
		if answer, err := client.Index("logs-app", strings.NewReader(`{"message":"alone","service":{"name":"`+service+`"}}`)); err != nil || answer.StatusCode != 201 {
			t.Errorf("%s: %v %v", service, answer, err)
		}
		if err := index(client, service, 250); err != nil {
			t.Error(err)
		}
		got := s.WaitFor("service:"+service+" request", 250)
		metadata, _ := got[7]["metadata"].(map[string]any)
		if r := got[7]; r["level"] != "WARN" || r["host"] != "web-1" || r["created_at"] != "2024-11-21T12:00:00.123456Z" || metadata["index"] != "logs-app-default" {
			t.Errorf("%v", r)
		}
		if len(s.Records("service:"+service+" alone")) != 1 {
			t.Errorf("%s: the single document is not there", service)
		}
	}
	// Others get at the root what they always got.
	var others map[string]any
	if err := s.Get("/", &others); err != nil || others["service"] != "log-server" {
		t.Errorf("%v %v", others, err)
	}
	for _, source := range s.Sources("elasticsearch") {
		if source.Stored != 502 || !strings.HasPrefix(source.Agent, "go-elasticsearch/") || len(source.Troubles) != 0 {
			t.Errorf("%+v", source)
		}
	}
}

// index sends n documents with the client's own indexer, and fails unless each is
// acknowledged.
func index(client *elasticsearch.Client, service string, n int) error {
	ctx := context.Background()
	indexer, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: client, Index: "logs-app-default", NumWorkers: 2, FlushBytes: 20_000})
	if err != nil {
		return err
	}
	for i := range n {
		document := fmt.Sprintf(`{"@timestamp":"2024-11-21T12:00:00.123456Z","log.level":"warn","message":"request %05d","service.name":%q,"host":{"name":"web-1"}}`, i, service)
		if err := indexer.Add(ctx, esutil.BulkIndexerItem{Action: "create", Body: strings.NewReader(document)}); err != nil {
			return err
		}
	}
	if err := indexer.Close(ctx); err != nil {
		return err
	}
	if stats := indexer.Stats(); stats.NumCreated != uint64(n) || stats.NumFailed != 0 {
		return fmt.Errorf("%+v", stats)
	}
	return nil
}

// TestGoClientOverKill: the server is killed while documents come, and started again.
// What the client was told is stored is stored.
func TestGoClientOverKill(t *testing.T) {
	s := weirserver.Start(t)
	client := connect(t, s.URL)
	done := make(chan error, 1)
	go func() { done <- index(client, "killed", 5000) }()
	s.WaitFor("service:killed", 500)
	s.Kill()
	s.Restart()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	seen := make(map[any]bool)
	for _, r := range s.Records("service:killed") {
		seen[r["message"]] = true
	}
	if len(seen) != 5000 {
		t.Errorf("%d documents of 5000", len(seen))
	}
}
