package redis

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/server/intake"
)

// The pauses between tries to connect: a server that restarts is found within a
// second, and one that is gone is asked twice a minute.
const (
	pauseFirst = 100 * time.Millisecond
	pauseMost  = 30 * time.Second
	// steady is how long a connection must have held for the pauses to begin anew: one
	// that is cut off at once, again and again, is not hammered.
	steady = 10 * time.Second
	// tellAgain is how often the same trouble is told while it lasts.
	tellAgain = time.Minute
)

// States of a source.
const (
	stateConnecting   = "connecting"
	stateConnected    = "connected"
	stateDisconnected = "disconnected"
	stateStopped      = "stopped"
)

// link is the connection of one or more sources of the ledger: it tells how it is, and
// how long to wait before it is tried again. It has one user at a time.
type link struct {
	reader  *Reader
	source  *source
	senders []intake.Source

	failures int
	since    time.Time // connected since; zero: it is not
	told     string    // the last trouble
	toldAt   time.Time
	state    string
}

func newLink(r *Reader, s *source, senders ...intake.Source) *link {
	l := &link{reader: r, source: s, senders: senders}
	l.set(stateConnecting)
	return l
}

func (l *link) set(state string) {
	if l.state == state {
		return
	}
	l.state = state
	for _, sender := range l.senders {
		l.reader.gate.SetState(sender, state)
	}
}

// up notes that Redis answers.
func (l *link) up() {
	if !l.since.IsZero() {
		return
	}
	l.since = l.reader.opts.Clock()
	l.set(stateConnected)
	if l.told != "" {
		l.reader.opts.Log.Info("Redis answers again", "at", l.source.at)
	} else {
		l.reader.opts.Log.Info("reading from Redis", "at", l.source.at, "source", l.senders[0].Sender, "sources", len(l.senders))
	}
	l.told = ""
}

// down tells why Redis does not answer, and waits before the next try. Its error is
// ctx's.
func (l *link) down(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := l.reader.opts.Clock()
	if !l.since.IsZero() && now.Sub(l.since) >= steady {
		l.failures = 0
	}
	l.since = time.Time{}
	l.set(stateDisconnected)
	reason, text := l.explain(err)
	if told := reason + text; told != l.told || now.Sub(l.toldAt) >= tellAgain {
		l.told, l.toldAt = told, now
		for _, sender := range l.senders {
			l.reader.gate.Trouble(sender, reason, text)
		}
	}
	wait := pauseAfter(l.failures)
	l.failures++
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pauseAfter is about 100 ms, doubled with each failure; by chance, so that many
// servers do not come back at once.
func pauseAfter(failures int) time.Duration {
	pause := pauseMost
	if failures < 9 { // 100 ms << 9 is more than the most
		pause = min(pauseFirst<<failures, pauseMost)
	}
	return pause/2 + rand.N(pause/2)
}

// hints are what to do about the errors of Redis, by their first word.
var hints = map[string]string{
	"NOAUTH":     "Redis wants a password: redis://[user]:PASSWORD@host:port/…",
	"WRONGPASS":  "the user or the password in the URL is wrong; special characters are percent-encoded",
	"NOPERM":     "the user may not do this: ACL SETUSER must allow the command, the key and the channel",
	"READONLY":   "this is a replica: lists and streams are read from the primary",
	"LOADING":    "Redis is loading its data; it is tried again",
	"MOVED":      "this is a node of a cluster, and another one has the key: give the address that is named",
	"WRONGTYPE":  "the key is of another type: is it list= instead of stream=?",
	"NOGROUP":    "the stream was deleted; it is made again",
	"MASTERDOWN": "the replica has lost its primary; it is tried again",
	"OOM":        "Redis has no memory left: raise maxmemory",
}

// explain returns the word and the text that people are told of an error. No password is
// in them: some servers repeat what they were sent.
func (l *link) explain(err error) (reason, text string) {
	text = err.Error()
	for _, secret := range []string{l.source.options.Password} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	var reply goredis.Error
	switch {
	case errors.As(err, &reply):
		reason = replyWord(reply.Error())
		if reason == "ERR" && strings.Contains(strings.ToLower(text), "unknown command") {
			text += ": lists need Redis 6.2 or newer, streams 5.0"
		}
		if hint := hints[reason]; hint != "" {
			text += ": " + hint
		}
		return reason, l.source.at + ": " + text
	case isDial(err):
		return "unreachable", l.source.at + " cannot be reached: " + text + ": is Redis running there?"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, errSilent), errors.Is(err, context.DeadlineExceeded):
		return "timeout", l.source.at + " does not answer: " + text
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, goredis.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "disconnected", "the connection to " + l.source.at + " was lost: " + text
	}
	return "connection", l.source.at + ": " + text
}

// replyWord is the first word of an error of Redis, when that is its kind.
func replyWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	const longest = 20
	if word == "" || len(word) > longest || strings.ContainsFunc(word, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return "ERR"
	}
	return word
}
