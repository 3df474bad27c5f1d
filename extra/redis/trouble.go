package redis

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir"
)

// The pauses between tries: a server that restarts is found within a second, and one
// that is gone costs a try now and then.
const (
	pauseFirst = 200 * time.Millisecond
	pauseMost  = 15 * time.Second
)

// pauseAfter is twice as long after each failure, by chance a little less.
func pauseAfter(failures int) time.Duration {
	pause := pauseMost
	if failures < 8 { // 200 ms << 7 is more than the most
		pause = min(pauseFirst<<(failures-1), pauseMost)
	}
	return pause/2 + rand.N(pause/2)
}

// hints are what to do about the errors of Redis, by their first word.
var hints = map[string]string{
	"NOAUTH":    "Redis wants a password: Options.Password, or redis://:PASSWORD@host:port",
	"WRONGPASS": "the user or the password is wrong; in a URL special characters are percent-encoded",
	"NOPERM":    "the user may not do this: ACL SETUSER must allow the command and the key or channel",
	"WRONGTYPE": "the key of the list is of another type",
	"READONLY":  "this is a replica: give the address of the primary",
	"MOVED":     "this is a node of a cluster: give the address of the node that has the key",
	"OOM":       "Redis has no memory left: raise maxmemory, or set MaxLen",
}

// goesBy reports whether an error may be over soon: a connection that broke, or a server
// that is not ready. A password that is wrong stays wrong.
func goesBy(err error) bool {
	var reply goredis.Error
	if !errors.As(err, &reply) {
		return !errors.Is(err, context.Canceled) && !errors.Is(err, goredis.ErrClosed)
	}
	switch firstWord(reply) {
	case "LOADING", "BUSY", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY":
		return true
	}
	return false
}

func firstWord(reply error) string {
	word, _, _ := strings.Cut(reply.Error(), " ")
	return word
}

// explain makes an error that people understand. No password is in it: some servers
// repeat what they were sent.
func (s *Sink) explain(err error) error {
	e := &weir.Error{
		Layer: weir.LayerSink, Service: "RedisSink", Category: weir.CategoryIO, Severity: weir.SeverityError, Recoverable: true,
		Message: "send to Redis, " + s.where,
		Err:     err,
	}
	var reply goredis.Error
	switch {
	case errors.As(err, &reply):
		e.Recoverable = goesBy(err)
		e.UserMessage = hints[firstWord(reply)]
	case isDial(err):
		e.UserMessage = "is Redis running there?"
	}
	if secret := s.client.Options().Password; secret != "" && strings.Contains(err.Error(), secret) {
		e.Err = errors.New(strings.ReplaceAll(err.Error(), secret, "***"))
	}
	return e
}
