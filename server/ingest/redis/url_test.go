package redis

import (
	"crypto/tls"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

func TestURL(t *testing.T) {
	s, err := parseURL("rediss://me:p%40ss@h:7000/3?channel=b&channel=a&channel=a&pattern=app:*&list=logs&stream=events&group=g&consumer=c" +
		"&service=shop&host=h1&skip_verify=true&client_name=me&dial_timeout=2s")
	if err != nil {
		t.Fatal(err)
	}
	o := s.options
	if !slices.Equal(s.channels, []string{"a", "b"}) || !slices.Equal(s.patterns, []string{"app:*"}) || !slices.Equal(s.lists, []string{"logs"}) ||
		!slices.Equal(s.streams, []string{"events"}) || s.group != "g" || s.consumer != "c" || s.defaults != (record.Resource{Service: "shop", Host: "h1"}) {
		t.Errorf("%+v", s)
	}
	if s.at != "h:7000" || o.Username != "me" || o.Password != "p@ss" || o.DB != 3 || o.TLSConfig == nil || !o.TLSConfig.InsecureSkipVerify ||
		o.TLSConfig.MinVersion != tls.VersionTLS12 || o.ClientName != "me" || o.DialTimeout != 2*time.Second || o.MaxRetries != -1 {
		t.Errorf("%+v", o)
	}
	if s, err = parseURL("unix://:pass@/run/redis.sock?db=1&list=a"); err != nil || s.at != "/run/redis.sock" || s.options.DB != 1 || s.options.Password != "pass" {
		t.Errorf("%+v %v", s, err)
	}
	if s, err = parseURL("redis://?list=a"); err != nil || s.at != "localhost:6379" || s.group != defaultGroup || s.consumer != defaultConsumer {
		t.Errorf("%+v %v", s, err)
	}
}

// TestURLErrors: they say what to do, and show no password, however it is written.
func TestURLErrors(t *testing.T) {
	for url, want := range map[string]string{
		"":                                  "redis://[user:password@]host:port/db",
		"localhost:6379?channel=a":          "redis://[user:password@]host:port/db",
		"http://localhost?channel=a":        "redis://[user:password@]host:port/db",
		"redis://localhost":                 "?channel=NAME",
		"redis://localhost?channel=":        "?channel=NAME",
		"redis://localhost?chanel=a&list=x": "parameter chanel is not known",
		"redis://localhost?list=x&dial_timeout=soon":  "parameter dial_timeout is not known, or its value is wrong",
		"redis://localhost/logs?list=x":               "its path is the number of a database",
		"redis://localhost?list=x&ca_file=/none.pem":  "rediss://",
		"rediss://localhost?list=x&ca_file=/none.pem": "read ca_file",
		"rediss://localhost?list=x&cert_file=a":       "give both",
		"redis://:hun/ter2@host:6379?list=x":          "%2F",
		"redis://:hun?ter2@host:6379/0":               "%40",
		"redis://:12?hunter2@host:6379/0&list=x":      "escaped",
		"redis://:12/hunter2@host:6379/0?list=x":      "escaped",
		"redis://:hun#ter2@host:6379?list=x":          "%40",
		"redis://:hun%zzter2@host:6379?list=x":        "%40",
		"redis://user:hunter2@host:port?list=x":       "%40",
		"redis://:hunter2@host/0?list=%zz":            "percent-encoded",
		"redis://:hunter2@host/0?hunter=2":            "?channel=NAME",
	} {
		_, err := New(nil, []string{"redis://h?list=fine", url}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "source 2") {
			t.Errorf("%s: %v", url, err)
		} else if strings.Contains(err.Error(), "hun") || strings.Contains(err.Error(), "ter2") {
			t.Errorf("%s: the error shows the password: %v", url, err)
		}
	}
	r, err := New(nil, []string{"redis://:hunter2@h/0?list=a&channel=b&stream=c&pattern=d*"}, Options{})
	if err != nil || !slices.Equal(r.Sources(), []string{"channel b at h:6379", "pattern d* at h:6379", "list a at h:6379", "stream c at h:6379"}) {
		t.Errorf("%q %v", r.Sources(), err)
	}
}

func FuzzURL(f *testing.F) {
	f.Add("redis://user:hunter2@localhost:6379/0?channel=a&pattern=b*&list=c&stream=d")
	f.Add("unix://:hunter2@/run/redis.sock?list=a")
	f.Add("redis://:hun%zzter2@host?list=x")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseURL(text)
		if err == nil && s.options == nil {
			t.Errorf("%q: neither options nor an error", text)
		}
	})
}
