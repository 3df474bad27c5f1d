package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/weirlog/weir"
	filesink "github.com/weirlog/weir/sink/file"
	"github.com/weirlog/weir/sink/jsonl"
)

func newWeir(sink weir.Sink, source bool) *weir.Logger {
	opts := []weir.Option{weir.WithSink(sink), weir.WithOverflow(weir.Block), weir.WithBlockTimeout(time.Minute), weir.WithCloseTimeout(time.Minute)}
	if !source {
		opts = append(opts, weir.WithoutSource())
	}
	return weir.New("bench", opts...)
}

// openWeir is Weir's own logger.
func openWeir(f *file, source bool) instance { return weirInstance(newWeir(jsonl.New(f), source)) }

// openWeirFile is the same with the sink that rotates, without a limit.
func openWeirFile(f *file, source bool) instance {
	sink, err := filesink.New(f.path, filesink.Options{})
	if err != nil {
		panic(fmt.Sprintf("open Weir's file sink: %v", err)) // the directory was made for it
	}
	return weirInstance(newWeir(sink, source))
}

// openWeirBehindSlog is Weir's handler behind a *slog.Logger.
func openWeirBehindSlog(f *file, source bool) instance {
	l := newWeir(jsonl.New(f), source)
	return withLedger(slogInstance(l.Slog()), l)
}

func weirInstance(l *weir.Logger) instance {
	ctx := context.Background()
	return withLedger(instance{
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
	}, l)
}

func withLedger(in instance, l *weir.Logger) instance {
	in.settle = func() { _ = l.Flush(context.Background()) } // what did not arrive is missing in the file
	in.dropped = func() uint64 { return l.Stats().Dropped.Total() }
	in.atCall = func() uint64 { return l.Stats().EncodedAtCall }
	in.close = func() { _ = l.Close() }
	return in
}
