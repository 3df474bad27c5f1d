package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/weirlog/weir"
	"github.com/weirlog/weir/adapter"
	"github.com/weirlog/weir/record"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

var _ zapcore.WriteSyncer = (*adapter.JSONWriter)(nil)

// capture keeps what it is given.
type capture struct {
	mu      sync.Mutex
	records []record.Record
}

func (c *capture) WriteBatch(_ context.Context, batch []record.Record) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range batch {
		c.records = append(c.records, batch[i].Clone())
	}
	return nil
}

func (c *capture) Close() error { return nil }

// through returns the records that come of what use writes.
func through(t *testing.T, use func(w *adapter.JSONWriter)) []record.Record {
	t.Helper()
	var c capture
	l := weir.New("app", weir.WithSink(&c), weir.WithLevel(weir.LevelTrace), weir.WithErrorOutput(io.Discard))
	use(adapter.NewJSONWriter(l, adapter.JSONOptions{}))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return c.records
}

// shown is a record's JSON without what differs from run to run, after a check that
// its time is that of the call.
func shown(t *testing.T, r record.Record) string {
	t.Helper()
	if age := time.Since(r.Time); age < -time.Second || age > time.Minute {
		t.Errorf("the time is %v off", age)
	}
	r.Time, r.Seq, r.SourceID, r.Resource = time.Time{}, 0, "", nil
	for i, a := range r.Attrs {
		if a.Key == "stack_trace" {
			if !strings.Contains(a.Value.String(), "TestZap") {
				t.Errorf("stack: %s", a.Value)
			}
			r.Attrs = append(r.Attrs[:i:i], r.Attrs[i+1:]...)
			break
		}
	}
	return string(record.AppendJSON(nil, &r))
}

func compare(t *testing.T, records []record.Record, want []string) {
	t.Helper()
	_, file, _, _ := runtime.Caller(1)
	if len(records) != len(want) {
		t.Fatalf("%d records, want %d", len(records), len(want))
	}
	for i := range want {
		w := strings.NewReplacer("$FILE", file, "$SHORT", "bench/"+filepath.Base(file)).Replace(want[i])
		got := shown(t, records[i])
		if before, after, ok := strings.Cut(w, "$LINE"); !ok && got != w || ok && (!strings.HasPrefix(got, before) || !strings.HasSuffix(got, after)) {
			t.Errorf("got\n%s\nwant\n%s", got, w)
		}
	}
}

// TestZapThroughTheAdapter: what zap's own encoders write arrives as records.
func TestZapThroughTheAdapter(t *testing.T) {
	seconds := zap.NewProductionEncoderConfig()
	iso := zap.NewProductionEncoderConfig()
	iso.EncodeTime, iso.EncodeLevel, iso.EncodeCaller = zapcore.ISO8601TimeEncoder, zapcore.CapitalLevelEncoder, zapcore.FullCallerEncoder
	for name, c := range map[string]struct {
		config zapcore.EncoderConfig
		file   string
	}{"production": {seconds, "$SHORT"}, "ISO 8601": {iso, "$FILE"}} {
		t.Run(name, func(t *testing.T) {
			records := through(t, func(w *adapter.JSONWriter) {
				l := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(c.config), w, zap.DebugLevel), zap.AddCaller(), zap.AddStacktrace(zap.ErrorLevel))
				l.Info("hello", zap.Int("n", 1), zap.Duration("took", 1500*time.Millisecond), zap.Any("user", map[string]any{"plan": "pro"}))
				l.Named("db").Debug("query", zap.Strings("tables", []string{"a", "b"}))
				l.With(zap.String("trace_id", "4bf9")).Error("failed", zap.Error(errors.New("boom")))
				l.DPanic("nearly")
				if err := l.Sync(); err != nil {
					t.Error(err)
				}
			})
			compare(t, records, []string{
				`{"level":"INFO","message":"hello","file_path":"` + c.file + `","metadata":{"n":1,"took":1.5,"user":{"plan":"pro"}},"logger":"app","line_number":$LINE}`,
				`{"level":"DEBUG","message":"query","file_path":"` + c.file + `","metadata":{"tables":["a","b"]},"logger":"app.db","line_number":$LINE}`,
				`{"level":"ERROR","message":"failed","trace_id":"4bf9","file_path":"` + c.file + `","metadata":{"error":"boom"},"logger":"app","line_number":$LINE}`,
				`{"level":"FATAL","message":"nearly","file_path":"` + c.file + `","metadata":{"level_text":"$LINE"},"logger":"app","line_number":` + line(records, 3) + `}`,
			})
		})
	}
}

// line returns the line that the n-th record names.
func line(records []record.Record, n int) string {
	if n >= len(records) {
		return ""
	}
	v, _ := records[n].Lookup("line_number")
	return record.ValueText(v)
}

// TestZerologThroughTheAdapter: what zerolog writes arrives as records.
func TestZerologThroughTheAdapter(t *testing.T) {
	records := through(t, func(w *adapter.JSONWriter) {
		l := zerolog.New(w).With().Timestamp().Caller().Logger()
		l.Info().Str("s", "x").Int("n", 1).Dict("user", zerolog.Dict().Str("plan", "pro")).Msg("hello")
		l.Trace().Float64("half", 0.5).Send()
		l.Err(errors.New("boom")).Msg("failed")
		l.WithLevel(zerolog.FatalLevel).Bool("ok", false).Msg("nearly")
		l.Log().Msg("no level")
	})
	compare(t, records, []string{
		`{"level":"INFO","message":"hello","file_path":"$FILE","metadata":{"s":"x","n":1,"user":{"plan":"pro"}},"logger":"app","line_number":$LINE}`,
		`{"level":"TRACE","message":"","file_path":"$FILE","metadata":{"half":0.5},"logger":"app","line_number":$LINE}`,
		`{"level":"ERROR","message":"failed","file_path":"$FILE","metadata":{"error":"boom"},"logger":"app","line_number":$LINE}`,
		`{"level":"FATAL","message":"nearly","file_path":"$FILE","metadata":{"ok":false},"logger":"app","line_number":$LINE}`,
		`{"level":"INFO","message":"no level","file_path":"$FILE","logger":"app","line_number":$LINE}`,
	})
}
