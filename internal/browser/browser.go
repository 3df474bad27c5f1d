// Package browser opens a page in the user's browser, where there is one.
package browser

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
)

// Wanted reports whether opening a page makes sense here: a person at a screen,
// not a continuous-integration job, not a remote shell. getenv is os.Getenv
// outside tests.
func Wanted(goos string, getenv func(string) string) bool {
	if ci, err := strconv.ParseBool(getenv("CI")); err == nil && ci {
		return false
	}
	for _, name := range []string{"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"} {
		if getenv(name) != "" {
			return false
		}
	}
	switch goos {
	case "darwin", "windows":
		return true
	}
	return getenv("DISPLAY") != "" || getenv("WAYLAND_DISPLAY") != ""
}

// Open opens url when that is [Wanted]. It does not wait, and a browser that does
// not start is no error: the address has been printed.
func Open(url string) {
	if !Wanted(runtime.GOOS, os.Getenv) {
		return
	}
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	cmd := exec.Command(name, args...)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }() // nobody is left to tell
	}
}
