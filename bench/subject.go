package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/phuslu/log"
	"github.com/rs/zerolog"
	"github.com/weirlog/weir"
	"github.com/weirlog/weir/sink/jsonl"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// subject is one way of logging.
type subject struct {
	name string
	open func(w io.Writer, source bool) instance
}

// instance is a subject at work. All log the same message and attributes; disabled
// logs three attributes below the level.
type instance struct {
	message, three, ten, disabled func(i int)

	settle  func()        // waits until the writer has been given everything
	dropped func() uint64 // records, as far as the library counts them
	close   func()
}

// The work.
const (
	message = "request handled ok"
	path    = "/api/v1/users/42"
	method  = "GET"
	id      = "0f8fad5b-d9cb-469f-a165-70867728950e"
)

var errReset = errors.New("connection reset by peer")

func number(i int) float64 { return float64(i%100_000) * 0.37 }

func nothing() {}

func none() uint64 { return 0 }

// subjects returns what is compared; the first is the one that ratios refer to.
// Weir drops nothing here: Block holds the call up instead, as the others do.
func subjects() []subject {
	return []subject{
		{"weir", openWeir},
		{"weir behind slog", func(w io.Writer, source bool) instance {
			l := newWeir(w, source)
			return slogInstance(l.Slog(), func() { _ = l.Flush(context.Background()) }, func() uint64 { return l.Stats().Dropped.Total() }, func() { _ = l.Close() })
		}},
		{"slog", func(w io.Writer, source bool) instance {
			l := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{AddSource: source}))
			return slogInstance(l, nothing, none, nothing)
		}},
		{"zap", openZap},
		{"zerolog", openZerolog},
		{"phuslu", func(w io.Writer, source bool) instance {
			return phusluInstance(&log.IOWriter{Writer: w}, source, nothing, nothing)
		}},
		{"phuslu async", openPhusluAsync},
	}
}

func newWeir(w io.Writer, source bool) *weir.Logger {
	opts := []weir.Option{weir.WithSink(jsonl.New(w)), weir.WithOverflow(weir.Block), weir.WithBlockTimeout(time.Minute)}
	if !source {
		opts = append(opts, weir.WithoutSource())
	}
	return weir.New("bench", opts...)
}

func openWeir(w io.Writer, source bool) instance {
	l, ctx := newWeir(w, source), context.Background()
	return instance{
		message: func(int) { l.LogAttrs(ctx, slog.LevelInfo, message) },
		three: func(i int) {
			l.LogAttrs(ctx, slog.LevelInfo, message, slog.String("path", path), slog.Int("n", i), slog.Float64("ms", number(i)))
		},
		ten: func(i int) {
			l.LogAttrs(ctx, slog.LevelInfo, message, slog.String("method", method), slog.String("path", path), slog.String("id", id),
				slog.Int("status", 200), slog.Int("bytes", i), slog.Float64("ms", number(i)), slog.Bool("cached", i&1 == 0),
				slog.Duration("took", time.Duration(i)), slog.Int("n", i), slog.Any("err", errReset))
		},
		disabled: func(i int) {
			l.LogAttrs(ctx, slog.LevelDebug, message, slog.String("path", path), slog.Int("n", i), slog.Float64("ms", number(i)))
		},
		settle:  func() { _ = l.Flush(ctx) },
		dropped: func() uint64 { return l.Stats().Dropped.Total() },
		close:   func() { _ = l.Close() },
	}
}

