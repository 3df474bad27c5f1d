package weir

// Rounds is how often the worker has looked at the queue. The worker must be at
// rest (synctest.Wait).
func Rounds(l *Logger) uint64 { return l.node.core.worker.rounds }
