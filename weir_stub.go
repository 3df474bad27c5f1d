package weir

// Logger is written in its own file soon.
type Logger struct{}
