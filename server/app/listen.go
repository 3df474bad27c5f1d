package app

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// portTries is how many ports after a taken one are tried before the system
// chooses one. Twenty servers side by side are more than a person keeps apart.
const portTries = 20

// listen opens the server's address. When it is taken and next is set, the next
// free port is used; else the error says who holds it.
func listen(address string, next bool) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	if !errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listen on %s: %w (give an address of this machine with --listen, as 127.0.0.1:5678)", address, err)
	}
	host, portText, splitErr := net.SplitHostPort(address)
	port, portErr := strconv.Atoi(portText)
	if !next || splitErr != nil || portErr != nil {
		return nil, fmt.Errorf("%s is taken%s: end that or choose another address with --listen", address, portHolder(portText))
	}
	for i := 1; i <= portTries; i++ {
		if l, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+i))); err == nil {
			return l, nil
		}
	}
	if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", host, err)
	}
	return l, nil
}

// pageURL is the address that a browser on this machine opens.
func pageURL(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return "http://" + a.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