func slogInstance(l *slog.Logger, settle func(), dropped func() uint64, stop func()) instance {
	ctx := context.Background()
	return instance{
		message: func(int) { l.LogAttrs(ctx, slog.LevelInfo, message) },
		three: func(i int) {
			l.LogAttrs(ctx, slog.LevelInfo, message, slog.String("path", path), slog.Int("n", i), slog.Float64("ms", number(i)))
		},
		ten: func(i int) {
			l.LogAttrs(ctx, slog.LevelInfo, message, slog.String("method", method), slog.String("path", path), slog.String("id", id),
				slog.Int("status", 200), slog.Int("bytes", i), slog.Float64("ms", number(i)), slog.Bool("cached", i&1 == 0),
				slog.Duration("took", time.Duration(i)), slog.Int("n", i), slog.Any("err", errReset))
		},
		disabled: func(i int) {
			l.LogAttrs(ctx, slog.LevelDebug, message, slog.String("path", path), slog.Int("n", i), slog.Float64("ms", number(i)))
		},
		settle: settle, dropped: dropped, close: stop,
	}
}

func openZap(w io.Writer, source bool) instance {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	var opts []zap.Option
	if source {
		opts = append(opts, zap.AddCaller())
	}
	l := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), zapcore.Lock(zapcore.AddSync(w)), zap.InfoLevel), opts...)
	return instance{
		message: func(int) { l.Info(message) },
		three: func(i int) {
			l.Info(message, zap.String("path", path), zap.Int("n", i), zap.Float64("ms", number(i)))
		},
		ten: func(i int) {
			l.Info(message, zap.String("method", method), zap.String("path", path), zap.String("id", id),
				zap.Int("status", 200), zap.Int("bytes", i), zap.Float64("ms", number(i)), zap.Bool("cached", i&1 == 0),
				zap.Duration("took", time.Duration(i)), zap.Int("n", i), zap.NamedError("err", errReset))
		},
		disabled: func(i int) {
			l.Debug(message, zap.String("path", path), zap.Int("n", i), zap.Float64("ms", number(i)))
		},
		settle: nothing, dropped: none, close: nothing,
	}
}

func openZerolog(w io.Writer, source bool) instance {
	context := zerolog.New(w).Level(zerolog.InfoLevel).With().Timestamp()
	if source {
		context = context.Caller()
	}
	l := context.Logger()
	return instance{
		message: func(int) { l.Info().Msg(message) },
		three: func(i int) {
			l.Info().Str("path", path).Int("n", i).Float64("ms", number(i)).Msg(message)
		},
		ten: func(i int) {
			l.Info().Str("method", method).Str("path", path).Str("id", id).
				Int("status", 200).Int("bytes", i).Float64("ms", number(i)).Bool("cached", i&1 == 0).
				Dur("took", time.Duration(i)).Int("n", i).AnErr("err", errReset).Msg(message)
		},
		disabled: func(i int) {
			l.Debug().Str("path", path).Int("n", i).Float64("ms", number(i)).Msg(message)
		},
		settle: nothing, dropped: none, close: nothing,
	}
}

func openPhusluAsync(w io.Writer, source bool) instance {
	// A channel as large as Weir's queue in records; it waits when it is full.
	a := &log.AsyncWriter{ChannelSize: 1 << 17, Writer: &log.IOWriter{Writer: w}}
	return phusluInstance(a, source, nothing, func() { _ = a.Close() })
}

func phusluInstance(w log.Writer, source bool, settle, stop func()) instance {
	l := log.Logger{Level: log.InfoLevel, TimeFormat: time.RFC3339Nano, Writer: w}
	if source {
		l.Caller = 1
	}
	return instance{
		message: func(int) { l.Info().Msg(message) },
		three: func(i int) {
			l.Info().Str("path", path).Int("n", i).Float64("ms", number(i)).Msg(message)
		},
		ten: func(i int) {
			l.Info().Str("method", method).Str("path", path).Str("id", id).
				Int("status", 200).Int("bytes", i).Float64("ms", number(i)).Bool("cached", i&1 == 0).
				Dur("took", time.Duration(i)).Int("n", i).AnErr("err", errReset).Msg(message)
		},
		disabled: func(i int) {
			l.Debug().Str("path", path).Int("n", i).Float64("ms", number(i)).Msg(message)
		},
		settle: settle, dropped: none, close: stop,
	}
}
