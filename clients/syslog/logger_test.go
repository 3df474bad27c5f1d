// Package syslog tests that the syslog clients of a Linux machine reach Weir: logger,
// and rsyslogd over TCP, UDP and TLS.
package syslog

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/weirlog/weir/clients/weirserver"
)

// program returns the path of a program that must be there.
func program(t *testing.T, name, of string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil {
		t.Fatalf("%v; install it: apt-get install %s", err, of)
	}
	return path
}

// start runs a server that listens for syslog, and returns the port.
func start(t *testing.T, args ...string) (*weirserver.Server, int) {
	t.Helper()
	port := weirserver.Port(t)
	return weirserver.Start(t, append([]string{"--syslog-listen", fmt.Sprintf("127.0.0.1:%d", port)}, args...)...), port
}

// text returns a field of a record, or an attribute, dots between names.
func text(r map[string]any, path string) string {
	var v any = r
	for name := range strings.SplitSeq(path, ".") {
		group, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = group[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

func check(t *testing.T, r map[string]any, want map[string]string) {
	t.Helper()
	for path, value := range want {
		if got := text(r, path); got != value {
			t.Errorf("%s is %q, want %q, in %v", path, got, value, r)
		}
	}
}

func TestLogger(t *testing.T) {
	logger := program(t, "logger", "bsdutils")
	server, port := start(t)
	for i, c := range []struct {
		args []string
		want map[string]string
	}{
		{[]string{"--tcp", "--octet-count", "--rfc5424"}, map[string]string{"level": "INFO", "metadata.level_text": "NOTICE", "metadata.timeQuality.tzKnown": "1"}},
		{[]string{"--tcp", "--rfc5424", "--priority", "local3.err", "--id=4711"}, map[string]string{"level": "ERROR", "metadata.facility": "local3", "metadata.pid": "4711"}},
		{[]string{"--tcp", "--rfc3164", "--id=4711", "--priority", "auth.crit"}, map[string]string{"level": "FATAL", "metadata.level_text": "CRIT", "metadata.pid": "4711"}},
		{[]string{"--tcp", "--octet-count", "--rfc3164", "--priority", "daemon.debug"}, map[string]string{"level": "DEBUG", "metadata.facility": "daemon"}},
		{
			[]string{"--udp", "--rfc5424", "--msgid", "IN1", "--sd-id", "zoo@123", "--sd-param", `tiger="hungry"`, "--sd-param", `zebra="a \"b\" c"`, "--sd-id", "origin", "--sd-param", `ip="192.0.2.1"`},
			map[string]string{"metadata.msgid": "IN1", "metadata.zoo@123.tiger": "hungry", "metadata.zoo@123.zebra": `a "b" c`, "metadata.origin.ip": "192.0.2.1"},
		},
		{[]string{"--udp", "--rfc3164", "--priority", "mail.warning"}, map[string]string{"level": "WARN", "metadata.facility": "mail"}},
		{[]string{"--udp", "--rfc5424=nohost,notime"}, map[string]string{"host": "127.0.0.1"}},
	} {
		tag := fmt.Sprintf("case%d", i)
		args := append([]string{"--server", "127.0.0.1", "--port", strconv.Itoa(port), "--tag", tag}, c.args...)
		if out, err := exec.Command(logger, append(args, "hello from "+tag)...).CombinedOutput(); err != nil {
			t.Fatalf("logger %v: %v\n%s", args, err, out)
		}
		found := server.WaitFor("service:"+tag, 1)
		if len(found) != 1 {
			t.Fatalf("%d records of %v", len(found), c.args)
		}
		check(t, found[0], map[string]string{"message": "hello from " + tag, "logger": tag})
		check(t, found[0], c.want)
		if text(found[0], "host") == "" || text(found[0], "metadata._repaired") != "" {
			t.Errorf("%v: %v", c.args, found[0])
		}
	}
	if s := server.Sources("syslog-udp"); len(s) != 1 || s[0].Sender != "127.0.0.1" || s[0].Stored != 3 {
		t.Errorf("%+v", s)
	}
}
