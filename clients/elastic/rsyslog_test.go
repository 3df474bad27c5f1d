package elastic

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// rsyslogConfig takes lines over TCP and sends them on with omelasticsearch, in bulk,
// and again until they are taken.
const rsyslogConfig = `
global(workDirectory="%[1]s")
module(load="imtcp")
module(load="omelasticsearch")
template(name="document" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host.name" name="hostname" format="jsonf")
  property(outname="service.name" name="programname" format="jsonf")
  property(outname="log.level" name="syslogseverity-text" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
input(type="imtcp" address="127.0.0.1" port="%[2]d")
action(type="omelasticsearch" server="127.0.0.1" serverport="%[3]s" template="document" searchIndex="syslog" searchType=""
  bulkmode="on" maxbytes="64k" healthchecktimeout="2000" retryfailures="on"
  action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="linkedlist" queue.size="100000" queue.dequeuebatchsize="500")
`

// said is what a program has written so far.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) has(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.text.String(), part)
}

// rsyslog starts an rsyslogd that sends to the server, and returns its address and what
// it says.
func rsyslog(t *testing.T, s *weirserver.Server) (address string, out *said) {
	t.Helper()
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	dir, port := t.TempDir(), weirserver.Port(t)
	config := filepath.Join(dir, "rsyslog.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, rsyslogConfig, dir, port, to.Port()), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := exec.Command("rsyslogd", "-n", "-f", config, "-i", filepath.Join(dir, "pid"))
	out = &said{}
	daemon.Stderr = out
	if err := daemon.Start(); err != nil {
		t.Fatalf("%v: install Debian's rsyslog and rsyslog-elasticsearch", err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Kill()
		_ = daemon.Wait()
	})
	return fmt.Sprintf("127.0.0.1:%d", port), out
}

// dial waits until rsyslogd listens.
func dial(t *testing.T, s *weirserver.Server, address string) net.Conn {
	t.Helper()
	var c net.Conn
	s.Until("rsyslogd to listen", func() (ok bool) {
		var err error
		c, err = net.DialTimeout("tcp", address, time.Second)
		return err == nil
	})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestRsyslog: lines come with their time, host, program and level, also over a kill of
// the server.
func TestRsyslog(t *testing.T) {
	s := weirserver.Start(t)
	address, out := rsyslog(t, s)
	c := dial(t, s, address)
	send := func(program string, from, to int) {
		for i := from; i < to; i++ {
			if _, err := fmt.Fprintf(c, "<%d>1 2026-11-20T10:00:00.123456Z web-1 %s 42 - - line %05d \"quoted\" 한국어\n", 8+i%8, program, i); err != nil {
				t.Fatal(err)
			}
		}
	}
	send("pay", 0, 1000)
	got := s.WaitFor("service:pay", 1000)
	r := got[0]
	metadata, _ := r["metadata"].(map[string]any)
	if r["created_at"] != "2026-11-20T10:00:00.123456Z" || r["host"] != "web-1" || r["level"] != "FATAL" || r["message"] != `line 00000 "quoted" 한국어` || metadata["index"] != "syslog" {
		t.Errorf("%v", r)
	}
	s.Kill()
	// rsyslog 8.2302 takes a batch for sent whose connection breaks before an answer, and
	// keeps those for which there is no connection: it is to know that the server is away.
	s.Until("rsyslog to wait", func() bool {
		send("probe", 0, 1)
		return out.has("we are suspending")
	})
	send("pay", 1000, 2000)
	s.Restart()
	seen := make(map[any]bool)
	s.Until("all lines", func() bool {
		for _, r := range s.Records("service:pay") {
			seen[r["message"]] = true
		}
		return len(seen) >= 2000
	})
	if sources := s.Sources("elasticsearch"); len(sources) != 1 || len(sources[0].Troubles) != 0 {
		t.Errorf("%+v", sources)
	}
}
