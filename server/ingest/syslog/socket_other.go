//go:build !linux

package syslog

import "net"

// enlarge asks for a buffer of so many bytes. Whether the system gives them cannot be
// told here.
func enlarge(conn *net.UDPConn, bytes int) (got int, err error) {
	return bytes, conn.SetReadBuffer(bytes)
}

// controlSize: only Linux counts what it drops.
func controlSize() int { return 0 }

func droppedIn([]byte) (n uint32, ok bool) { return 0, false }
