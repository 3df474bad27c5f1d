package redis

import (
	"context"
	"errors"
	"log/slog"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/weirlog/weir/server/intake"
)

// waitFor is how long one command waits for something to come, and so how long a stop
// may take.
const waitFor = time.Second

// list reads one list, from its left end. Each element is moved to the right end of a
// list of this consumer's own, in the same step in which it is taken, and removed from
// there once its records are durable. What is found there at the beginning, and after a
// connection was lost, was taken and perhaps not stored: it is stored first.
//
// Elements are removed by their value, from the left, where they are. So a command that
// Redis executes late, on a connection that was given up, removes nothing that was not
// stored.
type list struct {
	reader *Reader
	from   *source
	client *goredis.Client
	link   *link

	transfers *goredis.Client // client, with time for what is large

	writer writer
	sender intake.Source

	key, own string
	batch    pace

	stored map[string]int // elements whose removal was not confirmed
}

func newList(r *Reader, s *source, client *goredis.Client, key string) *list {
	sender := intake.Source{Protocol: Protocol, Sender: s.sender("list", key)}
	return &list{
		reader: r, from: s, client: client, sender: sender, transfers: transfersOf(client),
		link:   newLink(r, s, sender),
		writer: writer{gate: r.gate, parser: newParser(s.defaults)},
		key:    key,
		own:    key + ":weir:" + s.consumer,
		batch:  newPace(r.opts.Batch, 1), // each that is asked for and not there is a command
		stored: make(map[string]int),
	}
}

func (l *list) run(ctx context.Context) {
	longer, cancel := withGrace(ctx, l.reader.opts.StopGrace)
	defer cancel()
	for ctx.Err() == nil {
		err := l.read(ctx, longer)
		l.batch.late(err)
		if l.link.down(ctx, err) != nil {
			break
		}
	}
	l.link.set(stateStopped)
}

// read reads until the connection breaks or ctx ends; longer is for what is on its way
// then.
func (l *list) read(ctx, longer context.Context) error {
	if err := l.recover(ctx, longer); err != nil {
		return err
	}
	l.link.up()
	for ctx.Err() == nil {
		taken, err := l.take(ctx)
		if errors.Is(err, goredis.Nil) {
			// Nothing came. A command that was executed late may have moved something.
			if err := l.recover(ctx, longer); err != nil {
				return err
			}
			continue
		}
		if failed := l.keep(longer, taken); err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// take waits for an element, and takes those that are there as well. What it took comes
// with its error, too.
func (l *list) take(ctx context.Context) ([]string, error) {
	first, err := l.transfers.BLMove(ctx, l.key, l.own, "LEFT", "RIGHT", waitFor).Result()
	if err != nil {
		return nil, err
	}
	taken := []string{first}
	l.batch.begin()
	l.batch.count, l.batch.bytes = 1, len(first)
	for n := l.batch.ask(); n > 0; n = l.batch.ask() {
		round, err := l.move(ctx, n)
		if err != nil {
			return taken, err
		}
		taken = append(taken, round...)
		if !l.batch.came(n, len(round), bytesOf(round)) {
			break
		}
	}
	return taken, nil
}

// move takes up to n elements without waiting for them.
func (l *list) move(ctx context.Context, n int) ([]string, error) {
	replies := make([]*goredis.StringCmd, 0, n)
	_, err := l.transfers.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for range n {
			replies = append(replies, p.LMove(ctx, l.key, l.own, "LEFT", "RIGHT"))
		}
		return nil
	})
	if err != nil && !errors.Is(err, goredis.Nil) { // nil: there were fewer
		return nil, err
	}
	moved := make([]string, 0, n)
	for _, reply := range replies {
		if element, err := reply.Result(); err == nil {
			moved = append(moved, element)
		}
	}
	return moved, nil
}

// recover stores what was taken and perhaps not stored.
func (l *list) recover(ctx, longer context.Context) error {
	for {
		l.batch.begin()
		n := l.batch.ask()
		left, err := l.transfers.LRange(ctx, l.own, 0, int64(n)-1).Result()
		if err != nil {
			return err
		}
		l.batch.came(n, len(left), bytesOf(left))
		if len(left) == 0 {
			clear(l.stored)
			return nil
		}
		var fresh, known []string
		for _, element := range left {
			if l.stored[element] > 0 {
				l.stored[element]--
				known = append(known, element)
			} else {
				fresh = append(fresh, element)
			}
		}
		if err := l.remove(ctx, known); err != nil {
			return err
		}
		if err := l.keep(longer, fresh); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// keep stores elements and removes those that are stored.
func (l *list) keep(ctx context.Context, taken []string) error {
	if len(taken) == 0 {
		return nil
	}
	messages := make([]message, len(taken))
	for i, element := range taken {
		messages[i] = message{text: element, marks: []slog.Attr{slog.String("list", l.key)}}
	}
	kept, err := l.writer.store(ctx, l.sender, messages)
	if failed := l.remove(ctx, taken[:kept]); err == nil {
		err = failed
	}
	return err
}

// remove removes elements that are stored. Until that is confirmed they are known, so
// that they are not stored again.
func (l *list) remove(ctx context.Context, elements []string) error {
	if len(elements) == 0 {
		return nil
	}
	for _, element := range elements {
		l.stored[element]++
	}
	_, err := l.transfers.Pipelined(ctx, func(p goredis.Pipeliner) error {
		for _, element := range elements {
			p.LRem(ctx, l.own, 1, element)
		}
		return nil
	})
	if err == nil {
		for _, element := range elements {
			if l.stored[element]--; l.stored[element] <= 0 {
				delete(l.stored, element)
			}
		}
	}
	return err
}

func bytesOf(texts []string) (n int) {
	for _, text := range texts {
		n += len(text)
	}
	return n
}

// transfersOf returns a client on the same connections that waits longer, unless the
// URL has it wait longer still.
func transfersOf(client *goredis.Client) *goredis.Client {
	if wait := client.Options().ReadTimeout; wait <= 0 || wait > transferWait { // 0: for ever
		return client
	}
	return client.WithTimeout(transferWait)
}
