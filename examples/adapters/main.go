// Command adapters lets code that logs with zap, zerolog, logrus, log or log/slog log
// through Weir, unchanged but for where it writes to.
//
//	go run ./adapters
package main

import (
	"log/slog"
	"os"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/adapter"
	"github.com/weirlog/weir/sink/console"
)

func main() {
	log := weir.New("adapters", weir.WithSink(console.New(os.Stdout, console.Options{})))
	defer log.Close()
	lines := adapter.NewJSONWriter(log, adapter.JSONOptions{})

	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.ISO8601TimeEncoder
	zapLog := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), lines, zapcore.DebugLevel), zap.AddCaller()).Named("zap")
	zapLog.Info("from zap", zap.Int("order", 4711), zap.String("user_id", "u-1"))

	zeroLog := zerolog.New(lines).With().Timestamp().Str("user_id", "u-2").Logger()
	zeroLog.Warn().Int("order", 4712).Msg("from zerolog")

	logrusLog := logrus.New()
	logrusLog.SetOutput(lines)
	logrusLog.SetFormatter(&logrus.JSONFormatter{})
	logrusLog.WithField("order", 4713).Error("from logrus")

	adapter.StdLog(log.Named("std"), slog.LevelInfo).Println("from the standard log")
	log.Slog().Info("from log/slog", "order", 4714)
}
