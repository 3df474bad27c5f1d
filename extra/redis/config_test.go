package redis_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/extra"
	"github.com/weirlog/weir/extra/redis"
)

func options() config.Options {
	return config.Options{
		Sinks: redis.Sinks(), Decoders: []config.Decoder{extra.TOML()},
		LookupEnv: func(string) (string, bool) { return "", false },
	}
}

func TestSettings(t *testing.T) {
	const secret = "hunter2-secret"
	server := startRedis(t, "--requirepass", secret)
	for i, settings := range []string{
		fmt.Sprintf("type=\"redis\"\naddress=%q\npassword=%q\nlist=\"l0\"\nmax_len=10\npatience=\"1s\"\n", server.addr(), secret),
		fmt.Sprintf("type=\"redis\"\nurl=\"redis://:%s@%s/0\"\nlist=\"l1\"\nformat=\"json\"\n", secret, server.addr()),
	} {
		o := options()
		c, err := config.Parse([]byte("[log.sinks.r]\n"+settings), "weir.toml", o)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Effective() {
			if strings.Contains(s.Value, secret) {
				t.Errorf("%s shows the password", s.Key)
			}
		}
		log, err := c.New("shop")
		if err != nil {
			t.Fatal(err)
		}
		log.Info("from settings")
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := server.client(secret).LRange(context.Background(), fmt.Sprintf("l%d", i), 0, -1).Result()
		if err != nil || len(got) != 1 || !strings.Contains(got[0], "from settings") || strings.HasPrefix(got[0], `{"username"`) != (i == 0) {
			t.Errorf("%v %q", err, got)
		}
	}
}

func TestSettingsRefused(t *testing.T) {
	for settings, want := range map[string]string{
		"type=\"redis\"": "neither a Channel",
		"type=\"redis\"\nchannel=\"a\"\nlist=\"b\"":                            "make a sink for each",
		"type=\"redis\"\nchannel=\"a\"\nurl=\"redis://:hunter2@h\"\ndb=1":      "keep one of them",
		"type=\"redis\"\nchannel=\"a\"\nurl=\"redis://:hun/ter2@h:1\"":         "is not understood",
		"type=\"redis\"\nchannel=\"a\"\nmax_length=1":                          "did you mean max_len?",
		"type=\"redis\"\nchannel=\"a\"\ndb=-1":                                 "less than 0",
		"type=\"redis\"\nchannel=\"a\"\naddress=\"h:port\"":                    "is not understood",
		"type=\"redis\"\nlist=\"a\"\nformat={type=\"text\",layout=\"%(mess\"}": "layout",
	} {
		_, err := config.Parse([]byte("[log.sinks.r]\n"+settings+"\n"), "weir.toml", options())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hun") {
			t.Errorf("%s\n%v\nwant %s", settings, err, want)
		}
	}
}
