package port

import (
	"net"
	"strings"
	"testing"
)

func TestListenTakesTheNextFreePort(t *testing.T) {
	first, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	second, err := Listen(first.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if first.Addr().String() == second.Addr().String() {
		t.Errorf("both listen on %s", first.Addr())
	}
	if _, err := net.Listen("tcp", first.Addr().String()); !Taken(err) {
		t.Errorf("a taken port gives %v", err)
	}
}

func TestListenTellsWhatIsWrong(t *testing.T) {
	for _, address := range []string{"192.0.2.1:5678", "127.0.0.1:http-nonsense", "no port", "", "127.0.0.1", "127.0.0.1:"} {
		if l, err := Listen(address); err == nil {
			l.Close()
			t.Errorf("listening on %q works", address)
		} else if Taken(err) {
			t.Errorf("%q counts as taken: %v", address, err)
		}
	}
}

func TestURL(t *testing.T) {
	for address, want := range map[string]string{"127.0.0.1:1": "http://127.0.0.1:1", "[::]:2": "http://127.0.0.1:2", "0.0.0.0:3": "http://127.0.0.1:3", "[::1]:4": "http://[::1]:4"} {
		addr, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if got := URL(addr); got != want {
			t.Errorf("%s: %s, want %s", strings.TrimSpace(address), got, want)
		}
	}
}
