package behaviour_test

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/ship"
	"github.com/weirlog/weir/sink/writer"
	"github.com/weirlog/weir/weirtest"
)

// The tests of the log-collector's clients by their names; those about contexts are in
// weirhttp.

// TestLASPython_enqueue: a call takes less than a millisecond, and more than 5,000 a second
// go in, while the server answers nothing. LAS JS: 1,000 calls in less than a second.
func TestLASPython_enqueue(t *testing.T) {
	server := newLogServer(t)
	answer := make(chan struct{})
	server.waiting = answer
	sink := server.client(ship.Options{})
	log := weir.New("app", weir.WithSink(sink), weir.WithErrorOutput(io.Discard))
	const calls = 10_000
	begin := time.Now()
	for i := range calls {
		log.Info("Performance test", "i", i)
	}
	if took := time.Since(begin); took > calls*time.Second/5000 {
		t.Errorf("%d calls took %v", calls, took)
	}
	close(answer)
	mustDo(t, log.Flush(t.Context()))
	mustDo(t, sink.Flush(t.Context()))
	if n := len(server.all()); n != calls {
		t.Errorf("%d of %d records arrived", n, calls)
	}
	mustDo(t, log.Close())
	if s := balance(t, log); s.Written != calls {
		t.Errorf("%d written, dropped %+v", s.Written, s.Dropped)
	}
}

// TestLASPython_function_name: of the calling test, of a function in it, absent when
// disabled, and a name given by hand wins.
func TestLASPython_function_name(t *testing.T) {
	log, c := weirtest.New(t)
	log.Info("calling test")
	inner := func() { log.Info("inner function") }
	inner()
	log.WithSource(false).Info("disabled")
	log.Info("manual override", "function_name", "custom_function", "file_path", "/custom/path.py")
	for i, want := range []string{"TestLASPython_function_name", "TestLASPython_function_name.func1", "", "custom_function"} {
		r := c.Records()[i]
		if got := value(r, "function_name"); got != want && !strings.HasSuffix(got, "behaviour_test."+want) || got == "" && want != "" {
			t.Errorf("%s: %s, want %s", r.Message, got, want)
		}
	}
	if r := c.Records(); value(r[2], "file_path") != "" || value(r[2], "line_number") != "" || value(r[3], "file_path") != "/custom/path.py" {
		t.Errorf("file paths %s and %s", value(r[2], "file_path"), value(r[3], "file_path"))
	}
}

func TestLASPython_six_level_methods(t *testing.T) {
	log, c := weirtest.New(t)
	log.Trace("Trace message")
	log.Debug("Debug message")
	log.Info("Info message")
	log.Warn("Warn message")
	log.Error("Error message")
	log.Critical("Fatal message")
	log.Log(t.Context(), weir.LevelInfo, "Manual log")
	mustLog(t, c, "TRACE Trace message", "DEBUG Debug message", "INFO Info message", "WARN Warn message", "ERROR Error message", "FATAL Fatal message", "INFO Manual log")
}

// TestLASPython_integration: the tests that need a server, with one that answers as the
// collector's does.
func TestLASPython_integration(t *testing.T) {
	t.Run("basic logging", func(t *testing.T) {
		server := newLogServer(t)
		log := weir.New("app", weir.WithSink(server.client(ship.Options{FlushInterval: time.Millisecond})))
		for i := range 5 {
			log.Info(fmt.Sprint("Test log ", i), "test_id", "basic")
		}
		mustDo(t, log.Close())
		all := server.all()
		if len(all) != 5 || all[4]["message"] != "Test log 4" || all[4]["metadata"].(map[string]any)["test_id"] != "basic" {
			t.Errorf("the server has %v", all)
		}
	})
	t.Run("batch size 10", func(t *testing.T) {
		server := newLogServer(t)
		log := weir.New("app", weir.WithSink(server.client(ship.Options{BatchRecords: 10, FlushInterval: time.Hour})))
		for range 25 {
			log.Info("m")
		}
		if a, b := server.batch(), server.batch(); a != 10 || b != 10 {
			t.Errorf("batches of %d and %d", a, b)
		}
		mustDo(t, log.Close())
		if n := server.batch(); n != 5 {
			t.Errorf("the last batch has %d", n)
		}
	})
	t.Run("flush interval", func(t *testing.T) {
		server := newLogServer(t)
		log := weir.New("app", weir.WithSink(server.client(ship.Options{FlushInterval: 20 * time.Millisecond})))
		defer log.Close()
		for range 3 {
			log.Info("m")
		}
		for n := 0; n < 3; {
			n += server.batch() // without a full batch and without a flush
		}
	})
	t.Run("manual flush", func(t *testing.T) {
		server := newLogServer(t)
		sink := server.client(ship.Options{FlushInterval: time.Minute})
		log := weir.New("app", weir.WithSink(sink))
		defer log.Close()
		log.Info("important")
		mustDo(t, log.Flush(t.Context()))
		mustDo(t, sink.Flush(t.Context()))
		if len(server.all()) != 1 {
			t.Error("the record is not there after the flush")
		}
	})
	t.Run("error level", func(t *testing.T) {
		server := newLogServer(t)
		log := weir.New("app", weir.WithSink(server.client(ship.Options{})))
		log.Error("Test error")
		log.Critical("Test fatal")
		mustDo(t, log.Close())
		if all := server.all(); len(all) != 2 || all[0]["level"] != "ERROR" || all[1]["level"] != "FATAL" {
			t.Errorf("the server has %v", all)
		}
	})
}

// TestLASPython_memory: 10,000 records that wait for a sink that hangs cost less than 20 MB.
func TestLASPython_memory(t *testing.T) {
	hung, release := hungPipe()
	log := weir.New("app", weir.WithSink(writer.New(hung, nil, writer.WithClose())), weir.WithErrorOutput(io.Discard))
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 10_000 {
		log.Info("Memory test", "i", i, "data", "some data that is in most records")
	}
	if after := heap(); after > before+20<<20 {
		t.Errorf("%d MB", (after-before)>>20)
	}
	release()
	mustDo(t, log.Close())
	balance(t, log)
}
