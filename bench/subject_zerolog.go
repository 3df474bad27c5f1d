package main

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/diode"
)

func openZerolog(f *file, source bool) instance { return zerologInstance(f, source) }

// channelRecords is the size of queues that are counted in records: about what Weir's
// default holds in bytes.
const channelRecords = 1 << 17

// openZerologDiode drops what its ring has no room for. It polls as its documentation
// has it.
func openZerologDiode(f *file, source bool) instance {
	var missed atomic.Uint64
	ring := diode.NewWriter(onlyWriter{f}, channelRecords, 10*time.Millisecond, func(n int) { missed.Add(uint64(n)) })
	in := zerologInstance(ring, source)
	in.dropped = missed.Load
	in.close = func() { _ = ring.Close() }
	return in
}

func zerologInstance(w io.Writer, source bool) instance {
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
