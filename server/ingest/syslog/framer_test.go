package syslog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// frames feeds a stream to a framer in chunks of a size, and returns its messages. A
// note is shown behind the message.
func frames(f *framer, stream string, chunk int) (out []string) {
	show := func(fr frame) {
		text := string(fr.data)
		if fr.part > 0 {
			text += fmt.Sprintf(" (part %d)", fr.part)
		} else if fr.note != "" {
			text += " (note)"
		}
		out = append(out, text)
	}
	for stream != "" {
		room := f.space()
		n := copy(room[:min(chunk, len(room))], stream)
		stream = stream[n:]
		f.took(n)
		for fr, ok := f.next(); ok; fr, ok = f.next() {
			show(fr)
		}
	}
	for fr, ok := f.cutOff(); ok; fr, ok = f.cutOff() {
		show(fr)
	}
	return out
}

func TestFraming(t *testing.T) {
	for name, c := range map[string]struct {
		stream string
		want   []string
	}{
		"newlines":                 {"<1>a\n<2>b\r\n<3>c\n", []string{"<1>a", "<2>b", "<3>c"}},
		"counts":                   {"4 <1>a6 <2>b\nc4 <3>d", []string{"<1>a", "<2>b\nc", "<3>d"}},
		"counts with newlines":     {"5 <1>a\n5 <2>b\n", []string{"<1>a", "<2>b"}},
		"newlines not counted":     {"4 <1>a\n4 <2>b\r\n4 <3>c", []string{"<1>a", "<2>b", "<3>c"}},
		"mixed":                    {"4 <1>a<2>b\n4 <3>c\n<4>d\n", []string{"<1>a", "<2>b", "<3>c", "<4>d"}},
		"NULs":                     {"<1>a\x00<2>b\x00", []string{"<1>a", "<2>b"}},
		"NUL and newline":          {"<1>a\n\x00<2>b\n\x00", []string{"<1>a\n", "<2>b\n"}},
		"newlines after all":       {"<1>a\x00<2>b\n", []string{"<1>a", "<2>b"}},
		"a NUL among lines":        {"<1>a\n<2>b\x00c\n<3>d\n<4>e\n", []string{"<1>a", "<2>b", "c", "<3>d", "<4>e"}},
		"empty lines":              {"\n\r\n<1>a\n\n\n<2>b\n", []string{"<1>a", "<2>b"}},
		"a number is no count":     {"2 messages: none\n<1>a\n", []string{"2 messages: none", "<1>a"}},
		"nor is one in front of <": {"2 <b>bold</b>\n12 <1234>\n<1>a\n", []string{"2 <b>bold</b>", "12 <1234>", "<1>a"}},
		"nor is one that is short": {"2 <1>a\n<1>b\n", []string{"2 <1>a", "<1>b"}},
		"nor zero":                 {"04 <1>a\n", []string{"04 <1>a"}},
		"a huge number":            {"12345678901234567890 <1>a\n<1>b\n", []string{"12345678901234567890 <1>a", "<1>b"}},
		"no end":                   {"<1>a\n<2>b", []string{"<1>a", "<2>b (note)"}},
		"half a count":             {"4 <1>a12", []string{"<1>a", "12 (note)"}},
		"half a message":           {"4 <1>a10 <2>b", []string{"<1>a", "<2>b (note)"}},
		"a count that is small":    {"4 <1>abc4 <2>b5 <3>cde 4 <4>f", []string{"<1>a", "bc (note)", "<2>b", "<3>cd", "e  (note)", "<4>f"}},
		"and then a line":          {"4 <1>abc\n<2>b\n", []string{"<1>a", "bc (note)", "<2>b"}},
		"a count that is large":    {"9 <1>a4 <2>b4 <3>c", []string{"<1>a4 <2>", "b (note)", "<3>c"}},
		"nothing":                  {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			for _, chunk := range []int{len(c.stream), 1, 2, 3, 5, 7} {
				if name == "NUL and newline" && chunk < len(c.stream) {
					continue // that newlines are not ends is seen when the NUL is
				}
				if name == "a NUL among lines" && chunk < len(c.stream) {
					continue
				}
				f := newFramer(newMemory(1<<20), 1000)
				if got := frames(f, c.stream, max(chunk, 1)); !slices.Equal(got, c.want) {
					t.Errorf("in chunks of %d: %q, want %q", chunk, got, c.want)
				}
			}
		})
	}
}

