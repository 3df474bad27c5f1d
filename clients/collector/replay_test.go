package collector

import (
	"bufio"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// TestHeads: requests with the heads that the clients write, in their order and their
// letters, are taken; the answer is exactly 200.
func TestHeads(t *testing.T) {
	s := weirserver.Start(t)
	for head, c := range map[string]struct {
		body    string
		records int
		answer  string
	}{
		"python":       {"python.json", 4, `{"status":"ok","count":4,"repaired":1}`},
		"python-gzip":  {"python.json", 4, `{"status":"ok","count":4,"repaired":1}`},
		"node":         {"node.json", 3, `{"status":"ok","count":3,"repaired":1}`},
		"node-gzip":    {"node.json", 3, `{"status":"ok","count":3,"repaired":1}`},
		"browser-gzip": {"node.json", 3, `{"status":"ok","count":3,"repaired":1}`},
	} {
		t.Run(head, func(t *testing.T) {
			// Another service, or it would be a repetition.
			body := []byte(strings.ReplaceAll(string(sample(t, c.body)), "shop", "shop-"+head))
			sent := body
			if strings.HasSuffix(head, "-gzip") {
				sent = zipped(t, body, time.Now())
			}
			conn := dial(t, s)
			from := bufio.NewReader(conn)
			write(t, conn, head, sent)
			if status, _, text := answer(t, from); status != 200 || text != c.answer {
				t.Fatalf("%d %s", status, text)
			}
			if got := s.Records("service:shop-" + head); len(got) != c.records || got[0]["message"] != "order accepted" {
				t.Errorf("%d records: %s", len(got), text(got))
			}
		})
	}
	for _, r := range s.Records("service:shop-python ratio:NaN") {
		m := metadata(r)
		for key, want := range map[string]string{
			"ratio": `"NaN"`, "most": `"Infinity"`, "least": `"-Infinity"`, "nested": `{"list":[1,null,true,1.5]}`, "k": `"v"`,
		} {
			if got := text(m[key]); got != want {
				t.Errorf("%s is %s", key, got)
			}
		}
		if r["user_id"] != "17" || !strings.Contains(text(m["_replaced"]), "half") || !strings.Contains(text(m["_replaced"]), "zero") {
			t.Errorf("%s", text(r))
		}
	}
	sources := s.Sources("collector")
	if len(sources) != 1 || sources[0].Sender != "127.0.0.1" || sources[0].Stored != 17 || len(sources[0].Services) != 5 {
		t.Errorf("%+v", sources)
	}
}

// TestAnswerLost: a client that did not see the answer packs the batch again, with
// another time in its head, and sends it over a new connection. It is stored once.
func TestAnswerLost(t *testing.T) {
	s := weirserver.Start(t)
	body := []byte(strings.Replace(string(sample(t, "python.json")), `"created_at": 0,`, `"created_at": 1795219904,`, 1))
	for try := range 3 {
		conn := dial(t, s)
		write(t, conn, "python-gzip", zipped(t, body, time.Unix(int64(1795219900+try), 0)))
		if try == 0 { // gone before the answer
			if err := conn.Close(); err != nil {
				t.Fatal(err)
			}
			s.WaitFor("service:shop", 4)
			continue
		}
		if status, _, text := answer(t, bufio.NewReader(conn)); status != 200 || text != `{"status":"ok","count":4,"repaired":1,"duplicate":true}` {
			t.Errorf("%d %s", status, text)
		}
	}
	if got := s.Records("service:shop"); len(got) != 4 {
		t.Errorf("%d stored", len(got))
	}
}

// TestConnectionIsKept: Node sends one batch after the other over one connection, also
// after an answer that says no.
func TestConnectionIsKept(t *testing.T) {
	s := weirserver.Start(t)
	conn := dial(t, s)
	from := bufio.NewReader(conn)
	for i, c := range []struct {
		body   string
		status int
	}{
		{`{"logs":[{"message":"a"}]}`, 200},
		{`{"logs":[`, 400},
		{`{"logs":{}}`, 400},
		{`{"logs":[{"message":"b"}]}`, 200},
	} {
		write(t, conn, "node", []byte(c.body))
		if status, _, text := answer(t, from); status != c.status {
			t.Errorf("%d: %d %s", i, status, text)
		}
	}
	if got := s.Records("message:a OR message:b"); len(got) != 2 {
		t.Errorf("%s", text(got))
	}
}
