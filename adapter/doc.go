// Package adapter is the way in for code that logs with something else.
//
//   - [StdLog] is a standard *log.Logger that logs through Weir, as for
//     http.Server.ErrorLog; [NewLogWriter] takes what an existing one writes, as in
//     log.SetOutput.
//   - [NewJSONWriter] takes the JSON lines of zap, zerolog, logrus and others.
//
// Whoever uses log/slog needs none of them: weir.Logger.Slog and Handler are that.
//
// All that comes in goes through the logger's queue as its own records do: no call
// waits for a sink, and what is dropped is counted in the logger's Stats.
package adapter
