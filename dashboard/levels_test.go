package dashboard_test

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
)

func levelOf(t *testing.T, body, logger string) dashboard.LoggerLevel {
	t.Helper()
	for _, l := range decode[dashboard.LevelList](t, body).Levels {
		if l.Logger == logger {
			return l
		}
	}
	t.Errorf("%q is not in %s", logger, body)
	return dashboard.LoggerLevel{}
}

func TestLevelRoutes(t *testing.T) {
	log, base := program(t)
	db := log.Named("db")
	pool := db.Named("pool")
	at := base + "/api/v1/levels"
	resp, body := fetch(t, "GET", at, "")
	if resp.StatusCode != http.StatusOK || levelOf(t, body, "train.db.pool") != (dashboard.LoggerLevel{Logger: "train.db.pool", Level: "INFO"}) {
		t.Errorf("at first: %s", body)
	}
	_, body = fetch(t, "PUT", at, `{"logger":"train.db","level":"debug","for":"10m"}`, "Content-Type", asJSON)
	own := levelOf(t, body, "train.db")
	until, err := time.Parse(time.RFC3339, own.Until)
	if left := time.Until(until); !own.Own || own.Level != "DEBUG" || err != nil || left < 9*time.Minute || left > 10*time.Minute {
		t.Errorf("set: %+v, %v", own, err)
	}
	if below := levelOf(t, body, "train.db.pool"); below.Own || below.Level != "DEBUG" || !pool.Enabled(context.Background(), weir.LevelDebug) {
		t.Errorf("below: %+v", below)
	}
	if levelOf(t, body, "train").Level != "INFO" {
		t.Errorf("above: %s", body)
	}
	_, body = fetch(t, "PUT", at, `{"logger":"","level":"INFO+2"}`, "Content-Type", asJSON)
	if all := levelOf(t, body, ""); all.Level != "INFO+2" || !all.Own || all.Until != "" {
		t.Errorf("the root: %+v", all)
	}
	_, body = fetch(t, "PUT", at, `{"logger":"train.db","level":null}`, "Content-Type", asJSON)
	if l := levelOf(t, body, "train.db"); l.Own || l.Level != "INFO+2" || pool.Enabled(context.Background(), weir.LevelInfo) {
		t.Errorf("reset: %+v", l)
	}
}

func TestLevelRoutesRefuse(t *testing.T) {
	log, base := program(t)
	for _, c := range []struct {
		name, body string
		headers    []string
		status     int
		code       string
	}{
		{"nothing", `{}`, nil, 400, "bad_request"},
		{"no level", `{"logger":"train"}`, nil, 400, "bad_request"},
		{"no logger", `{"level":"debug"}`, nil, 400, "bad_request"},
		{"a number", `{"logger":"train","level":4}`, nil, 400, "bad_request"},
		{"no such level", `{"logger":"train","level":"loud"}`, nil, 400, "bad_request"},
		{"no time", `{"logger":"train","level":"debug","for":"soon"}`, nil, 400, "bad_time"},
		{"a time that has passed", `{"logger":"train","level":"debug","for":"-1m"}`, nil, 400, "bad_time"},
		{"zero time", `{"logger":"train","level":"debug","for":"0s"}`, nil, 400, "bad_time"},
		{"more than a year", `{"logger":"train","level":"debug","for":"8760h1s"}`, nil, 400, "bad_time"},
		{"nothing to reset", `{"logger":"train","level":null}`, nil, 404, "not_found"},
		{"not JSON", `logger=train`, nil, 400, "bad_json"},
		{"too large", `{"logger":"` + strings.Repeat("x", 20_000) + `"}`, nil, 413, "too_large"},
		{"a foreign page", `{"logger":"train","level":"debug"}`, []string{"Origin", "https://evil.example"}, 403, "bad_origin"},
	} {
		resp, body := fetch(t, "PUT", base+"/api/v1/levels", c.body, append(c.headers, "Content-Type", asJSON)...)
		if resp.StatusCode != c.status || errorCode(t, body) != c.code {
			t.Errorf("%s: %d %s", c.name, resp.StatusCode, body)
		}
	}
	resp, body := fetch(t, "PUT", base+"/api/v1/levels", `{"logger":"train","level":"debug"}`, "Content-Type", "text/plain")
	if resp.StatusCode != 400 || errorCode(t, body) != "bad_request" {
		t.Errorf("a form of a web page: %d %s", resp.StatusCode, body)
	}
	if log.Enabled(context.Background(), weir.LevelDebug) {
		t.Error("a level was changed")
	}
	none := serve(t, newMemory(10, 0), dashboard.Options{})
	if resp, _ := fetch(t, "GET", none.URL+"/api/v1/levels", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("without a backend: %d", resp.StatusCode)
	}
}

// TestLevelTimeIsExplained: the message says what is expected.
func TestLevelTimeIsExplained(t *testing.T) {
	_, base := program(t)
	_, body := fetch(t, "PUT", base+"/api/v1/levels", `{"logger":"train","level":"debug","for":"ten minutes"}`, "Content-Type", asJSON)
	problem := decode[dashboard.ErrorBody](t, body).Error
	if want := `"for" is a duration like 10m or 1h30m, above zero and at most 8760h (a year), not "ten minutes"`; problem.Message != want {
		t.Errorf("the message is %q", problem.Message)
	}
	if !strings.Contains(problem.Hint, `"for":"10m"`) {
		t.Errorf("the hint is %q", problem.Hint)
	}
	if resp, body := fetch(t, "PUT", base+"/api/v1/levels", `{"logger":"train","level":"debug","for":"8760h"}`, "Content-Type", asJSON); resp.StatusCode != http.StatusOK {
		t.Errorf("a year: %s", body)
	}
}

// TestLevelsHaveWeirsNames: a level is told by the name at or below it, never by slog's
// (which has DEBUG-4 for TRACE).
func TestLevelsHaveWeirsNames(t *testing.T) {
	log, base := program(t)
	for level, want := range map[slog.Level]string{
		-100: "TRACE", -8: "TRACE", -7: "TRACE+1", -5: "TRACE+3", -4: "DEBUG", -1: "DEBUG+3", 0: "INFO", 2: "INFO+2", 11: "ERROR+3", 12: "FATAL", 100: "FATAL+3",
	} {
		if err := log.SetLevel("train", level, 0); err != nil {
			t.Fatal(err)
		}
		if _, body := fetch(t, "GET", base+"/api/v1/levels", ""); levelOf(t, body, "train").Level != want {
			t.Errorf("%d is told as %s, not %s", int(level), levelOf(t, body, "train").Level, want)
		}
	}
}
