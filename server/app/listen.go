package app

import (
	"fmt"
	"net"

	"github.com/weirlog/weir/internal/port"
)

// listen opens the server's address. When it is taken and next is set, the next
// free port is used; else the error says who holds it.
func listen(address string, next bool) (l net.Listener, err error) {
	if next {
		l, err = port.Listen(address)
	} else {
		l, err = net.Listen("tcp", address)
	}
	switch {
	case err == nil:
		return l, nil
	case port.Taken(err):
		_, number, _ := net.SplitHostPort(address) // it was good enough to be found taken
		return nil, fmt.Errorf("%s is taken%s: end that or choose another address with --listen", address, portHolder(number))
	}
	return nil, fmt.Errorf("listen on %s: %w (give an address of this machine with --listen, as 127.0.0.1:5678)", address, err)
}
