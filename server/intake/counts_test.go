package intake

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/weirlog/weir/record"
)

// TestFolding: when there are too many senders, those that were not heard of for the
// longest time are counted together, and nothing is lost by it.
func TestFolding(t *testing.T) {
	now := time.Unix(1000, 0)
	in, _, _, _ := open(t, Options{MaxSources: 5, Clock: func() time.Time { return now }})
	for i := range 20 {
		now = now.Add(time.Second)
		source := Source{Protocol: "p", Sender: fmt.Sprint(i)}
		if _, err := in.Accept(t.Context(), source, batchOf("a", "b")); err != nil {
			t.Fatal(err)
		}
		in.CountDuplicates(source, 1)
		in.Lose(source, ReasonOverflow, 1)
		in.Trouble(source, "odd", "message "+fmt.Sprint(i))
	}
	lines := in.Ledger()
	checkLedger(t, lines)
	var senders []string
	var sum Counts
	sum.Refused = map[string]uint64{}
	for i := range lines {
		senders = append(senders, lines[i].Sender)
		sum.add(&lines[i])
	}
	if len(lines) != 5 || !slices.Contains(senders, Other) || !slices.Contains(senders, "19") || slices.Contains(senders, "0") {
		t.Errorf("%v", senders)
	}
	if sum.Received != 80 || sum.Stored != 40 || sum.Deduplicated != 20 || sum.Refused[ReasonOverflow] != 20 || sum.Troubles[0].Count != 20 || sum.Troubles[0].Message != "message 19" {
		t.Errorf("%+v", sum)
	}
	other := lines[slices.Index(senders, Other)]
	if !other.FirstSeen.Equal(time.Unix(1001, 0)) || other.LastSeen.Before(other.FirstSeen) || in.foldedSources() == 0 {
		t.Errorf("%+v, %d folded", other, in.foldedSources())
	}
}

// TestFoldingSpares what is on its way, and connections that the server makes.
func TestFoldingSpares(t *testing.T) {
	in, st, _, _ := open(t, Options{MaxSources: 2})
	in.SetState(Source{Protocol: "redis", Sender: "channel"}, "connected")
	release := st.Hold()
	waiting := make(chan error, 1)
	go func() {
		_, err := in.Accept(t.Context(), Source{Protocol: "p", Sender: "slow"}, numbered(3))
		waiting <- err
	}()
	onItsWay := func(line Counts) bool { return line.Pending > 0 }
	for deadline := time.Now().Add(time.Minute); !slices.ContainsFunc(in.Ledger(), onItsWay); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the batch is not on its way")
		}
	}
	for i := range 5 {
		in.Lose(Source{Protocol: "p", Sender: fmt.Sprint(i)}, ReasonOverflow, 1)
	}
	release()
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range in.Ledger() {
		got = append(got, fmt.Sprintf("%s %s %d/%d %s", line.Protocol, line.Sender, line.Stored, line.Received, line.State))
	}
	if want := []string{"p other 0/5 ", "p slow 3/3 ", "redis channel 0/0 connected"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestOddSenders: what no sender is called stays out of the ledger.
func TestOddSenders(t *testing.T) {
	in, _, _, _ := open(t, Options{})
	for _, s := range []Source{{}, {Protocol: "p", Sender: strings.Repeat("x", MaxSourceName+1)}, {Protocol: "p", Sender: "\xff"}} {
		in.Lose(s, ReasonOverflow, 1)
	}
	in.Lose(Source{Protocol: "p", Sender: strings.Repeat("x", MaxSourceName), Agent: strings.Repeat("ä", 1000) + "\xff"}, ReasonOverflow, 1)
	lines := in.Ledger()
	if len(lines) != 3 || lines[0].Protocol != "p" || lines[0].Sender != Other || lines[0].Received != 2 || lines[2].Protocol != "unknown" {
		t.Errorf("%+v", lines)
	}
	if agent := lines[1].Agent; len(agent) > maxNoteText+len("…") || !utf8.ValidString(agent) {
		t.Errorf("%d bytes of agent: %q", len(agent), agent)
	}
}

// TestNotes are counted each, and together when they are too many.
func TestNotes(t *testing.T) {
	now := time.Unix(1, 0)
	var notes []Note
	for i := range 100 {
		notes = note(notes, fmt.Sprint("what ", i%50), fmt.Sprint("message ", i), 2, now.Add(time.Duration(i)))
	}
	total := uint64(0)
	for _, n := range notes {
		total += n.Count
	}
	last := notes[len(notes)-1]
	if len(notes) != maxNotes || total != 200 || last.What != Other || last.Message != "message 99" || notes[0].Count != 4 || notes[0].Message != "message 50" || !notes[0].Last.Equal(now.Add(50)) {
		t.Errorf("%d notes of %d: %+v", len(notes), total, notes)
	}
	notes = note(nil, strings.Repeat("é", 500), strings.Repeat("x", 500), 1, now)
	notes = note(notes, strings.Repeat("é", 500), "", 1, now)
	if len(notes) != 1 || notes[0].Count != 2 || len(notes[0].What) > maxNoteText+3 || !utf8.ValidString(notes[0].What) || notes[0].Message == "" {
		t.Errorf("%+v", notes)
	}
}

// TestRepairsAndServices are told for each source.
func TestRepairsAndServices(t *testing.T) {
	in, _, _, _ := open(t, Options{})
	batch := batchOf("fine", "bro\x00ken", "odd", "odd too")
	for i, service := range []string{"pay", "shop", "pay", ""} {
		if service != "" {
			batch[i].Resource = &record.Resource{Service: service}
		}
	}
	for i := 2; i < 4; i++ {
		record.MarkRepaired(&batch[i], []record.Repair{{Field: "level", Reason: "not a text"}})
	}
	if got, err := in.Accept(t.Context(), test, batch); err != nil || got.Repaired != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	line := in.Ledger()[0]
	slices.SortFunc(line.Repairs, func(a, b Note) int { return int(b.Count) - int(a.Count) })
	if line.Repaired != 3 || len(line.Repairs) != 2 || line.Repairs[0].What != "level: not a text" || line.Repairs[0].Count != 2 || !slices.Equal(line.Services, []string{"pay", "shop"}) {
		t.Errorf("%+v", line)
	}
	for i := range 2 * maxNotes {
		in.ledger.lines[lineKey{"test", ""}].serve(fmt.Sprint("service ", i))
	}
	if n := len(in.Ledger()[0].Services); n != maxNotes {
		t.Errorf("%d services", n)
	}
}
