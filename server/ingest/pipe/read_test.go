package pipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
)

// testOptions fix what the machine would decide.
func testOptions() Options {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	return Options{SourceID: "test", Zone: time.UTC, Clock: func() time.Time { return now }}
}

func messages(records []record.Record) []string {
	out := make([]string, len(records))
	for i := range records {
		out[i] = records[i].Message
	}
	return out
}

// TestChunks: however the bytes come, the records are the same.
func TestChunks(t *testing.T) {
	text := "\xef\xbb\xbfa\r\n\n2026-01-02T03:04:05Z INFO b\n  c\nd"
	want := []string{"a", "", "b\n  c", "d"}
	for _, reader := range []io.Reader{strings.NewReader(text), oneByte{strings.NewReader(text)}} {
		var got []string
		err := Read(t.Context(), reader, testOptions(), func(batch []record.Record) error {
			got = append(got, messages(batch)...)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v", got, err)
		}
	}
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

func TestBatches(t *testing.T) {
	opts := testOptions()
	opts.MaxBatch = 100
	text := strings.Repeat("line\n", 1050)
	total, largest := 0, 0
	err := Read(t.Context(), strings.NewReader(text), opts, func(batch []record.Record) error {
		total += len(batch)
		largest = max(largest, len(batch))
		return nil
	})
	if err != nil || total != 1050 || largest != 100 {
		t.Fatalf("%d records, at most %d at once, %v", total, largest, err)
	}
}

// TestLivePipe: a line is handed over when it is there, not when more comes.
func TestLivePipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		got := make(chan []record.Record, 10)
		done := make(chan error)
		go func() {
			done <- Read(t.Context(), r, testOptions(), func(batch []record.Record) error {
				got <- batch
				return nil
			})
		}()
		for _, line := range []string{"one", "two"} {
			fmt.Fprintf(w, "%s\nhalf of ", line)
			synctest.Wait()
			select {
			case batch := <-got:
				if text := batch[0].Message; len(batch) != 1 || !strings.HasSuffix(text, line) {
					t.Fatalf("got %d records, first %q", len(batch), text)
				}
			default:
				t.Fatalf("%q has not come", line)
			}
		}
		w.Close()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if batch := <-got; batch[0].Message != "half of " {
			t.Fatalf("last line %q", batch[0].Message)
		}
	})
}

// TestJoinWait: a line that others may belong to waits for them, for so long after
// the last line, whatever comes without a line ending.
func TestJoinWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		opts := testOptions()
		opts.JoinWait = 300 * time.Millisecond
		var got []string
		done := make(chan error)
		go func() {
			done <- Read(t.Context(), r, opts, func(batch []record.Record) error {
				got = append(got, messages(batch)...)
				return nil
			})
		}()
		for _, step := range []struct {
			write string
			want  int
		}{
			{"INFO first\n", 0},
			{"  of two\n", 0},
			{"...", 0},
			{"...", 1},
			{"\n", 1},
			{"{\n", 2},
			{"  \"a\": 1\n", 2},
			{"}\n", 2},
			{"ERROR: x\n", 3},
			{"", 3},
			{"", 4},
		} {
			if len(got) != step.want {
				t.Errorf("before %q: %q, want %d", step.write, got, step.want)
			}
			fmt.Fprint(w, step.write)
			time.Sleep(150 * time.Millisecond) // of the bubble's clock
			synctest.Wait()
		}
		w.Close()
		if err := <-done; err != nil || len(got) != 4 || got[0] != "first\n  of two" {
			t.Fatalf("%q, %v", got, err)
		}
	})
}

func TestAcceptFails(t *testing.T) {
	full := errors.New("full")
	err := Read(t.Context(), strings.NewReader("a\nb\n"), testOptions(), func([]record.Record) error { return full })
	if !errors.Is(err, full) {
		t.Fatal(err)
	}
}

func TestReadFails(t *testing.T) {
	broken := errors.New("broken")
	n := 0
	err := Read(t.Context(), io.MultiReader(strings.NewReader("a\nb"), failing{broken}), testOptions(), func(batch []record.Record) error {
		n += len(batch)
		return nil
	})
	if !errors.Is(err, broken) || n != 2 {
		t.Fatalf("%d records, %v", n, err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestCancelHandsOver: what was read before the context ended is not lost.
func TestCancelHandsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		busy := make(chan struct{})
		done := make(chan error)
		go func() {
			done <- Read(ctx, r, testOptions(), func(batch []record.Record) error {
				n += len(batch)
				if n == 1 {
					<-busy
				}
				return nil
			})
		}()
		for range 4 { // the first is being accepted, three wait
			fmt.Fprint(w, "line\n")
			synctest.Wait()
		}
		fmt.Fprint(w, "no end")
		synctest.Wait()
		cancel()
		close(busy)
		if err := <-done; !errors.Is(err, context.Canceled) || n != 5 {
			t.Fatalf("%d records, %v", n, err)
		}
		w.Close()
	})
}

func BenchmarkRead(b *testing.B) {
	const lines = 100_000
	for name, line := range map[string]string{
		"text":   "2024-05-06T07:08:09.123Z INFO connection from 10.0.0.1 accepted by worker 7\n",
		"logfmt": `time=2024-05-06T07:08:09.123Z level=INFO msg="hello world" user=42 ratio=1.5 ok=true` + "\n",
		"json":   `{"time":"2024-05-06T07:08:09.123456Z","level":"INFO","msg":"hello world","user":42,"ratio":1.5,"ok":true}` + "\n",
	} {
		b.Run(name, func(b *testing.B) {
			text := strings.Repeat(line, lines)
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				err := Read(b.Context(), strings.NewReader(text), testOptions(), func(batch []record.Record) error {
					n += len(batch)
					return nil
				})
				if err != nil || n != lines {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(float64(b.N)*lines/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

// FuzzRead reads bytes in reads of any size: each line is in one record, and the
// records are numbered in order.
func FuzzRead(f *testing.F) {
	f.Add([]byte("2024-05-06T07:08:09Z INFO x\r\n  y\n\n{\n\"a\":1\n}\npanic: x\n\ngoroutine 1 [running]:\n"), uint8(3), false)
	f.Add([]byte("a\nb\x00\xff\n{}\nlevel=info msg=x"), uint8(200), true)
	f.Fuzz(func(t *testing.T, data []byte, size uint8, noJoin bool) {
		opts := testOptions()
		opts.NoJoin, opts.Counts = noJoin, &Counts{}
		records := 0
		err := Read(t.Context(), &someBytes{data, int(size) + 1}, opts, func(batch []record.Record) error {
			for i := range batch {
				records++
				if batch[i].SourceID == "test" && batch[i].Seq != uint64(records) {
					t.Errorf("record %d has number %d", records, batch[i].Seq)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(data, []byte("\n"))
		if len(data) > 0 && data[len(data)-1] != '\n' {
			lines++
		}
		c := opts.Counts
		if c.Lines.Load() != uint64(lines) || c.Bytes.Load() != uint64(len(data)) || c.Records.Load() != uint64(records) || records+int(c.Joined.Load()) != lines {
			t.Errorf("%d lines became %d records: counted %d bytes, %d lines, %d records, %d joined", lines, records, c.Bytes.Load(), c.Lines.Load(), c.Records.Load(), c.Joined.Load())
		}
	})
}

// someBytes gives its data in reads of size bytes.
type someBytes struct {
	data []byte
	size int
}

func (s *someBytes) Read(p []byte) (int, error) {
	if len(s.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.data[:min(s.size, len(s.data))])
	s.data = s.data[n:]
	return n, nil
}
