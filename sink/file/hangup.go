package file

import (
	"os"
	"os/signal"
	"sync"
)

// hangup calls reopen at each SIGHUP. Its goroutine belongs to the sink and ends in
// stop.
type hangup struct {
	signals chan os.Signal
	quit    chan struct{} // closed by stop
	ended   sync.WaitGroup
}

func listenHangup(reopen func()) *hangup {
	h := &hangup{signals: make(chan os.Signal, 1), quit: make(chan struct{})}
	notifyHangup(h.signals)
	h.ended.Go(func() {
		for {
			select {
			case <-h.signals:
				reopen()
			case <-h.quit:
				return
			}
		}
	})
	return h
}

// stop is called once. When it returns reopen is not called any more.
func (h *hangup) stop() {
	signal.Stop(h.signals)
	close(h.quit)
	h.ended.Wait()
}
