package processor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/processor"
)

// TestRedactHostileTextsCostLittle: no text makes the work grow faster than its length.
func TestRedactHostileTextsCostLittle(t *testing.T) {
	p := redactor(t, processor.RedactOptions{Paths: true})
	const size = 1 << 20
	// A hundred times what such a text takes, and a hundredth of what the square of its
	// length would.
	const most = 5 * time.Second
	for _, piece := range []string{
		":", "=", "@", "a@", "://", "a://b:", "x://u@", "password:", "password: ", `"password":"`, `"password":{`, `password={"a":"\`, "--password ", `\`, `"`, `\"`,
		"1", "1 ", "4111 ", "4111-1111-", "eyJ", "eyJhbGciOiJIUzI1NiJ9.", "Bearer ", "bearer a1b2c3d4 ", "Basic ", "ghp_", "AKIA", "xoxb-", "-----BEGIN PRIVATE KEY",
		"-----BEGIN RSA PRIVATE KEY-----\n-----END ", "/", "/a", `C:\`, "\"/etc", "@tcp(", "a:b@tcp(", "token: token:", "cookie: ", "é@é.", "a.", "[", "{\"secret\":[",
	} {
		text := strings.Repeat(piece, size/len(piece))
		began := time.Now()
		one(t, p, info(text))
		if took := time.Since(began); took > most {
			t.Errorf("%q repeated to 1 MiB: %v", piece, took)
		} else if took > time.Second {
			t.Logf("%q repeated to 1 MiB: %v", piece, took)
		}
	}
}
