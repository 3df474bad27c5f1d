package main

import (
	"time"

	"github.com/phuslu/log"
)

func openPhuslu(f *file, source bool) instance {
	return phusluInstance(&log.IOWriter{Writer: f}, source, nothing)
}

// openPhusluAsync has a channel as large as Weir's queue in records; it waits when it is
// full.
func openPhusluAsync(f *file, source bool) instance {
	a := &log.AsyncWriter{ChannelSize: channelRecords, Writer: &log.IOWriter{Writer: f}}
	return phusluInstance(a, source, func() { _ = a.Close() })
}

// openPhusluAsyncFile is what its authors recommend: it writes many records with one
// system call. The size of the channel is theirs; files are not rotated, as nobody's
// are here.
func openPhusluAsyncFile(f *file, source bool) instance {
	a := &log.AsyncWriter{ChannelSize: 4096, Writer: &log.FileWriter{Filename: f.path}}
	return phusluInstance(a, source, func() { _ = a.Close() })
}

func phusluInstance(w log.Writer, source bool, stop func()) instance {
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
		settle: nothing, dropped: none, close: stop,
	}
}