func TestLongMessages(t *testing.T) {
	const longest = 10
	text := "<1>" + strings.Repeat("ä", 12) // 27 bytes: ä at odd offsets
	parts := []string{text[:9] + " (part 1)", text[9:19] + " (part 2)", text[19:] + " (part 3)"}
	for name, stream := range map[string]string{"line": text + "\n", "counted": "27 " + text, "NUL": text + "\x00"} {
		for _, chunk := range []int{1, 2, 3, 100} {
			f := newFramer(newMemory(1<<20), longest)
			got := frames(f, stream+"<2>next\x00", chunk)
			if want := append(slices.Clone(parts), "<2>next"); !slices.Equal(got, want) {
				t.Errorf("%s in chunks of %d: %q", name, chunk, got)
			}
		}
	}
	f := newFramer(newMemory(1<<20), longest)
	if got := frames(f, "27 "+text[:20], 100); len(got) != 3 || got[2] != text[19:20]+" (part 3)" {
		t.Errorf("cut off: %q", got)
	}
}

func TestMemory(t *testing.T) {
	m := newMemory(40 << 10)
	long := "<1>" + strings.Repeat("x", 100<<10)
	f, other := newFramer(m, 200<<10), newFramer(m, 200<<10)
	var sum int
	for _, text := range frames(f, long+"\n", 4096) {
		text, _, _ = strings.Cut(text, " (part")
		sum += len(text)
	}
	if sum != len(long) {
		t.Errorf("%d of %d bytes came back", sum, len(long))
	}
	if got := frames(other, "<1>short\n", 4096); len(got) != 1 {
		t.Errorf("%q", got)
	}
	f.close()
	other.close()
	if left := m.left.Load(); left != 40<<10 {
		t.Errorf("%d bytes are left", left)
	}
	f = newFramer(newMemory(1<<20), 200<<10)
	if got := frames(f, long+"\n", 4096); len(got) != 1 || got[0] != long {
		t.Errorf("a message for which there is memory came in %d pieces", len(got))
	}
}

// FuzzFraming: whatever comes, in whatever chunks, all of it is in a frame, in order,
// but for lengths and ends of messages.
func FuzzFraming(f *testing.F) {
	for _, stream := range []string{
		"<1>a\n<2>b\r\n", "4 <1>a5 <2>b\n", "<1>a\x00<2>b\n\x00", "4 <1>abc4 <2>b", "99 <1>a", "1 2 3 <4>", "2 messages: none\n",
		"<1>" + strings.Repeat("long", 30) + "\n", "123 <1>" + strings.Repeat("long", 30), "4 <1>a " + strings.Repeat("9", 20) + " <1>",
	} {
		f.Add([]byte(stream), uint64(1))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		fr := newFramer(newMemory(int64(rng.IntN(100_000))), 20+rng.IntN(200))
		left := stream // what is in no frame yet
		check := func(got frame) {
			// In front of it may be ends of messages and lengths.
			for !bytes.HasPrefix(left, got.data) {
				n := framingAt(left)
				if n == 0 {
					t.Fatalf("a frame %q, where %q is next", got.data, left)
				}
				left = left[n:]
			}
			left = left[len(got.data):]
		}
		for rest := stream; len(rest) > 0; {
			room := fr.space()
			if len(room) == 0 {
				t.Fatal("no room to read into")
			}
			n := copy(room[:1+rng.IntN(len(room))], rest)
			rest = rest[n:]
			fr.took(n)
			for got, ok := fr.next(); ok; got, ok = fr.next() {
				check(got)
			}
		}
		for got, ok := fr.cutOff(); ok; got, ok = fr.cutOff() {
			check(got)
		}
		for len(left) > 0 {
			n := framingAt(left)
			if n == 0 {
				t.Fatalf("%q is in no frame", left)
			}
			left = left[n:]
		}
		fr.close()
	})
}

// framingAt returns the length of the end of a message or the length that b begins
// with.
func framingAt(b []byte) int {
	switch c := b[0]; {
	case c == '\n' || c == 0 || c == ' ' || c == '\r':
		return 1
	case isDigit(c):
		if n := digitsAt(string(b)); n < len(b) && b[n] == ' ' {
			return n + 1
		}
	}
	return 0
}
