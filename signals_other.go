//go:build !unix

package weir

import "os"

// controlCExit is STATUS_CONTROL_C_EXIT, with which Windows ends a program.
const controlCExit = -1073741510

// raise ends the program: a program cannot signal itself here.
func raise(os.Signal) { os.Exit(controlCExit) }
