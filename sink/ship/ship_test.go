package ship

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirlog/weir/record"
)

// TestBatches: full batches leave at once, packed when they are large, with the sink's own
// numbers; what is in them is the records' JSON.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		sink := offline(t, srv, Options{BatchRecords: 100})
		write(t, sink, 1, 250)
		synctest.Wait()
		wantInOrder(t, srv, 1, 200)
		time.Sleep(DefaultFlushInterval)
		synctest.Wait()
		wantInOrder(t, srv, 1, 250)
		posts := srv.all()
		if len(posts) != 3 {
			t.Fatalf("%d posts", len(posts))
		}
		records := numbered(1, 250)
		for i, p := range posts {
			first, last := i*100+1, min(i*100+100, 250)
			var want []byte
			for j := first; j <= last; j++ {
				want = append(record.AppendJSON(want, &records[j-1]), '\n')
			}
			if p.key != fmt.Sprintf("%s/%d-%d", sink.queue.source, first, last) || !bytes.Equal(p.body, want) || p.path != weirPath ||
				p.contentType != "application/x-ndjson" || (p.encoding == "gzip") != (last-first+1 >= 100) || p.auth != "" {
				t.Errorf("post %d: %+v", i, p)
			}
		}
		if sink.queue.source == records[0].SourceID {
			t.Error("the key is the logger's, whose numbers have gaps here")
		}
		st := sink.Stats()
		if st.Records != 250 || st.Sent != 250 || st.Batches != 3 || st.Queued != 0 || st.QueuedBytes != 0 || st.Retried != 0 || st.RawBytes == 0 || st.SentBytes >= st.RawBytes {
			t.Errorf("%+v", st)
		}
	})
}

// TestLines: lines that are encoded already are the same as records.
func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		sink := offline(t, srv, Options{BatchRecords: 10})
		records := numbered(1, 25)
		var lines []byte
		for i := range records {
			lines = append(record.AppendJSON(lines, &records[i]), '\n')
		}
		if err := sink.WriteLines(t.Context(), lines, len(records)); err != nil {
			t.Fatal(err)
		}
		clear(lines) // they are the logger's
		mustClose(t, sink)
		wantInOrder(t, srv, 1, 25)
		if n := len(srv.all()); n != 3 {
			t.Errorf("%d posts", n)
		}
	})
}

// TestRecordsAreCopied: the logger uses its slices again.
func TestRecordsAreCopied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		sink := offline(t, srv, Options{})
		batch := numbered(1, 3)
		if err := sink.WriteBatch(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			clear(batch[i].Attrs)
			batch[i] = record.Record{Message: "changed"}
		}
		mustClose(t, sink)
		wantInOrder(t, srv, 1, 3)
		if body := string(srv.all()[0].body); strings.Count(body, `"user_id":"u-1"`) != 3 {
			t.Error(body)
		}
	})
}

func TestFlushInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		sink := offline(t, srv, Options{FlushInterval: 3 * time.Second})
		began := time.Now()
		write(t, sink, 1, 2)
		time.Sleep(time.Second)
		write(t, sink, 3, 2)
		synctest.Wait()
		if len(srv.all()) != 0 {
			t.Error("sent too early")
		}
		time.Sleep(10 * time.Second)
		wantInOrder(t, srv, 1, 4)
		if at := srv.all()[0].at.Sub(began); at != 3*time.Second {
			t.Errorf("sent after %s", at)
		}
	})
}

func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		sink := offline(t, srv, Options{FlushInterval: time.Hour, BatchRecords: 10})
		if err := sink.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		began := time.Now()
		srv.next(nil, status(503, "Retry-After", "7"))
		write(t, sink, 1, 25)
		mustFlush(t, sink)
		wantInOrder(t, srv, 1, 25)
		if took := time.Since(began); took != 7*time.Second {
			t.Errorf("flushed after %s", took)
		}
		srv.breakWith(errors.New("away"))
		write(t, sink, 26, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := sink.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		srv.breakWith(nil)
		mustFlush(t, sink)
		wantInOrder(t, srv, 1, 26)
	})
}

