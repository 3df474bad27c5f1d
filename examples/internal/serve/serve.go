// Package serve runs the HTTP server of an example until it is interrupted.
package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/adapter"
)

// closeTimeout is how long requests may take to end after the interrupt. It is longer
// than the slowest route of the examples.
const closeTimeout = 5 * time.Second

// headerTimeout keeps clients that send nothing from holding connections.
const headerTimeout = 10 * time.Second

// Run listens on an address, prints where, and serves until the interrupt key is
// pressed. What net/http itself has to say goes to the log.
func Run(log *weir.Logger, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w (choose another address with -listen)", err)
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, ErrorLog: adapter.StdLog(log.Named("http"), weir.LevelError)}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stop() // a second interrupt ends at once
	log.Info("shutting down")
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
