package dashboard

import (
	"net"
	"strconv"
)

// portTries are the ports tried, one after the other, before any free one will
// do: enough for the programs that one person runs at once.
const portTries = 20

// listen listens on the address; when its port is taken, on one of the next
// ports, and in the end on any. The error is the first one.
func listen(address string) (net.Listener, error) {
	listener, first := net.Listen("tcp", address)
	if first == nil {
		return listener, nil
	}
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return nil, first
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, first
	}
	for i := 1; i < portTries && port > 0 && port+i <= 65535; i++ {
		if listener, err = net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port+i))); err == nil {
			return listener, nil
		}
	}
	if listener, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err == nil {
		return listener, nil
	}
	return nil, first
}
