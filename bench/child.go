package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// childFlag is the first argument of a copy of this program that a measurement starts: what must not
// share its processor time, memory or garbage collector is a process of its own.
const childFlag = "-child"

// asChild does a child's work, if args are a child's.
func asChild(args []string) (done bool, err error) {
	if len(args) < 2 || args[0] != childFlag {
		return false, nil
	}
	switch role := args[1]; role {
	case "viewers":
		return true, viewersChild(args[2:])
	case "idle":
		return true, idleChild(args[2:])
	default:
		return true, fmt.Errorf("a child has no role %q", role)
	}
}

// childLimit bounds a child's answer, beside the time that it was told to take.
const childLimit = 30 * time.Second

// child is a running copy of this program. It writes JSON lines; it ends when its
// standard input does.
type child struct {
	command *exec.Cmd
	in      io.WriteCloser
	lines   chan []byte // closed at the end of its output
}

// startChild starts a copy in a role. Continuous integration turns pages off, which a
// measurement of a page does not want.
func startChild(args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the own program: %w", err)
	}
	c := &child{command: exec.Command(self, append([]string{childFlag}, args...)...), lines: make(chan []byte)}
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); name != "CI" && !strings.HasPrefix(name, "WEIR_") {
			c.command.Env = append(c.command.Env, pair)
		}
	}
	out, err := c.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a child: %w", err)
	}
	if c.in, err = c.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start a child: %w", err)
	}
	if err := c.command.Start(); err != nil {
		return nil, fmt.Errorf("start a child: %w", err)
	}
	go func() {
		defer close(c.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			c.lines <- append([]byte(nil), scanner.Bytes()...)
		}
	}()
	return c, nil
}

// answer reads one line into v.
func (c *child) answer(v any, limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case line, ok := <-c.lines:
		if !ok {
			return errors.New("the child has ended without an answer")
		}
		if err := json.Unmarshal(line, v); err != nil {
			return fmt.Errorf("read a child's answer: %w", err)
		}
		return nil
	case <-timer.C:
		return fmt.Errorf("a child has not answered for %v", limit)
	}
}

// stop ends the child in any case and waits for it.
func (c *child) stop() {
	_ = c.in.Close()
	_ = c.command.Process.Kill() // it may have ended by itself
	for range c.lines {          // what it still had to say
	}
	_ = c.command.Wait()
}

// say writes a line to the parent.
func say(v any) error {
	if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
		return fmt.Errorf("answer the parent: %w", err)
	}
	return nil
}

// parentGone is closed when the parent has ended, or wants the child to.
func parentGone() <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, os.Stdin) // any end is the end
	}()
	return gone
}
