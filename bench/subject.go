package main

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// subject is one way of logging.
type subject struct {
	name string
	open func(f *file, source bool) instance

	floor  bool // writes nothing: what a call through slog costs at least
	opens  bool // opens the file at its path itself, so that the file cannot be made to stall
	drops  bool // drops records when it is behind, rather than wait
	weir   bool // has a ledger
	second bool // is in the sustained comparison only
}

// instance is a subject at work. All log the same message and attributes; disabled
// logs three attributes below the level.
type instance struct {
	message, three, ten, disabled func(i int)

	settle  func()        // hands the file everything, as far as the library can
	dropped func() uint64 // records, as far as the library counts them
	atCall  func() uint64 // records that their calls have encoded; nil where there is no such thing
	close   func()        // returns when the file has everything
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
// Nothing is dropped, but by the one that is made to: Weir's Block holds the call up
// instead, as the others do.
func subjects() []subject {
	return []subject{
		{name: nameWeir, open: openWeir, weir: true},
		{name: nameBehindSlog, open: openWeirBehindSlog, weir: true},
		{name: "weir, sink/file", open: openWeirFile, weir: true, opens: true, second: true},
		{name: nameFloor, open: openFloor, floor: true},
		{name: nameSlog, open: openSlog},
		{name: nameZap, open: openZap},
		{name: "zap, buffered", open: openZapBuffered},
		{name: nameZerolog, open: openZerolog},
		{name: "zerolog, diode", open: openZerologDiode, drops: true},
		{name: namePhuslu, open: openPhuslu},
		{name: nameAsync, open: openPhusluAsync},
		{name: nameAsyncFile, open: openPhusluAsyncFile, opens: true},
	}
}

// The names that requirements refer to.
const (
	nameWeir       = "weir"
	nameBehindSlog = "weir behind slog"
	nameFloor      = "slog, no-op handler"
	nameSlog       = "slog"
	nameZap        = "zap"
	nameZerolog    = "zerolog"
	namePhuslu     = "phuslu"
	nameAsync      = "phuslu async"
	nameAsyncFile  = "phuslu async, FileWriter"
)

// subjectsThat returns the subjects that fit, in their order.
func subjectsThat(fit func(*subject) bool) (out []subject) {
	for _, s := range subjects() {
		if fit(&s) {
			out = append(out, s)
		}
	}
	return out
}

// slogInstance is the work for a *slog.Logger.
func slogInstance(l *slog.Logger) instance {
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
		settle: nothing, dropped: none, close: nothing,
	}
}
