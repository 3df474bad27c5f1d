package pipe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
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
		{"a\r", []string{"a"}},
		{"\xef\xbb\xbfa\n\xef\xbb\xbfb", []string{"a", "\ufeffb"}},
		{"\xff\x00\n", []string{"\xff\x00"}},
	} {
		for _, reader := range []io.Reader{strings.NewReader(c.in), oneByte{strings.NewReader(c.in)}} {
			var got []string
			err := Read(t.Context(), reader, testOptions(), func(batch []record.Record) error {
				got = append(got, messages(batch)...)
				return nil
			})
			if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) || len(got) != len(c.want) {
				t.Errorf("%q: %q, %v; want %q", c.in, got, err, c.want)
			}
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

// TestSlowStream: while more keeps coming a batch waits for MaxDelay at most.
func TestSlowStream(t *testing.T) {
	now := time.Unix(0, 0)
	opts := testOptions()
	opts.Clock = func() time.Time { now = now.Add(20 * time.Millisecond); return now }
	b := &batcher{opts: opts.withDefaults(), parser: NewParser(opts), lines: lines{max: 100}}
	handed := 0
	b.accept = func(batch []record.Record) error { handed = len(batch); return nil }
	for n := 1; handed == 0; n++ {
		if n > 5 {
			t.Fatal("the batch waits for ever")
		}
		if err := b.take([]byte("x\n")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLongLine(t *testing.T) {
	opts := testOptions()
	opts.MaxLine = 1000
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

func FuzzRead(f *testing.F) {
	for _, file := range samples(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 40)
	}
	f.Add([]byte("2024-05-06T07:08:09Z INFO x\r\n\x1b[31m[E]\x1b[0m\n"), 8)
	f.Add([]byte("Dec 10 06:55:46 h p[1]: m\n[Sun Dec 04 04:47:44 2005] [a:error] [pid 1] x"), 1000)
	f.Add([]byte("level=info msg=\"\\u00ff\" a=1 a=2\n{\"msg\":1}\n"), 1000)
	f.Fuzz(func(t *testing.T, data []byte, maxLine int) {
		opts := testOptions()
		opts.MaxLine = max(8, maxLine%2000)
		records := readAll(t, data, opts)
		whole := 0
		for i := range records {
			if len(records[i].Attrs) == 0 || !isLaterPart(&records[i]) {
				whole++
			}
		}
		lines := bytes.Count(data, []byte("\n"))
		if len(data) > 0 && data[len(data)-1] != '\n' {
			lines++
		}
		if whole != lines {
			t.Errorf("%d records of %d lines", whole, lines)
		}
	})
}

func isLaterPart(r *record.Record) bool {
	for _, a := range r.Attrs {
		if a.Key == "_part" && a.Value.String() != "1" {
			return true
		}
	}
	return false
}

func BenchmarkParse(b *testing.B) {
	for name, line := range map[string]string{
		"plain":   "connection from 10.0.0.1 accepted by worker 7 after 3 retries",
		"iso":     "2024-05-06T07:08:09.123Z INFO connection from 10.0.0.1 accepted by worker 7",
		"hadoop":  "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Created MRAppMaster for application",
		"hdfs":    "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating",
		"syslog":  "Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for root from 192.0.2.7 port 34100 ssh2",
		"apache":  "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok /etc/httpd/conf/extra.properties",
		"logfmt":  `time=2024-05-06T07:08:09.123Z level=INFO msg="hello world" user=42 ratio=1.5 ok=true`,
		"json":    `{"time":"2024-05-06T07:08:09.123456Z","level":"INFO","msg":"hello world","user":42,"ratio":1.5,"ok":true}`,
		"colored": "\x1b[90m2024-05-06T07:08:09Z\x1b[0m \x1b[32mINF\x1b[0m connection accepted \x1b[36mkey=\x1b[0mvalue",
	} {
		b.Run(name, func(b *testing.B) {
			p := NewParser(testOptions())
			text := []byte(line)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := p.Parse(text)
				_ = r
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	line := "2024-05-06T07:08:09.123Z INFO connection from 10.0.0.1 accepted by worker 7\n"
	text := strings.Repeat(line, 100_000)
	for b.Loop() {
		n := 0
		err := Read(b.Context(), strings.NewReader(text), testOptions(), func(batch []record.Record) error {
			n += len(batch)
			return nil
		})
		if err != nil || n != 100_000 {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "lines/s")
}
