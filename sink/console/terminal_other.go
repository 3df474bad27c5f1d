//go:build !windows

package console

import "os"

// understandsEscapes: every terminal does.
func understandsEscapes(*os.File) bool { return true }
