// Package port listens where a page is expected, or near it.
//
// [Listen] takes the next free port when one is taken, [URL] is what a browser on
// this machine opens.
package port

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// Tries is how many ports are tried, one after the other, before any free one
// will do: more programs than one person keeps apart.
const Tries = 20

// Listen listens on the address; when its port is taken, on one of the next ports,
// and in the end on any. The error is that of the address itself.
func Listen(address string) (net.Listener, error) {
	if err := Check(address); err != nil {
		return nil, err
	}
	listener, first := net.Listen("tcp", address)
	if first == nil {
		return listener, nil
	}
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, first
	}
	port, err := strconv.Atoi(text)
	if err != nil || port == 0 || !Taken(first) {
		return nil, first
	}
	for i := 1; i < Tries && port+i <= 65535; i++ {
		if listener, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+i))); err == nil {
			return listener, nil
		}
	}
	if listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, fmt.Errorf("%w; nor on any other port: %w", first, err)
	}
	return listener, nil
}

// Check refuses an address without a port: Go would take it for any port on all
// interfaces, and open to the network what was to be local.
func Check(address string) error {
	if _, number, err := net.SplitHostPort(address); err != nil || number == "" {
		return fmt.Errorf("%q is no address to listen on: it takes a host and a port, as 127.0.0.1:5678", address)
	}
	return nil
}

// AllInterfaces reports whether other machines can reach a listener by any address
// of this one.
func AllInterfaces(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsUnspecified()
}

// wsaeAddrInUse is EADDRINUSE on Windows, whose own number package syscall does not
// translate.
const wsaeAddrInUse = syscall.Errno(10048)

// Taken reports whether an error of listening means that somebody else does.
func Taken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaeAddrInUse)
}

// URL is the address to open: of a listener on all interfaces, the local one.
func URL(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + addr.String()
}
