// Command program is what the browser tests drive: a program with a live page that
// does what the lines on its stdin say, and answers each with "ok" or what went
// wrong.
//
//	save {"name":"epoch-3","progress":50}     saves a checkpoint
//	begin NAME TOTAL · add NAME N · done NAME · fail NAME REASON     a progress
//	log LOGGER LEVEL TEXT     logs by the logger of a name below the program's
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/record"
)

// quiet is a sink that shows nothing: only the page matters here.
type quiet struct{}

func (quiet) WriteBatch(context.Context, []record.Record) error { return nil }
func (quiet) Close() error                                      { return nil }

func main() {
	log := weir.New("train", weir.WithSink(quiet{}), dashboard.Auto(dashboard.Address("127.0.0.1:0"), dashboard.NoOpen()))
	defer log.Close()
	p := program{log: log, work: map[string]*weir.Progress{}}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := p.do(lines.Text()); err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println("ok")
	}
}

type program struct {
	log  *weir.Logger
	work map[string]*weir.Progress
}

func (p *program) do(line string) error {
	what, rest, _ := strings.Cut(line, " ")
	name, value, _ := strings.Cut(rest, " ")
	switch what {
	case "save":
		var c weir.Checkpoint
		if err := json.Unmarshal([]byte(rest), &c); err != nil {
			return err
		}
		return p.log.Save(context.Background(), c)
	case "begin":
		total, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return err
		}
		p.work[name] = p.log.Progress(name, total, weir.ProgressInterval(time.Nanosecond))
		return nil
	case "log":
		level, text, _ := strings.Cut(value, " ")
		var l slog.Level
		if err := l.UnmarshalText([]byte(level)); err != nil {
			return err
		}
		p.log.Named(name).Log(context.Background(), l, text)
		return nil
	}
	work := p.work[name]
	if work == nil {
		return fmt.Errorf("no work of the name %q", name)
	}
	switch what {
	case "add":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return err
		}
		work.Add(n)
	case "done":
		work.Done()
	case "fail":
		work.Fail(errors.New(value))
	default:
		return fmt.Errorf("what is %q?", what)
	}
	return nil
}