// TestQueueFull: without a spool the oldest records are dropped while the server is
// away, at once and counted, and what is left arrives later.
func TestQueueFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, told := newServer(), &notes{}
		srv.breakWith(errors.New("connection refused"))
		sink := offline(t, srv, Options{BatchRecords: 10, QueueRecords: 100, ErrorOutput: told})
		began := time.Now()
		write(t, sink, 1, 50)
		synctest.Wait()
		write(t, sink, 51, 1000)
		if time.Since(began) != 0 {
			t.Errorf("the logger waited %s for a server that is away", time.Since(began))
		}
		st := sink.Stats()
		if st.Queued > 100 || st.Queued < 90 || st.Dropped[DroppedQueueFull] != uint64(1050-st.Queued) || !st.Away {
			t.Errorf("%+v", st)
		}
		checkSum(t, sink)
		srv.breakWith(nil)
		mustFlush(t, sink)
		got := srv.messages()
		// The first batch was in hand all the while.
		if len(got) != st.Queued || got[9] != "10" || got[len(got)-1] != "1050" || got[10] != fmt.Sprint(1050-(st.Queued-10)+1) {
			t.Errorf("%d arrived: %v … %v", len(got), got[:12], got[len(got)-1])
		}
		for _, want := range []string{"records wait: ", "connection refused", "that memory had no room for (Options.Spool", "works again"} {
			if !strings.Contains(told.String(), want) {
				t.Errorf("people were not told %q:\n%s", want, told)
			}
		}
		if n := strings.Count(told.String(), "\n"); n > 4 {
			t.Errorf("people were told %d lines:\n%s", n, told)
		}
	})
}

// TestBusyServer: a server that is only slow is waited for, for half a second in
// all.
func TestBusyServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.rule = func(seen) reply {
			time.Sleep(100 * time.Millisecond)
			return nil
		}
		sink := offline(t, srv, Options{BatchRecords: 10, QueueRecords: 50, Protocol: ProtocolWeir})
		began := time.Now()
		write(t, sink, 1, 70)
		if took := time.Since(began); took < 100*time.Millisecond || took > roomWait || sink.Stats().Dropped[DroppedQueueFull] != 0 {
			t.Errorf("%s, %+v", took, sink.Stats())
		}
		began = time.Now()
		write(t, sink, 71, 200)
		if took := time.Since(began); took > roomWait+100*time.Millisecond || sink.Stats().Dropped[DroppedQueueFull] == 0 {
			t.Errorf("%s, %+v", took, sink.Stats())
		}
	})
}

func TestQueueIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, told := newServer(), &notes{}
		srv.breakWith(errors.New("away"))
		sink := offline(t, srv, Options{QueueBytes: 10_000, ErrorOutput: told})
		batch := numbered(1, 100)
		batch[50].Message = strings.Repeat("x", 20_000)
		synctest.Wait()
		if err := sink.WriteBatch(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		st := sink.Stats()
		if st.QueuedBytes > 10_000 || st.Dropped[DroppedTooLarge] != 1 || st.Dropped[DroppedQueueFull] == 0 {
			t.Errorf("%+v", st)
		}
		checkSum(t, sink)
	})
}

// TestClose: what is left is sent; what cannot be within the time is counted and told.
func TestClose(t *testing.T) {
	for name, c := range map[string]struct {
		script []reply
		broken error
		lost   bool
		took   time.Duration
	}{
		"at once":             {nil, nil, false, 0},
		"after a refusal":     {[]reply{status(503, "Retry-After", "1")}, nil, false, time.Second},
		"a server that hangs": {[]reply{hang}, nil, true, DefaultCloseTimeout},
		"no server":           {nil, errors.New("connection refused"), true, DefaultCloseTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := newServer()
				srv.next(c.script...)
				srv.breakWith(c.broken)
				sink := offline(t, srv, Options{Protocol: ProtocolWeir})
				write(t, sink, 1, 7)
				began := time.Now()
				err := sink.Close()
				if took := time.Since(began); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
				if c.lost {
					if err == nil || !strings.Contains(err.Error(), "7 records") || sink.Stats().Dropped[DroppedClosed] != 7 {
						t.Errorf("%v, %+v", err, sink.Stats())
					}
				} else if err != nil {
					t.Error(err)
				} else {
					wantInOrder(t, srv, 1, 7)
				}
				if err := sink.WriteBatch(t.Context(), numbered(8, 1)); !errors.Is(err, ErrClosed) {
					t.Errorf("write after close: %v", err)
				}
				if err := sink.Flush(t.Context()); !errors.Is(err, ErrClosed) {
					t.Errorf("flush after close: %v", err)
				}
				if err := sink.Close(); err != nil {
					t.Errorf("second close: %v", err)
				}
			})
		})
	}
}

