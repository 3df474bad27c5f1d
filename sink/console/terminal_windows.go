package console

import (
	"os"
	"syscall"
)

// enableVirtualTerminal is ENABLE_VIRTUAL_TERMINAL_PROCESSING of the console API.
const enableVirtualTerminal = 0x0004

// understandsEscapes turns the console's escape sequences on. Consoles before
// Windows 10 refuse; then there are no colours.
func understandsEscapes(f *os.File) bool {
	var mode uint32
	handle := syscall.Handle(f.Fd())
	if syscall.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	if mode&enableVirtualTerminal != 0 {
		return true
	}
	set := syscall.NewLazyDLL("kernel32.dll").NewProc("SetConsoleMode")
	ok, _, _ := set.Call(uintptr(handle), uintptr(mode|enableVirtualTerminal))
	return ok != 0
}
