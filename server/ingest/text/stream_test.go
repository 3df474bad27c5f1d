package text

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

func messages(records []record.Record) []string {
	out := make([]string, len(records))
	for i := range records {
		out[i] = records[i].Message
	}
	return out
}

func TestLineEndings(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{"a", []string{"a"}},
		{"a\n", []string{"a"}},
		{"a\r\nb", []string{"a", "b"}},
		{"\n\n", []string{"", ""}},
		{"a\rb\n", []string{"a\rb"}},
		{"a\n\r\n", []string{"a", ""}},
		{"a\r", []string{"a\r"}},
		{"1 %\r2 %\r", []string{"1 %\r2 %\r"}},
		{"1 %\r2 %\r\r\n", []string{"1 %\r2 %\r"}},
		{"\xef\xbb\xbfa\n\xef\xbb\xbfb", []string{"a", "\ufeffb"}},
		{"\xff\x00\n", []string{"\xff\x00"}},
		{"INFO a\n  b\r\n\x00\n", []string{"a\n  b", "\x00"}},
	} {
		for _, size := range []int{1, 2, 100} {
			var got []string
			s := NewStream(testOptions(), func(batch []record.Record) error {
				got = append(got, messages(batch)...)
				return nil
			})
			for rest := c.in; rest != ""; rest = rest[min(size, len(rest)):] {
				if err := s.Feed([]byte(rest[:min(size, len(rest))])); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.End(); err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) || len(got) != len(c.want) {
				t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
			}
			if s.Settled() != int64(len(c.in)) {
				t.Errorf("%q: %d bytes settled", c.in, s.Settled())
			}
		}
	}
}

// TestSettled: the offset never passes what is still held back.
func TestSettled(t *testing.T) {
	var s *Stream
	type step struct {
		feed    string
		settled int64
	}
	s = NewStream(testOptions(), func([]record.Record) error { return nil })
	at := int64(0)
	for _, step := range []step{
		{"plain\n", 6},
		{"INFO head\n", 6},
		{"  more\n", 6},
		{"\n", 6},
		{"{\"a\":1}\r\n", 33},
		{"{\n", 33},
		{" \"b\":1\n", 33},
		{"}\n", 44},
		{"half", 44},
	} {
		if err := s.Feed([]byte(step.feed)); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
		at += int64(len(step.feed))
		if s.Settled() != step.settled {
			t.Errorf("%q: settled %d, want %d of %d", step.feed, s.Settled(), step.settled, at)
		}
	}
	if s.Waiting() || !s.Partial() {
		t.Error("a line is waiting, or its beginning is not")
	}
	if err := s.End(); err != nil || s.Settled() != at {
		t.Errorf("%d of %d, %v", s.Settled(), at, err)
	}
}

// TestSlowStream: while more keeps coming a batch waits for MaxDelay at most.
func TestSlowStream(t *testing.T) {
	now := time.Unix(0, 0)
	opts := testOptions()
	opts.Clock = func() time.Time { now = now.Add(20 * time.Millisecond); return now }
	handed := 0
	s := NewStream(opts, func(batch []record.Record) error { handed = len(batch); return nil })
	for n := 1; handed == 0; n++ {
		if n > 5 {
			t.Fatal("the batch waits for ever")
		}
		if err := s.Feed([]byte("x\n")); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHugeLines: lines of megabytes stay whole, and a batch of them stays small.
func TestHugeLines(t *testing.T) {
	line := strings.Repeat("0123456789abcdef", 5<<16) // 5 MiB
	largest, total := 0, 0
	s := NewStream(testOptions(), func(batch []record.Record) error {
		for _, r := range batch {
			if r.Message != line {
				t.Error("a line was changed")
			}
		}
		largest, total = max(largest, len(batch)), total+len(batch)
		return nil
	})
	for range 5 {
		if err := s.Feed([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.End(); err != nil || total != 5 || largest > 2 {
		t.Errorf("%d records, %d in a batch, %v", total, largest, err)
	}
}

func TestLongLine(t *testing.T) {
	opts := testOptions()
	opts.MaxLine = 1000
	opts.Counts = &Counts{}
	long := strings.Repeat("0123456789", 99) + "12345678ö" + strings.Repeat("ü", 700) + "\r"
	records := readAll(t, []byte("before\n"+long+"\nafter\n"+strings.Repeat("x", 1000)+"\n"), opts)
	text := ""
	for i, r := range records[1 : len(records)-2] {
		if len(r.Message) > 1000 {
			t.Errorf("part %d has %d bytes", i+1, len(r.Message))
		}
		var b strings.Builder
		describe(&b, &r)
		if !strings.Contains(b.String(), fmt.Sprintf("_part=%d", i+1)) || !strings.Contains(b.String(), "was split") {
			t.Errorf("part %d has no note: %s", i+1, b.String())
		}
		text += r.Message
	}
	if text != strings.TrimSuffix(long, "\r") {
		t.Error("the parts are not the line")
	}
	if records[0].Message != "before" || records[len(records)-2].Message != "after" || len(records[len(records)-1].Attrs) != 0 {
		t.Error("the neighbours suffered")
	}
	if n := opts.Counts.Split.Load(); n != uint64(len(records)-3) {
		t.Errorf("%d parts counted", n)
	}
}

// TestLongestLine: a line of exactly MaxLine is whole, wherever its ending is cut.
func TestLongestLine(t *testing.T) {
	opts := testOptions()
	opts.MaxLine = 10
	for _, in := range []string{"0123456789\r\nnext\n", "0123456789\nnext", "01234567890123456789\r\nnext", "0123456789\r0\r\n", "0123456789\r"} {
		whole := describeAll(pieces(t, []byte(in), nil, opts))
		if strings.HasPrefix(in, "0123456789\r\n") && strings.Contains(whole, "_part") {
			t.Errorf("%q was split", in)
		}
		for size := range byte(len(in)) {
			if got := describeAll(pieces(t, []byte(in), []byte{size}, opts)); got != whole {
				t.Errorf("%q by %d: %s, whole %s", in, size+1, got, whole)
			}
		}
	}
}

func TestAcceptFails(t *testing.T) {
	full := errors.New("full")
	s := NewStream(testOptions(), func([]record.Record) error { return full })
	if err := s.Feed([]byte("a\nb\n")); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(); !errors.Is(err, full) {
		t.Fatal(err)
	}
}

func TestCounts(t *testing.T) {
	opts := testOptions()
	opts.Counts = &Counts{}
	data := "INFO a\n  b\n  c\nd\n{\n\"a\":1\n}\n{\n  \"a\":1\n}\n"
	readAll(t, []byte(data), opts)
	c := opts.Counts
	got := []uint64{c.Bytes.Load(), c.Lines.Load(), c.Records.Load(), c.Joined.Load(), c.Split.Load()}
	if want := []uint64{uint64(len(data)), 10, 6, 4, 0}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("bytes, lines, records, joined, split: %v, want %v", got, want)
	}
}