// TestCloseEndsWithTheLogger: a logger that gives up ends the sending too.
func TestCloseEndsWithTheLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		srv.next(hang)
		sink := offline(t, srv, Options{Protocol: ProtocolWeir})
		ctx, giveUp := context.WithCancel(t.Context())
		if err := sink.WriteBatch(ctx, numbered(1, 7)); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, giveUp)
		began := time.Now()
		if err := sink.Close(); err == nil || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

// TestIdle: a sink with nothing to do sets no timer: the test's clock would stop at it.
func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer()
		sink := offline(t, srv, Options{})
		write(t, sink, 1, 1)
		mustFlush(t, sink)
		began := time.Now()
		time.Sleep(24 * time.Hour)
		if len(srv.all()) != 1 || time.Since(began) != 24*time.Hour {
			t.Errorf("%d requests", len(srv.all()))
		}
	})
}

func TestBadOptions(t *testing.T) {
	for _, c := range []struct {
		server  string
		options Options
		says    string
	}{
		{"", Options{}, "http://127.0.0.1:5678"},
		{"logs.example.com:5678", Options{}, "http://127.0.0.1:5678"},
		{"ftp://logs.example.com", Options{}, "http://127.0.0.1:5678"},
		{"https://", Options{}, "http://127.0.0.1:5678"},
		{"https://me:secret@logs.example.com", Options{}, "Options.Token"},
		{"https://me:secret@logs.example.com\x7f", Options{}, "not understood"},
		{"https://logs.example.com/?token=secret", Options{}, "Options.Token"},
		{"https://logs.example.com", Options{Token: "secret\n"}, "line end"},
		{"https://logs.example.com", Options{Retries: -1}, "Retries"},
		{"https://logs.example.com", Options{Protocol: 9}, "ProtocolAuto"},
		{"https://logs.example.com", Options{Compression: 9}, "CompressionGzip"},
		{"https://logs.example.com", Options{CAFile: "testdata/none.pem"}, "none.pem"},
		{"https://logs.example.com", Options{CAFile: "ship_test.go"}, "PEM"},
		{"https://logs.example.com", Options{Spool: "ship_test.go"}, "Options.Spool"},
	} {
		sink, err := New(c.server, c.options)
		if err == nil {
			_ = sink.Close()
			t.Errorf("%q %+v: no error", c.server, c.options)
			continue
		}
		if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", c.server, err)
		}
	}
}

// flipped is a Compressor for the seam.
type flipped struct{}

func (flipped) Name() string { return "x-flip" }

func (flipped) NewWriter(w io.Writer) (io.WriteCloser, error) { return flipWriter{w}, nil }

type flipWriter struct{ w io.Writer }

func (f flipWriter) Write(p []byte) (int, error) {
	out := make([]byte, len(p))
	for i, b := range p {
		out[i] = ^b
	}
	return f.w.Write(out)
}

func (f flipWriter) Close() error { return nil }

// TestCompressor: another way to pack takes gzip's place, but not for a log-collector.
func TestCompressor(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{Compressor: flipped{}, Protocol: ProtocolWeir}, "x-flip"},
		{Options{Compressor: flipped{}, Protocol: ProtocolCollector}, "gzip"},
		{Options{Compressor: flipped{}, Protocol: ProtocolWeir, Compression: CompressionNone}, ""},
		{Options{Protocol: ProtocolWeir, GzipFrom: 201}, ""},
		{Options{Protocol: ProtocolWeir}, "gzip"},
	} {
		synctest.Test(t, func(t *testing.T) {
			srv := newServer()
			srv.rule = func(got seen) reply {
				return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok","count":200}`) }
			}
			sink := offline(t, srv, c.options)
			write(t, sink, 1, 200)
			mustFlush(t, sink)
			got := srv.all()[0]
			if got.encoding != c.want {
				t.Errorf("%+v: %q", c.options, got.encoding)
			}
			if c.want == "x-flip" && got.body[0] != ^byte('{') {
				t.Error("the body is not what the compressor made")
			}
		})
	}
}
