package syslog

import (
	"encoding/binary"
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// enlarge asks for a buffer of so many bytes and returns how many there are. It asks
// for more than an unprivileged process may have first.
func enlarge(conn *net.UDPConn, bytes int) (got int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes) != nil {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
		}
		if failed == nil {
			got, failed = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF)
			got /= 2 // the kernel doubles it for its own needs
		}
		if failed == nil {
			failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
		}
	})
	return got, errors.Join(err, failed)
}

// controlSize is room for the kernel's count.
func controlSize() int { return unix.CmsgSpace(4) }

// droppedIn reads how many datagrams the kernel has dropped since the socket was
// opened.
func droppedIn(control []byte) (n uint32, ok bool) {
	if len(control) == 0 {
		return 0, false
	}
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0, false
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_RXQ_OVFL && len(m.Data) >= 4 {
			return binary.NativeEndian.Uint32(m.Data), true
		}
	}
	return 0, false
}
