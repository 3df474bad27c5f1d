// Command training trains a small model, with a checkpoint after each epoch, from which
// the next start goes on, and a live row of progress. Interrupt it and start it again.
//
//	go run ./training
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/dashboard"
)

const (
	checkpointName  = "training/line"
	batchesAnEpoch  = 100
	samplesPerBatch = 32
)

// model is y = slope*x + offset, learned by gradient descent; it is what a checkpoint
// keeps.
type model struct {
	Epoch  int     `json:"epoch"`
	Slope  float64 `json:"slope"`
	Offset float64 `json:"offset"`
	Loss   float64 `json:"loss"`
}

func main() {
	epochs := flag.Int("epochs", 5, "how many epochs to train (`number`)")
	step := flag.Duration("step", 10*time.Millisecond, "how long a batch takes at least (`duration`)")
	fresh := flag.Bool("fresh", false, "forget the checkpoint and begin anew")
	flag.Parse()

	// The page opens at http://127.0.0.1:5678; CI=true or WEIR_DASHBOARD=false leaves
	// it out. Checkpoints are in .weir/checkpoints.
	log := weir.New("training", dashboard.Auto())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := train(ctx, log, *epochs, *step, *fresh)
	switch {
	case errors.Is(err, context.Canceled):
		log.Warn("interrupted; start again to go on from the last checkpoint", "at", err)
		err = nil
	case err != nil:
		log.Err(ctx, err, "training failed")
	}
	log.Close()
	if err != nil {
		os.Exit(1)
	}
}

func train(ctx context.Context, log *weir.Logger, epochs int, step time.Duration, fresh bool) error {
	m := resume(log, fresh)
	if m.Epoch >= epochs {
		log.Info("trained already; -fresh begins anew", "epoch", m.Epoch, "loss", m.Loss)
		return nil
	}
	for m.Epoch < epochs {
		log.Divider(fmt.Sprintf("epoch %d of %d", m.Epoch+1, epochs))
		if err := m.epoch(ctx, log.Tagged("training"), step); err != nil {
			return fmt.Errorf("epoch %d: %w", m.Epoch+1, err)
		}
		m.Epoch++
		if err := save(ctx, log, m, epochs); err != nil {
			return err
		}
		validate(weir.Tag(ctx, "validation"), log, m)
	}
	return nil
}

// resume returns the model of the last start, or a new one.
func resume(log *weir.Logger, fresh bool) model {
	var m model
	if fresh {
		return m
	}
	saved := log.Load(checkpointName)
	if saved == nil {
		return m // Load has said why
	}
	if err := saved.Decode(&m); err != nil {
		log.Warn("the checkpoint is not one of this program; beginning anew", "error", err)
		return model{}
	}
	log.Info("resuming", "after_epoch", m.Epoch, "loss", m.Loss, "saved", saved.Saved)
	return m
}

// epoch trains for an epoch. The row of progress changes in place on the page; the
// loop may be as fast as it likes.
func (m *model) epoch(ctx context.Context, log *weir.Logger, step time.Duration) error {
	timer := log.StartTimer()
	for batch := range weir.Track(log, fmt.Sprintf("epoch %d", m.Epoch+1), batchesAnEpoch) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("batch %d: %w", batch, err)
		}
		m.learn(0.05)
		time.Sleep(step) // what a real model would need
	}
	timer.End(ctx, weir.LevelInfo, "epoch done", "loss", m.Loss)
	return nil
}

// learn takes one step towards y = 3x - 2 with some noise.
func (m *model) learn(rate float64) {
	var bySlope, byOffset, loss float64
	for range samplesPerBatch {
		x := rand.Float64()*2 - 1
		y := 3*x - 2 + rand.NormFloat64()*0.1
		miss := m.Slope*x + m.Offset - y
		bySlope += miss * x / samplesPerBatch
		byOffset += miss / samplesPerBatch
		loss += miss * miss / samplesPerBatch
	}
	m.Slope -= rate * bySlope
	m.Offset -= rate * byOffset
	m.Loss = math.Round(loss*1e5) / 1e5
}

func save(ctx context.Context, log *weir.Logger, m model, epochs int) error {
	c := weir.Checkpoint{Name: checkpointName, Status: weir.StatusInProgress, Progress: float64(100*m.Epoch) / float64(epochs), Data: m}
	if m.Epoch == epochs {
		c.Status = weir.StatusDone
	}
	// Save returns when the file would survive a loss of power, also after an interrupt.
	return log.Save(context.WithoutCancel(ctx), c)
}

// validate logs with the tag of its context; the caller keeps its own.
func validate(ctx context.Context, log *weir.Logger, m model) {
	miss := math.Hypot(m.Slope-3, m.Offset+2)
	log.InfoContext(ctx, "validated", "distance", math.Round(miss*1e3)/1e3)
	if miss > 1 {
		log.WarnContext(ctx, "still far from the truth", "slope", m.Slope, "offset", m.Offset)
	}
}
