package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// content makes records as services write them: a few services with their hosts and paths,
// thousands of users, a trace for every few records, messages of a dozen shapes with
// numbers of their own, one error with a stack in thirty.
type content struct {
	rng   *rand.Rand
	clock time.Time
	n     int
	trace string
}

// The texts are what makes up a shop's log; sizes follow from them.
var (
	services = []string{"gateway", "checkout", "payments", "catalog", "search", "identity", "mailer", "inventory"}
	methods  = []string{"GET", "GET", "GET", "POST", "PUT", "DELETE"}
	statuses = []int{200, 200, 200, 201, 204, 302, 400, 404, 500, 503}
	cities   = []string{"Köln", "São Paulo", "Zürich", "Kraków", "東京", "Boston", "Dublin", "Lyon"}
	agents   = []string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
		"okhttp/4.12.0", "python-requests/2.32.3", "Go-http-client/2.0",
	}
)

func newContent(seed uint64) *content {
	return &content{rng: rand.New(rand.NewPCG(seed, 17)), clock: time.Now().UTC()}
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// event is what both forms of a record are written from.
type event struct {
	at                                           time.Time
	level, message, service, version, host, file string
	function, path, method, user, session, trace string
	stack, errorType                             string
	took                                         float64
	status                                       int
	meta                                         map[string]any
}

func (c *content) next() event {
	r := c.rng
	c.n++
	c.clock = c.clock.Add(time.Duration(r.IntN(2000)) * time.Microsecond)
	if c.trace == "" || r.IntN(5) == 0 {
		c.trace = fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64())
	}
	service := pick(r, services)
	e := event{
		at: c.clock, level: "INFO", service: service, version: fmt.Sprintf("v1.%d.%d", r.IntN(4), r.IntN(9)),
		host: fmt.Sprintf("%s-%d", service, r.IntN(6)), file: "/srv/" + service + "/internal/handlers/requests.go", function: "handlers.(*Server)." + pick(r, []string{"Serve", "List", "Update", "Confirm"}),
		path: fmt.Sprintf("/api/v1/%s/%d", pick(r, []string{"items", "orders", "users", "carts"}), r.IntN(50_000)), method: pick(r, methods),
		user: fmt.Sprint("u-", r.IntN(20_000)), session: fmt.Sprintf("%016x", r.Uint64()), trace: c.trace,
		took: float64(r.IntN(200_000)) / 100, status: pick(r, statuses),
	}
	e.message = c.message(&e)
	e.meta = map[string]any{
		"status": e.status, "bytes": r.IntN(100_000), "attempt": 1 + r.IntN(3), "cache": r.IntN(2) == 0, "region": pick(r, []string{"eu-west-1", "us-east-1", "ap-south-1"}),
		"user_agent": pick(r, agents), "request": map[string]any{"id": fmt.Sprintf("%08x-%04x", r.Uint32(), r.IntN(65536)), "size": r.IntN(4000), "city": pick(r, cities)},
	}
	if r.IntN(30) == 0 {
		c.fail(&e)
	}
	return e
}

func (c *content) message(e *event) string {
	r := c.rng
	switch r.IntN(8) {
	case 0:
		return fmt.Sprintf("%s %s answered %d in %.2f ms for customer %d", e.method, e.path, e.status, e.took, r.IntN(100_000))
	case 1:
		return fmt.Sprintf("order %d was paid with card ending in %04d, amount %d.%02d EUR", r.IntN(1_000_000), r.IntN(10_000), r.IntN(900), r.IntN(100))
	case 2:
		return fmt.Sprintf("cache %s for key catalog:item:%d, %d entries are held in memory now", pick(r, []string{"hit", "miss"}), r.IntN(300_000), r.IntN(90_000))
	case 3:
		e.level = "DEBUG"
		return fmt.Sprintf("query took %d µs and returned %d rows: SELECT id, name, price FROM items WHERE category = %d ORDER BY rank", r.IntN(50_000), r.IntN(500), r.IntN(90))
	case 4:
		e.level = "WARN"
		return fmt.Sprintf("upstream %s-%d is slow: %d ms, the budget is 250 ms; \"retry\" is scheduled", pick(r, services), r.IntN(6), 250+r.IntN(2000))
	case 5:
		return fmt.Sprintf("user %s signed in from %d.%d.%d.%d with a second factor", e.user, r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256))
	case 6:
		return fmt.Sprintf("published %d events to topic %s.changes, partition %d, offset %d", r.IntN(500), e.service, r.IntN(12), r.IntN(10_000_000))
	}
	return fmt.Sprintf("finished job %08x after %d steps, %d records were written and %d were skipped", r.Uint32(), r.IntN(40), r.IntN(10_000), r.IntN(100))
}

func (c *content) fail(e *event) {
	r := c.rng
	e.level, e.errorType = "ERROR", pick(r, []string{"TimeoutError", "ConnectionError", "ValueError"})
	e.message = fmt.Sprintf("connection to payments-%d failed: i/o timeout after %d attempts", r.IntN(9), 1+r.IntN(5))
	e.stack = "Traceback (most recent call last):\n  File \"" + e.file + "\", line " + fmt.Sprint(r.IntN(900)) +
		", in handle\n    reply = await client.send(request)\n  File \"/usr/lib/python3/site-packages/aiohttp/client.py\", line 634, in _request\n    raise err\n" + e.errorType + ": i/o timeout"
}

// asCollector writes an event as the log-collector's Python client does.
func asCollector(dst []byte, e *event, _ int) []byte {
	m := map[string]any{
		"level": e.level, "message": e.message, "created_at": float64(e.at.UnixMicro()) / 1e6, "user_id": e.user, "session_id": e.session, "trace_id": e.trace,
		"function_name": e.function, "file_path": e.file, "service": e.service, "environment": "production", "service_version": e.version, "log_type": "BACKEND",
		"path": e.path, "method": e.method, "duration_ms": e.took, "metadata": e.meta,
	}
	return e.write(dst, m)
}

// asNative writes an event as Weir's own library does.
func asNative(dst []byte, e *event, n int) []byte {
	m := map[string]any{
		"created_at": e.at.Format("2006-01-02T15:04:05.000000Z"), "level": e.level, "message": e.message, "log_type": "BACKEND", "service": e.service,
		"environment": "production", "service_version": e.version, "trace_id": e.trace, "user_id": e.user, "session_id": e.session, "path": e.path, "method": e.method,
		"duration_ms": e.took, "metadata": e.meta, "logger": e.service + ".http", "host": e.host, "seq": n, "source_id": "K3XN6Q2VJ7ZB4LDA",
	}
	return e.write(dst, m)
}

func (e *event) write(dst []byte, m map[string]any) []byte {
	if e.stack != "" {
		m["stack_trace"], m["error_type"] = e.stack, e.errorType
	}
	text, err := json.Marshal(m)
	if err != nil {
		panic("BUG: a record cannot be encoded: " + err.Error())
	}
	return append(dst, text...)
}
