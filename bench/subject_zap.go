package main

import (
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func openZap(f *file, source bool) instance {
	return zapInstance(zapcore.Lock(zapcore.AddSync(onlyWriter{f})), source)
}

// openZapBuffered collects 256 KiB for a write, as zap does unless told.
func openZapBuffered(f *file, source bool) instance {
	buffered := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(onlyWriter{f})}
	in := zapInstance(buffered, source)
	in.settle = func() { _ = buffered.Sync() } // what did not arrive is missing in the file
	in.close = func() { _ = buffered.Stop() }
	return in
}

// onlyWriter keeps zap from forcing the file to the disk, which the others do not do.
type onlyWriter struct{ io.Writer }

func zapInstance(w zapcore.WriteSyncer, source bool) instance {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	var opts []zap.Option
	if source {
		opts = append(opts, zap.AddCaller())
	}
	l := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), w, zap.InfoLevel), opts...)
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
