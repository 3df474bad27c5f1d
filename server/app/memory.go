package app

import (
	"os"
	"runtime/debug"
)

// gcPercent lets the heap grow to three times what is live before it is collected.
// Measured at 58,000 records a second: 20.7 to 23.5 CPU seconds a million records
// instead of 24.9 to 26.4, for 170 MB more.
const gcPercent = 200

// setGC sets how often memory is collected, unless the user has.
func setGC() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
