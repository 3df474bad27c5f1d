package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirlog/weir/server/config"
)

// testServer is a whole server on a free port and a throwaway store.
func testServer(t *testing.T, change func(*config.Server)) *server {
	t.Helper()
	settings := config.Server{
		Listen: "127.0.0.1:0", Store: "duckdb", MaxBody: 1 << 20, MaxDecoded: 2 << 20, MaxBodies: 8 << 20, MaxBatch: 1000, MaxRecord: 1 << 20, MaxConnections: 16,
		Queue: 8 << 20, StoreMemory: 256 << 20, QueryTimeout: 1e10, MaxQueries: 2, LogLevel: "error",
	}
	if change != nil {
		change(&settings)
	}
	s, err := open(t.Context(), Options{Settings: settings, Err: t.Output(), Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *server) ask(method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(w, r)
	return w
}

func TestSources(t *testing.T) {
	s := testServer(t, nil)
	s.ask("POST", "/api/v1/records", `{"message":"a","service":"pay","duration_ms":"long"}`+"\n"+`{"message":"b","service":"shop"}`, "Idempotency-Key", "emitter/3-4")
	s.ask("POST", "/api/v1/records", `[{"message":"c"},`)
	s.ask("POST", "/logs", `{"logs":[{"message":"d"}]}`, "User-Agent", "python")
	w := s.ask("GET", "/api/v1/sources", "")
	var got sourceList
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || !got.Complete || got.Since.IsZero() || len(got.Sources) != 2 {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	logs, records := got.Sources[0], got.Sources[1]
	if logs.Protocol != "collector" || logs.Agent != "python" || logs.Stored != 1 || logs.Bytes == 0 || logs.Sender != "192.0.2.1" {
		t.Errorf("%+v", logs)
	}
	if records.Received != 2 || records.Stored != 2 || records.Repaired != 1 || strings.Join(records.Services, " ") != "pay shop" ||
		len(records.Repairs) != 1 || records.Repairs[0].What != "duration_ms: not a number" || records.LastSeen.Before(records.FirstSeen) {
		t.Errorf("%+v", records)
	}
	if len(records.Troubles) != 1 || records.Troubles[0].What != "bad_json" || records.Troubles[0].Message == "" {
		t.Errorf("%+v", records.Troubles)
	}
	if want := (sequenceLine{"emitter", 3, 4, 2, false}); len(records.Sequences) != 1 || records.Sequences[0] != want {
		t.Errorf("%+v", records.Sequences)
	}
	if text := s.ask("GET", "/metrics", "").Body.String(); !strings.Contains(text, `weir_ingest_troubles_total{reason="bad_json",source="records"} 1`) {
		t.Errorf("no counter of troubles:\n%s", text)
	}
}

// TestMethods: what is only read says so.
func TestMethods(t *testing.T) {
	s := testServer(t, nil)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/api/v1/sources"} {
		if w := s.ask("PUT", path, ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" || !strings.Contains(w.Body.String(), `"bad_method"`) {
			t.Errorf("PUT %s: %d %s", path, w.Code, w.Body)
		}
		if w := s.ask("GET", path, ""); w.Code != http.StatusOK {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
}
