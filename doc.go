// Package weir is non-blocking structured logging.
//
// [New] makes a [Logger], which has the methods of slog.Logger; [Logger.Close]
// writes what is left. A log call copies its values into a bounded queue and
// returns; one goroutine, the worker, takes the records out and hands them on, and each
// sink has a goroutine that gives them to it: the console by default, files, the live
// page of package dashboard.
//
//	log := weir.New("shop")
//	defer log.Close()
//	log.Info("order placed", "order", 4711, "total", 12.5)
//
// For programs that use log/slog, [NewHandler] or [Logger.Handler] is the handler.
//
// A log call never panics, never ends the program (but for Exit), and never waits unless Overflow
// is Block or the logger is one of [Logger.Sync]. What is dropped is counted by reason
// in [Stats]. The package does not
// format, rotate or send anything itself: that is what sinks are for.
package weir
