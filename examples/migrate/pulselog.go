package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weirlog/weir"
)

// fromPulselog: Logger("my-app") is weir.New("my-app", dashboard.Auto()), as main has it
// but for the page. What pulselog drops without a word Weir counts: log.Stats().
func fromPulselog(ctx context.Context, log *weir.Logger) []step {
	return []step{
		{`log.info("training started", epoch=1)`, func() { log.Info("training started", "epoch", 1) }},
		{`log.warning("learning rate too high", lr=0.1)`, func() { log.Warn("learning rate too high", "lr", 0.1) }},
		{`log.critical("out of memory")`, func() { log.Critical("out of memory") }}, // a level, never an exit
		{`log.exception("prediction failed", input_shape=str(x.shape))`, func() {
			log.Err(ctx, errors.New("the shapes do not match"), "prediction failed", "input_shape", "(32, 3)")
		}},
		{`log.info_fast("step done")`, func() { log.InfoFast("step done") }},
		{`log.save("epoch-1", {"acc": 0.91, "loss": 0.23}, status="DONE", progress=33)`, func() {
			err := log.Save(ctx, weir.Checkpoint{
				Name: "epoch-1", Status: weir.StatusDone, Progress: 33, Data: map[string]float64{"acc": 0.91, "loss": 0.23},
			})
			if err != nil {
				log.Err(ctx, err, "the checkpoint was not saved")
			}
		}},
		{`log.load("epoch-1")  # never raises`, func() {
			var data map[string]float64
			if err := log.Load("epoch-1").Decode(&data); err != nil {
				log.Err(ctx, err, "there is no checkpoint")
			}
			log.Info("loaded", "acc", data["acc"])
		}},
		{`log.checkpoints()`, func() { log.Info("checkpoints", "saved", len(log.Checkpoints())) }},
		{`with log.context(tag="validation"): log.info("val loss", loss=0.41)`, func() {
			validation := weir.Tag(ctx, "validation") // ctx itself keeps its tag
			log.InfoContext(validation, "val loss", "loss", 0.41)
		}},
		{`log.tag("training")`, func() { log.Tagged("training").Info("tagged for good") }},
		{`log.divider("epoch boundary")`, func() { log.Divider("epoch boundary") }},
		{`log.flush(timeout=2.0)`, func() {
			limited, cancel := context.WithTimeout(ctx, 2*time.Second)
			defer cancel()
			if err := log.Flush(limited); err != nil {
				log.Err(ctx, err, "flush timed out")
			}
		}},
		{`stats = log.stats()`, func() {
			s := log.Stats()
			fmt.Printf("emitted %d, written %d, dropped %d\n", s.Emitted, s.Written, s.Dropped.Total())
		}},
		{`PulseHandler("my-app")  # for the standard logging`, func() { log.Slog().Info("through log/slog") }},
	}
}
