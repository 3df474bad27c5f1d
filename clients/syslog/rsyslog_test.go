package syslog

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/clients/weirserver"
)

// rsyslog is a running rsyslogd with a socket and a directory of its own.
type rsyslog struct {
	t      *testing.T
	socket string
}

// startRsyslog runs rsyslogd in the foreground, forwarding with the given settings of
// its action.
func startRsyslog(t *testing.T, global, action string) *rsyslog {
	t.Helper()
	// The path of a socket is short.
	dir, err := os.MkdirTemp("", "weir-rsyslog-")
	if err != nil {
		t.Fatal(err)
	}
	r := &rsyslog{t: t, socket: filepath.Join(dir, "log")}
	config := fmt.Sprintf(`
global(workDirectory=%q parser.escapeControlCharactersOnReceive="off" %s)
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket=%q RateLimit.Interval="0" UseSpecialParser="on")
action(type="omfwd" target="127.0.0.1" action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" %s)
`, dir, global, r.socket, action)
	file := filepath.Join(dir, "rsyslog.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "rsyslogd", "rsyslog rsyslog-gnutls"), "-n", "-f", file, "-i", filepath.Join(dir, "pid"))
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // it was killed
		if t.Failed() {
			t.Logf("rsyslogd's log:\n%s\nits configuration:\n%s", log.String(), config)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	for deadline := time.Now().Add(patience); ; time.Sleep(pollEvery) {
		if _, err := os.Stat(r.socket); err == nil {
			return r
		}
		if time.Now().After(deadline) {
			t.Fatal("rsyslogd does not come up")
		}
	}
}

// patience is how long a test waits for what must happen; only a failing one does.
const patience = 60 * time.Second

// pollEvery is how often a condition is looked at.
const pollEvery = 20 * time.Millisecond

// log writes messages into rsyslogd's socket, as programs on a machine do.
func (r *rsyslog) log(tag string, messages ...string) {
	r.t.Helper()
	cmd := exec.Command(program(r.t, "logger", "bsdutils"), "--socket", r.socket, "--tag", tag, "--id=77", "--priority", "local0.warning")
	cmd.Stdin = strings.NewReader(strings.Join(messages, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("logger: %v\n%s", err, out)
	}
}

func numbered(from, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("number %d", from+i)
	}
	return all
}

// forwarded checks that n messages came through rsyslogd as they were logged.
func forwarded(t *testing.T, server *weirserver.Server, r *rsyslog, n int) {
	t.Helper()
	r.log("shop", numbered(0, n)...)
	found := server.WaitFor("service:shop", n)
	if len(found) != n {
		t.Fatalf("%d records, want %d", len(found), n)
	}
	for i, one := range found {
		check(t, one, map[string]string{"message": fmt.Sprintf("number %d", i), "logger": "shop", "level": "WARN", "metadata.facility": "local0", "metadata.pid": "77"})
		if t.Failed() {
			return
		}
	}
	if name, err := os.Hostname(); err != nil || !strings.EqualFold(text(found[0], "host"), strings.Split(name, ".")[0]) {
		t.Errorf("the host is %q on %q: %v", text(found[0], "host"), name, err)
	}
	r.log("shop", `{"msg":"as JSON","level":"error","order":{"id":12}}`, `@cee: {"msg":"as CEE","n":1}`)
	check(t, server.WaitFor("service:shop order.id:12", 1)[0], map[string]string{"message": "as JSON", "level": "ERROR"})
	check(t, server.WaitFor(`service:shop "as CEE"`, 1)[0], map[string]string{"message": "as CEE", "metadata.n": "1", "level": "WARN"})
}

func TestRsyslog(t *testing.T) {
	for name, c := range map[string]struct {
		action   string
		protocol string
		messages int
	}{
		"TCP, lengths, RFC 5424":     {`protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"`, "syslog-tcp", 3000},
		"TCP, newlines, RFC 3339":    {`protocol="tcp" template="RSYSLOG_ForwardFormat"`, "syslog-tcp", 3000},
		"TCP, newlines, RFC 3164":    {`protocol="tcp" template="RSYSLOG_TraditionalForwardFormat"`, "syslog-tcp", 3000},
		"UDP, RFC 3164, the default": {`protocol="udp"`, "syslog-udp", 200},
		"UDP, RFC 5424":              {`protocol="udp" template="RSYSLOG_SyslogProtocol23Format"`, "syslog-udp", 200},
	} {
		t.Run(name, func(t *testing.T) {
			server, port := start(t)
			r := startRsyslog(t, "", fmt.Sprintf("port=\"%d\" %s", port, c.action))
			forwarded(t, server, r, c.messages)
			if s := server.Sources(c.protocol); len(s) != 1 || s[0].Stored != uint64(c.messages)+2 || s[0].Repaired != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestRsyslogTLS(t *testing.T) {
	ca := newAuthority(t)
	cert, key := ca.issue("weir.test")
	clientCert, clientKey := ca.issue("client.test")
	server, port := start(t, "--syslog-cert", cert, "--syslog-key", key, "--syslog-client-ca", ca.file)
	r := startRsyslog(t,
		fmt.Sprintf("defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=%q defaultNetstreamDriverCertFile=%q defaultNetstreamDriverKeyFile=%q", ca.file, clientCert, clientKey),
		fmt.Sprintf("port=\"%d\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" template=\"RSYSLOG_SyslogProtocol23Format\" StreamDriver=\"gtls\" StreamDriverMode=\"1\" StreamDriverAuthMode=\"x509/name\" StreamDriverPermittedPeers=\"weir.test\"", port))
	forwarded(t, server, r, 2000)
	if s := server.Sources("syslog-tls"); len(s) != 1 || s[0].Stored != 2002 {
		t.Errorf("%+v", s)
	}
}

// TestRsyslogServerRestarts: rsyslogd finds a server that comes back, and what was
// logged in between arrives.
func TestRsyslogServerRestarts(t *testing.T) {
	server, port := start(t)
	r := startRsyslog(t, "", fmt.Sprintf("port=\"%d\" protocol=\"tcp\" TCP_Framing=\"octet-counted\"", port))
	r.log("shop", numbered(0, 100)...)
	server.WaitFor("service:shop", 100)
	server.Stop()
	// A connection that the server has closed takes one more write before its sender is
	// told: what is in it is lost, which is how plain TCP syslog is. The next are kept.
	r.log("probe", "are you there?")
	r.log("probe", "and now?")
	r.log("shop", numbered(100, 100)...)
	server.Restart()
	found := server.WaitFor("service:shop", 200)
	for i, one := range found {
		check(t, one, map[string]string{"message": fmt.Sprintf("number %d", i)})
	}
	if server.Stop(); strings.Contains(server.Log(), "panic") {
		t.Error(server.Log())
	}
}
