package behaviour_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/adapter"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/config/page"
	"github.com/weirlog/weir/dashboard"
	"github.com/weirlog/weir/format"
	"github.com/weirlog/weir/record"
	"github.com/weirlog/weir/sink/writer"
)

// toStdout writes records without what differs between runs.
func toStdout() weir.Sink {
	form, err := format.Text("%(levelname)s %(name)s: %(message)s %(attrs)s", format.TextOptions{})
	if err != nil {
		panic(err)
	}
	return writer.New(os.Stdout, trimmed{form})
}

// trimmed is a form without spaces at the end of its lines, which examples cannot have.
type trimmed struct{ format.Formatter }

func (f trimmed) Append(b []byte, r *record.Record) []byte {
	return append(bytes.TrimRight(f.Formatter.Append(b, r), " \n"), '\n')
}

// temporary is a folder for an example, and what removes it.
func temporary() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "weir-behaviour-")
	if err != nil {
		panic(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }
}

// pulselogLogger is not run: it opens a page.
func pulselogLogger() (log, prod *weir.Logger) {
	log = weir.New("my-app",
		dashboard.Auto(dashboard.Address("127.0.0.1:5678"), dashboard.NoOpen()),
		weir.WithCheckpointDir(".weir/checkpoints"),
		weir.WithLevel(weir.LevelDebug),
		weir.WithMaxRecords(100_000),
		weir.WithOverflow(weir.DropOldest),
	)
	prod = weir.New("prod", weir.WithOverflow(weir.Block))
	return log, prod
}

var _ = pulselogLogger

// The calls of pulselog's document.
func Example_pulselog() {
	dir, remove := temporary()
	defer remove()
	ctx := context.Background()
	err := errors.New("the shapes do not match")
	log := weir.New("my-app", weir.WithSink(toStdout()), weir.WithoutSource(), weir.WithCheckpointDir(dir), weir.WithLevel(weir.LevelDebug))

	log.Debug("msg", "k", 1)
	log.Info("request handled", "user_id", "42", "latency_ms", 12, "status", 200)
	log.Warn("learning rate too high", "lr", 0.1)
	log.Error("msg", "why", "disk")
	log.Critical("out of memory")
	log.WithSource(false).Error("prediction failed", "error", err)
	log.InfoFast("step done")

	training := log.Tagged("training")
	training.Info("epoch", "loss", 0.31)
	validation := weir.Tag(ctx, "validation")
	training.InfoContext(validation, "val loss", "loss", 0.41)
	log.Divider("epoch boundary")

	if err := log.TryLog(ctx, weir.LevelInfo, "step"); errors.Is(err, weir.ErrQueueFull) {
		fmt.Println("the queue is full")
	}
	soon, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := log.Flush(soon); err != nil {
		fmt.Println("not all was written:", err)
	}
	stats := log.Stats()
	fmt.Println(stats.Dropped.Total(), stats.DropRate, stats.QueueRecords, stats.QueueCapacity, stats.QueueFill, stats.CheckpointsSaved, stats.Viewers, stats.Uptime > 0)
	if err := log.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// DEBUG my-app: msg k=1
	// INFO my-app: request handled user_id=42 latency_ms=12 status=200
	// WARNING my-app: learning rate too high lr=0.1
	// ERROR my-app: msg why=disk
	// CRITICAL my-app: out of memory
	// ERROR my-app: prediction failed error="the shapes do not match"
	// INFO my-app: step done
	// INFO my-app: epoch tag=training loss=0.31
	// INFO my-app: val loss tag=validation loss=0.41
	// INFO my-app: epoch boundary
	// INFO my-app: step
	// 0 0 0 0 0 0 0 true
}

// Checkpoints, as pulselog's.
func Example_pulselogCheckpoints() {
	dir, remove := temporary()
	defer remove()
	ctx := context.Background()
	log := weir.New("my-app", weir.WithSink(toStdout()), weir.WithoutSource(), weir.WithCheckpointDir(dir))

	err := log.Save(ctx, weir.Checkpoint{Name: "epoch-5", Data: map[string]float64{"loss": 0.31, "acc": 0.94}, Status: weir.StatusDone, Note: "best so far", Progress: 50})
	if err != nil {
		fmt.Println(err)
	}
	_ = log.Flush(ctx)
	var result map[string]float64
	if c := log.Load("epoch-5"); c != nil {
		err = c.Decode(&result)
	}
	fmt.Println(result["acc"], err)
	for _, c := range log.Checkpoints() {
		fmt.Println(c.Name, c.Status, c.Progress)
	}
	err = log.DeleteCheckpoint("epoch-3")
	fmt.Println(errors.Is(err, weir.ErrNoCheckpoint))
	_ = log.Close()
	// Output:
	// INFO my-app: epoch-5 checkpoint=epoch-5 status=DONE progress=50 note="best so far" data.acc=0.94 data.loss=0.31
	// 0.94 <nil>
	// epoch-5 DONE 50
	// true
}

// What pulselog's PulseHandler forwards.
func Example_pulselogHandler() {
	log := weir.New("my-app", weir.WithSink(toStdout()), weir.WithoutSource())
	slog.New(log.Handler()).Error("with an error", "error", errors.New("boom"))
	std := adapter.StdLog(log, weir.LevelWarn)
	std.Print("of the standard log")
	_ = log.Close()
	// Output:
	// ERROR my-app: with an error error=boom
	// WARNING my-app: of the standard log
}

// Settings of the environment and of a file, where pulselog has PULSELOG_… and
// pulselog.toml.
func Example_pulselogSettings() {
	dir, remove := temporary()
	defer remove()
	file := filepath.Join(dir, "weir.json")
	if err := os.WriteFile(file, []byte(`{"log": {"level": "debug", "dashboard": {"address": "127.0.0.1:0", "open": false}, "console": false}}`), 0o600); err != nil {
		fmt.Println(err)
	}
	settings := config.Options{Sinks: page.Sinks(), File: file, LookupEnv: env("WEIR_LEVEL", "info", "WEIR_DASHBOARD", "false")}
	log, err := config.New("my-app", settings)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("DEBUG is logged:", log.Enabled(context.Background(), weir.LevelDebug))
	_ = log.Close()
	// Output: DEBUG is logged: false
}
