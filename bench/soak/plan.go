package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/weirlog/weir"
)

// The names that are logged with. Below app.db there are other sinks, below app.http
// further ones.
const rootName = "app"

var names = []string{rootName, "app.db", "app.db.pool", "app.http", "app.http.api", "app.jobs"}

func below(name, parent string) bool {
	return name == parent || strings.HasPrefix(name, parent+".")
}

// plan is how a round is made.
type plan struct {
	policy      weir.Overflow
	memory      int
	records     int
	block       time.Duration
	callers     int
	lines       bool // all sinks take lines
	named       bool // names have sinks of their own
	processors  bool // of all records
	tries       bool // all calls are TryLog
	moods       []mood
	viewer      bool
	hangs       bool // a sink hangs when the logger is closed
	closesEarly bool // while others still log
	procs       int  // GOMAXPROCS
}

// planOf makes the plan of a round: the policies take turns, the rest is at random.
func planOf(n uint64, random *rand.Rand) plan {
	pick := func(of ...int) int { return of[random.IntN(len(of))] }
	half := func() bool { return random.IntN(2) == 0 }
	p := plan{
		policy:      weir.Overflow(n % 4),
		memory:      pick(64<<10, 256<<10, 1<<20, 8<<20),
		records:     pick(0, 0, 0, 40, 1000),
		block:       time.Duration(pick(1, 20, 200)) * time.Millisecond,
		callers:     pick(2, 5, 9),
		lines:       random.IntN(3) == 0,
		tries:       random.IntN(3) == 0,
		viewer:      half(),
		hangs:       random.IntN(4) == 0,
		closesEarly: half(),
		procs:       pick(1, 2, 4, 16),
	}
	if !p.lines {
		p.named, p.processors = half(), half()
	}
	all := []mood{stalling(), failing(), panicking(), exiting(), slow(), terrible()}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	p.moods = append(all[:1+random.IntN(3)], steady())
	if random.IntN(5) == 0 {
		p.moods = p.moods[:1] // nobody keeps up
	}
	return p
}

func (p *plan) String() string { return fmt.Sprintf("%+v", *p) }
