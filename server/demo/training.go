package demo

import (
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/weirlog/weir/record"
)

// trainingRun is the one long job: epochs with a divider in front, and steps whose
// loss falls.
type trainingRun struct {
	next        time.Time
	epoch, step int
	loss        float64
}

const (
	epochs        = 8
	stepsPerEpoch = 12
	stepPause     = 4 * time.Second
)

func newTrainingRun(f *feed, start time.Time) *trainingRun {
	return &trainingRun{next: start.Add(time.Duration(f.rng.IntN(2000)) * time.Millisecond), epoch: 1, loss: 4.2}
}

// advance makes the step that is due next.
func (run *trainingRun) advance(f *feed) {
	at := run.next
	run.next = at.Add(stepPause + time.Duration(f.rng.IntN(800))*time.Millisecond)
	run.one(f, at)
}

func (run *trainingRun) one(f *feed, at time.Time) {
	trainer := f.cast.trainer
	tag := slog.String("tag", "training")
	if run.step == 0 {
		f.divider(at, trainer, fmt.Sprintf("epoch %d of %d", run.epoch, epochs), tag)
	}
	run.step++
	run.loss = run.loss*0.985 + 0.02*f.rng.NormFloat64()
	progress := float64((run.epoch-1)*stepsPerEpoch+run.step) / (epochs * stepsPerEpoch)
	f.log(at.Add(time.Millisecond), trainer, record.SeverityInfo,
		fmt.Sprintf("step %d/%d loss=%.4f", run.step, stepsPerEpoch, run.loss), tag,
		slog.Int("epoch", run.epoch), slog.Int("step", run.step), slog.Float64("loss", math.Round(run.loss*1e6)/1e6), slog.Float64("progress", progress),
		slog.Group("gpu", slog.Float64("utilization", 0.9+f.rng.Float64()*0.1), slog.Int("memory_mb", 21_000+f.rng.IntN(900)), slog.Int("temperature_c", 68+f.rng.IntN(14))))
	if f.chance(60) {
		f.log(at.Add(2*time.Millisecond), trainer, record.SeverityWarn, "gradient norm is not finite, step skipped", tag, slog.Float64("grad_norm", math.NaN()))
	}
	if run.step < stepsPerEpoch {
		return
	}
	f.log(at.Add(3*time.Millisecond), trainer, record.SeverityInfo, fmt.Sprintf("checkpoint written: ranking-e%02d.pt", run.epoch), tag, slog.Int64("bytes", 412_318_208))
	run.step = 0
	if run.epoch++; run.epoch > epochs {
		f.log(at.Add(4*time.Millisecond), trainer, record.SeverityInfo, "training done", tag, slog.Float64("loss", run.loss))
		*run = trainingRun{next: run.next, epoch: 1, loss: 4.2}
	}
}
