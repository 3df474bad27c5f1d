package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/server/intake"
)

// stream reads one stream as a consumer of a group. An entry is confirmed once its
// records are durable; until then it is pending, and read again after a restart. The
// group begins at the stream's beginning.
type stream struct {
	reader *Reader
	from   *source
	client *goredis.Client // it has time for what is large
	link   *link
	writer writer
	sender intake.Source

	key     string
	batch   pace
	claimed time.Time // when entries of other consumers were looked for
}

func newStream(r *Reader, s *source, client *goredis.Client, key string) *stream {
	sender := intake.Source{Protocol: Protocol, Sender: s.sender("stream", key)}
	return &stream{
		reader: r, from: s, client: transfersOf(client), sender: sender,
		link:   newLink(r, s, sender),
		writer: writer{gate: r.gate, parser: newParser(s.defaults)},
		key:    key,
		batch:  newPace(r.opts.Batch, firstRound),
	}
}

func (s *stream) run(ctx context.Context) {
	longer, cancel := withGrace(ctx, s.reader.opts.StopGrace)
	defer cancel()
	for ctx.Err() == nil {
		err := s.read(ctx, longer)
		s.batch.late(err)
		if s.link.down(ctx, err) != nil {
			break
		}
	}
	s.link.set(stateStopped)
}

// read reads until the connection breaks or ctx ends; longer is for what is on its way
// then.
func (s *stream) read(ctx, longer context.Context) error {
	err := s.client.XGroupCreateMkStream(ctx, s.key, s.from.group, "0").Err()
	if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") { // it is there already
		return err
	}
	if err := s.pending(ctx, longer); err != nil {
		return err
	}
	s.link.up()
	for ctx.Err() == nil {
		if err := s.claim(ctx, longer); err != nil {
			return err
		}
		entries, err := s.take(ctx)
		if failed := s.keep(longer, entries); err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// take waits for new entries, and takes those that are there as well. What it took comes
// with its error, too.
func (s *stream) take(ctx context.Context) (taken []goredis.XMessage, err error) {
	s.batch.begin()
	wait := waitFor
	for n := s.batch.ask(); n > 0; n = s.batch.ask() {
		round, err := s.next(ctx, ">", n, wait)
		if err != nil {
			return taken, err
		}
		taken = append(taken, round...)
		if !s.batch.came(n, len(round), sizeOf(round)) {
			break
		}
		wait = noWait
	}
	return taken, nil
}

// noWait is that nothing is waited for.
const noWait time.Duration = -1

// next reads up to n entries of this consumer after an id: ">" for new ones.
func (s *stream) next(ctx context.Context, after string, n int, wait time.Duration) ([]goredis.XMessage, error) {
	found, err := s.client.XReadGroup(ctx, &goredis.XReadGroupArgs{
		Group: s.from.group, Consumer: s.from.consumer, Streams: []string{s.key, after}, Count: int64(n), Block: wait,
	}).Result()
	if errors.Is(err, goredis.Nil) {
		return nil, nil
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0].Messages, nil
}

// pending reads what this consumer was given and has not confirmed.
func (s *stream) pending(ctx, longer context.Context) error {
	for after := "0"; ctx.Err() == nil; {
		s.batch.begin()
		n := s.batch.ask()
		entries, err := s.next(ctx, after, n, noWait)
		if err != nil || len(entries) == 0 {
			return err
		}
		s.batch.came(n, len(entries), sizeOf(entries))
		after = entries[len(entries)-1].ID
		if err := s.keep(longer, entries); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// claim takes over what other consumers of the group were given and have not confirmed
// for long, when it is time to look.
func (s *stream) claim(ctx, longer context.Context) error {
	now := s.reader.opts.Clock()
	if now.Sub(s.claimed) < s.reader.opts.ClaimIdle {
		return nil
	}
	for start := "0-0"; ctx.Err() == nil; {
		s.batch.begin()
		n := s.batch.ask()
		entries, next, err := s.client.XAutoClaim(ctx, &goredis.XAutoClaimArgs{
			Stream: s.key, Group: s.from.group, Consumer: s.from.consumer,
			MinIdle: s.reader.opts.ClaimIdle, Start: start, Count: int64(n),
		}).Result()
		var reply goredis.Error
		if errors.As(err, &reply) && strings.Contains(strings.ToLower(reply.Error()), "unknown command") {
			break // Redis 5 and 6.0: what others do not confirm is theirs
		}
		if err != nil {
			return err
		}
		if len(entries) > 0 {
			s.batch.came(n, len(entries), sizeOf(entries))
		}
		if err := s.keep(longer, entries); err != nil {
			return err
		}
		if next == "0-0" {
			break
		}
		start = next
	}
	s.claimed = now
	return ctx.Err()
}

// keep stores entries and confirms those that are stored. One that was deleted from the
// stream meanwhile has nothing in it: it is confirmed, and told.
func (s *stream) keep(ctx context.Context, entries []goredis.XMessage) error {
	if len(entries) == 0 {
		return nil
	}
	messages := make([]message, 0, len(entries))
	ids := make([]string, 0, len(entries))
	var gone []string
	for _, entry := range entries {
		if entry.Values == nil {
			gone = append(gone, entry.ID)
			continue
		}
		m := entryMessage(s.key, entry)
		messages = append(messages, m)
		ids = append(ids, entry.ID)
	}
	if len(gone) > 0 {
		s.reader.gate.Trouble(s.sender, "deleted", fmt.Sprintf("%d entries were deleted from the stream before they were confirmed, the first is %s", len(gone), gone[0]))
	}
	kept, err := s.writer.store(ctx, s.sender, messages)
	if ids = append(gone, ids[:kept]...); len(ids) > 0 {
		if failed := s.client.XAck(ctx, s.key, s.from.group, ids...).Err(); err == nil {
			err = failed
		}
	}
	return err
}

// sizeOf is how many bytes entries have.
func sizeOf(entries []goredis.XMessage) (n int) {
	for _, entry := range entries {
		for name, value := range entry.Values {
			text, _ := value.(string)
			n += len(name) + len(text)
		}
	}
	return n
}
